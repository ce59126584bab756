package ovopayments

import (
	"context"
	"time"

	"google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// Every unary call is safe to repeat: it reads, or it carries a request id, or doing it twice is doing it once
// (Unbind). Watches connect again by themselves. While more than half of the throttle's tokens are there calls
// are retried; a failure costs one, a success gives a tenth back.
const serviceConfig = `{
  "methodConfig": [{
    "name": [
      {"service": "ovo.payments.v1.OvoPayments", "method": "Bind"},
      {"service": "ovo.payments.v1.OvoPayments", "method": "Unbind"},
      {"service": "ovo.payments.v1.OvoPayments", "method": "Balance"},
      {"service": "ovo.payments.v1.OvoPayments", "method": "Pay"},
      {"service": "ovo.payments.v1.OvoPayments", "method": "Charge"},
      {"service": "ovo.payments.v1.OvoPayments", "method": "Refund"},
      {"service": "ovo.payments.v1.OvoPayments", "method": "GetStatus"}
    ],
    "retryPolicy": {
      "maxAttempts": 4,
      "initialBackoff": "0.2s",
      "maxBackoff": "2s",
      "backoffMultiplier": 2,
      "retryableStatusCodes": ["UNAVAILABLE"]
    }
  }],
  "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.1}
}`

// Rupiah is an amount of whole rupiah.
func Rupiah(amount int64) *money.Money {
	return &money.Money{CurrencyCode: "IDR", Units: amount}
}

// unary gives each call a deadline, and turns its error into an *Error.
func unary(deadline time.Duration) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, request, answer any, connection *grpc.ClientConn, invoke grpc.UnaryInvoker, settings ...grpc.CallOption) error {
		if _, set := ctx.Deadline(); !set {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, deadline)
			defer cancel()
		}
		var trailer metadata.MD
		err := invoke(ctx, method, request, answer, connection, append(settings, grpc.Trailer(&trailer))...)
		if err == nil {
			return nil
		}
		return decodeError(err, trailer)
	}
}
