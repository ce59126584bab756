package ovopayments

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	paymentsv1 "ovo.payments/contract/ovo/payments/v1"
)

// Backoff is how long a watch waits before it connects again.
//
// The delay doubles from First to Max; of each a random share is waited, so that not all watchers return at
// once. A connection whose heartbeat is later than HeartbeatLate counts as dead, though nothing tells that it
// broke. What is zero is as in DefaultBackoff.
type Backoff struct {
	First, Max, HeartbeatLate time.Duration
	// OnInterruption hears of each broken connection, where set.
	OnInterruption func(err *Error, attempt int, delay time.Duration)
}

// DefaultBackoff never gives up; a context ends a watch.
var DefaultBackoff = Backoff{First: 200 * time.Millisecond, Max: 10 * time.Second, HeartbeatLate: 5 * time.Second}

const heartbeatInterval = 15 * time.Second

func (b Backoff) orDefault() Backoff {
	b.First = cmp.Or(b.First, DefaultBackoff.First)
	b.Max = cmp.Or(b.Max, DefaultBackoff.Max)
	b.HeartbeatLate = cmp.Or(b.HeartbeatLate, DefaultBackoff.HeartbeatLate)
	return b
}

func (b Backoff) delay(err *Error, attempt int) time.Duration {
	// As a float, which does not overflow.
	ceiling := min(float64(b.Max), float64(b.First)*math.Exp2(float64(attempt-1)))
	// The service asks the same of all: without the random share they would return as one.
	return err.RetryDelay + time.Duration(rand.Float64()*ceiling)
}

// PaymentOf asks for a payment as it stands and for every version that follows.
//
// Set AfterVersion for every version above one that was seen; 0 is the whole history.
func PaymentOf(paymentID string) *paymentsv1.WatchPaymentRequest {
	return &paymentsv1.WatchPaymentRequest{Subject: &paymentsv1.WatchPaymentRequest_PaymentId{PaymentId: paymentID}}
}

// Watch yields each version of a payment once, in order, to the last; then the loop ends.
//
// A connection that breaks is made anew from the last version seen, without end. The loop ends with an error
// where the call can't succeed, or with the context's. Leaving it never cancels the payment.
func (c *Client) Watch(ctx context.Context, request *paymentsv1.WatchPaymentRequest) iter.Seq2[*paymentsv1.Payment, error] {
	asked := proto.Clone(request).(*paymentsv1.WatchPaymentRequest)
	if asked.HeartbeatInterval == nil {
		asked.HeartbeatInterval = durationpb.New(heartbeatInterval)
	}
	return follow(ctx, c.backoff, following[paymentsv1.WatchPaymentResponse, *paymentsv1.Payment]{
		patience: asked.HeartbeatInterval.AsDuration() + c.backoff.HeartbeatLate,
		open: func(ctx context.Context) (grpc.ServerStreamingClient[paymentsv1.WatchPaymentResponse], error) {
			return c.WatchPayment(ctx, asked)
		},
		take: func(message *paymentsv1.WatchPaymentResponse) (*paymentsv1.Payment, bool) {
			payment := message.GetPayment()
			if payment == nil || payment.Version <= asked.GetAfterVersion() {
				return nil, false
			}
			asked.AfterVersion = proto.Int64(payment.Version)
			return payment, true
		},
	})
}

// WatchAll yields every change of every payment of the caller, in one order, without end.
//
// Each message has a cursor: store it with what you made of the message, and begin with it again. Where its
// payment is nil nothing changed, and the cursor counts all the same.
func (c *Client) WatchAll(ctx context.Context, request *paymentsv1.WatchPaymentsRequest) iter.Seq2[*paymentsv1.WatchPaymentsResponse, error] {
	asked := proto.Clone(request).(*paymentsv1.WatchPaymentsRequest)
	if asked.HeartbeatInterval == nil {
		asked.HeartbeatInterval = durationpb.New(heartbeatInterval)
	}
	return follow(ctx, c.backoff, following[paymentsv1.WatchPaymentsResponse, *paymentsv1.WatchPaymentsResponse]{
		patience: asked.HeartbeatInterval.AsDuration() + c.backoff.HeartbeatLate,
		open: func(ctx context.Context) (grpc.ServerStreamingClient[paymentsv1.WatchPaymentsResponse], error) {
			return c.WatchPayments(ctx, asked)
		},
		take: func(message *paymentsv1.WatchPaymentsResponse) (*paymentsv1.WatchPaymentsResponse, bool) {
			asked.Cursor, asked.FromNow = message.Cursor, false
			return message, true
		},
	})
}

// following is a stream that goes on over broken connections, from wherever it stood.
type following[Message, Event any] struct {
	patience time.Duration
	// open asks for what comes after the place where it stands.
	open func(context.Context) (grpc.ServerStreamingClient[Message], error)
	// take notes the place after a message, and gives what the caller has not seen yet.
	take func(*Message) (Event, bool)
}

// follow yields what comes, and connects again where a connection broke.
func follow[Message, Event any](ctx context.Context, backoff Backoff, stream following[Message, Event]) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		var nothing Event
		attempt := 0
		for {
			err := stream.once(ctx, func(event Event) bool {
				attempt = 0
				return yield(event, nil)
			})
			if err == nil {
				return
			}
			if ctx.Err() != nil {
				yield(nothing, context.Cause(ctx))
				return
			}
			if !err.Retryable() {
				yield(nothing, err)
				return
			}
			attempt++
			delay := backoff.delay(err, attempt)
			if backoff.OnInterruption != nil {
				backoff.OnInterruption(err, attempt, delay)
			}
			select {
			case <-ctx.Done():
				yield(nothing, context.Cause(ctx))
				return
			case <-time.After(delay):
			}
		}
	}
}

// once yields what one stream brings; nil where the service ended it with OK, or the caller left.
func (f following[Message, Event]) once(parent context.Context, yield func(Event) bool) *Error {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	silence := fmt.Errorf("nothing arrived for %v, not even a heartbeat", f.patience)
	alarm := time.AfterFunc(f.patience, func() { cancel(silence) })
	defer alarm.Stop()
	stream, err := f.open(ctx)
	for err == nil {
		var message *Message
		if message, err = stream.Recv(); err != nil {
			break
		}
		// Stopped meanwhile: the time that the caller takes is not the service's.
		alarm.Stop()
		if event, news := f.take(message); news && !yield(event) {
			return nil
		}
		alarm.Reset(f.patience)
	}
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.Is(context.Cause(ctx), silence):
		return decodeError(status.Error(codes.DeadlineExceeded, silence.Error()), nil)
	case stream == nil:
		return decodeError(err, nil)
	default:
		return decodeError(err, stream.Trailer())
	}
}
