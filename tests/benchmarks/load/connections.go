package main

import (
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// raw passes messages as the bytes that they are.
type raw struct{}

func (raw) Marshal(message any) ([]byte, error) {
	body, ok := message.(*[]byte)
	if !ok {
		return nil, fmt.Errorf("not bytes: %T", message)
	}
	return *body, nil
}

func (raw) Unmarshal(data []byte, message any) error {
	body, ok := message.(*[]byte)
	if !ok {
		return fmt.Errorf("not bytes: %T", message)
	}
	// The library uses its buffer again.
	*body = append((*body)[:0], data...)
	return nil
}

func (raw) Name() string { return "proto" }

// dial makes connections to a server without TLS.
func dial(target string, count int) ([]*grpc.ClientConn, error) {
	connections := make([]*grpc.ClientConn, count)
	for index := range connections {
		connection, err := grpc.NewClient(
			"passthrough:///"+target,
			grpc.WithTransportCredentials(insecure.NewCredentials()),
			grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{})),
			grpc.WithNoProxy(),
			grpc.WithDisableRetry(),
		)
		if err != nil {
			return nil, err
		}
		connections[index] = connection
	}
	return connections, nil
}
