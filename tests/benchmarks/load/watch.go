package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc"
)

const (
	// update is the first byte of a message that tells of a payment; heartbeats begin otherwise.
	update        = 0x0a
	streamTimeout = 60 * time.Second
	openersCount  = 64
)

var (
	watchedMethod = &grpc.StreamDesc{ServerStreams: true}
	errNoStream   = errors.New("a stream ended before its update came")
)

// watch opens many streams, tells when all are open, and then when an update came to each.
// Some are silent: they open and never read.
func watch(arguments []string) error {
	var asked requests
	set := flag.NewFlagSet("watch", flag.ExitOnError)
	asked.flags(set)
	target := set.String("target", "", "host:port")
	method := set.String("method", "", "/package.Service/Method")
	count := set.Int("count", 1, "how many streams")
	silentEvery := set.Int("silent-every", 0, "which one never reads: every tenth for 10, none for 0")
	connectionCount := set.Int("connections", 4, "over how many connections")
	if err := set.Parse(arguments); err != nil {
		return err
	}
	connections, err := dial(*target, *connectionCount)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), streamTimeout)
	defer cancel()
	began := time.Now()
	streams, err := openAll(*count, func(number int) (*watcher, error) {
		connection := connections[number%len(connections)]
		silent := *silentEvery > 0 && number%*silentEvery == 0
		return open(ctx, connection, *method, asked.make(), silent)
	})
	if err != nil {
		return err
	}
	if err := tell(map[string]float64{"opened_s": time.Since(began).Seconds()}); err != nil {
		return err
	}
	received := make([]int64, 0, *count)
	for _, stream := range streams {
		if stream.silent {
			continue
		}
		moment := <-stream.updated
		if moment.err != nil {
			return moment.err
		}
		received = append(received, moment.at.UnixNano())
	}
	return tell(map[string][]int64{"received_ns": received})
}

// watcher is an open stream, and the moment at which its update comes.
type watcher struct {
	silent  bool
	updated chan moment
}

type moment struct {
	at  time.Time
	err error
}

// openAll opens streams, several at a time; each is open before the same opener begins another.
func openAll(count int, openOne func(number int) (*watcher, error)) ([]*watcher, error) {
	streams := make([]*watcher, count)
	failures := make(chan error, openersCount)
	var running sync.WaitGroup
	for opener := range openersCount {
		running.Add(1)
		go func() {
			defer running.Done()
			for number := opener; number < count && len(failures) == 0; number += openersCount {
				stream, err := openOne(number)
				if err != nil {
					failures <- fmt.Errorf("a stream did not open: %w", err)
					return
				}
				streams[number] = stream
			}
		}()
	}
	running.Wait()
	select {
	case err := <-failures:
		return nil, err
	default:
		return streams, nil
	}
}

// open begins a stream and waits for its first message, or for its headers where it is silent.
func open(ctx context.Context, connection *grpc.ClientConn, method string, request []byte, silent bool) (*watcher, error) {
	stream, err := connection.NewStream(ctx, watchedMethod, method, grpc.WaitForReady(true))
	if err != nil {
		return nil, err
	}
	if err := stream.SendMsg(&request); err != nil {
		return nil, err
	}
	if err := stream.CloseSend(); err != nil {
		return nil, err
	}
	opened := &watcher{silent: silent, updated: make(chan moment, 1)}
	if silent {
		_, err := stream.Header()
		return opened, err
	}
	var snapshot []byte
	if err := stream.RecvMsg(&snapshot); err != nil {
		return nil, err
	}
	go func() { opened.updated <- next(stream) }()
	return opened, nil
}

// next waits for the next update.
func next(stream grpc.ClientStream) moment {
	var message []byte
	for {
		if err := stream.RecvMsg(&message); err != nil {
			return moment{err: fmt.Errorf("%w: %w", errNoStream, err)}
		}
		if len(message) > 0 && message[0] == update {
			return moment{at: time.Now()}
		}
	}
}
