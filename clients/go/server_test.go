package ovopayments_test

import (
	"context"
	"net"
	"testing"
	"time"

	"google.golang.org/grpc"
	ovopayments "ovo.payments/client"
	paymentsv1 "ovo.payments/contract/ovo/payments/v1"
)

// service answers as its functions say; a real server on a real socket.
type service struct {
	paymentsv1.UnimplementedOvoPaymentsServer
	charge func(context.Context, *paymentsv1.ChargeRequest) (*paymentsv1.ChargeResponse, error)
	watch  func(*paymentsv1.WatchPaymentRequest, grpc.ServerStreamingServer[paymentsv1.WatchPaymentResponse]) error
	all    func(*paymentsv1.WatchPaymentsRequest, grpc.ServerStreamingServer[paymentsv1.WatchPaymentsResponse]) error
}

func (s *service) Charge(ctx context.Context, request *paymentsv1.ChargeRequest) (*paymentsv1.ChargeResponse, error) {
	return s.charge(ctx, request)
}

func (s *service) WatchPayment(request *paymentsv1.WatchPaymentRequest, stream grpc.ServerStreamingServer[paymentsv1.WatchPaymentResponse]) error {
	return s.watch(request, stream)
}

func (s *service) WatchPayments(request *paymentsv1.WatchPaymentsRequest, stream grpc.ServerStreamingServer[paymentsv1.WatchPaymentsResponse]) error {
	return s.all(request, stream)
}

// serve starts the service and tells its address.
func serve(t *testing.T, running *service, options ...grpc.ServerOption) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(options...)
	paymentsv1.RegisterOvoPaymentsServer(server, running)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

// connected makes a client that the test closes.
func connected(t *testing.T, target string, options ...ovopayments.Option) *ovopayments.Client {
	t.Helper()
	client, err := ovopayments.Connect(target, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// soon ends what should have ended long before.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}
