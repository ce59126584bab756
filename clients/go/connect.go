// Package ovopayments takes OVO wallet payments through an OvoPayments service.
//
//	client, err := ovopayments.Connect("127.0.0.1:50051")
//	charged, err := client.Charge(ctx, &paymentsv1.ChargeRequest{
//		RequestId: requestID, OrderId: "order-1", PhoneNumber: "081234567890", Amount: ovopayments.Rupiah(15_000),
//	})
//	for payment, err := range client.Watch(ctx, ovopayments.PaymentOf(charged.Payment.PaymentId)) { … }
package ovopayments

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	paymentsv1 "ovo.payments/contract/ovo/payments/v1"
)

// Version is the client's own, as its user agent tells it.
const Version = "0.1.0"

// DefaultDeadline bounds each unary call whose context has no deadline.
const DefaultDeadline = 30 * time.Second

// Client has a method for each RPC, and watches that go on over broken connections.
//
// One client serves a whole program; its methods may be called from any goroutine.
type Client struct {
	paymentsv1.OvoPaymentsClient
	connection *grpc.ClientConn
	backoff    Backoff
}

// Option says how a client connects.
type Option func(*options)

type options struct {
	tls               *tls.Config
	token             Token
	allowTokenInClear bool
	deadline          time.Duration
	backoff           Backoff
}

// WithTLS speaks TLS; TLSFromFiles reads a configuration, an empty one trusts the machine's authorities.
func WithTLS(config *tls.Config) Option {
	return func(o *options) { o.tls = config }
}

// WithToken names the caller in each call.
func WithToken(token string) Option {
	return WithTokenFrom(func(context.Context) (string, error) { return token, nil })
}

// WithTokenFrom asks for the caller's token at each call.
func WithTokenFrom(token Token) Option {
	return func(o *options) { o.token = token }
}

// AllowTokenInClear sends the token without TLS to another machine: something else seals the connection.
func AllowTokenInClear() Option {
	return func(o *options) { o.allowTokenInClear = true }
}

// WithDeadline replaces DefaultDeadline.
func WithDeadline(deadline time.Duration) Option {
	return func(o *options) { o.deadline = deadline }
}

// WithBackoff says how watches wait before they connect again.
func WithBackoff(backoff Backoff) Option {
	return func(o *options) { o.backoff = backoff.orDefault() }
}

// Connect makes a client; the connection itself is made with the first call.
func Connect(target string, settings ...Option) (*Client, error) {
	chosen := options{deadline: DefaultDeadline, backoff: DefaultBackoff}
	for _, set := range settings {
		set(&chosen)
	}
	transport := insecure.NewCredentials()
	if chosen.tls != nil {
		transport = credentials.NewTLS(chosen.tls)
	}
	dial := []grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithUserAgent("ovo-payments-client-go/" + Version),
		grpc.WithUnaryInterceptor(unary(chosen.deadline)),
		// A ping every half minute while a call is open; the service takes one in 10 s.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 10 * time.Second}),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 250 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 5 * time.Second},
			MinConnectTimeout: 5 * time.Second,
		}),
	}
	if chosen.token != nil {
		inClear := chosen.tls == nil
		if inClear && !chosen.allowTokenInClear && !staysOnThisMachine(target) {
			return nil, fmt.Errorf("the token would travel to %s in clear: use WithTLS, "+
				"or AllowTokenInClear where something else seals the connection", target)
		}
		dial = append(dial, grpc.WithPerRPCCredentials(bearer{token: chosen.token, inClear: inClear}))
	}
	connection, err := grpc.NewClient(target, dial...)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", target, err)
	}
	return &Client{
		OvoPaymentsClient: paymentsv1.NewOvoPaymentsClient(connection),
		connection:        connection,
		backoff:           chosen.backoff,
	}, nil
}

// Close ends the connection, and every call that is on it.
func (c *Client) Close() error {
	return c.connection.Close()
}
