package ovopayments_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	ovopayments "ovo.payments/client"
	paymentsv1 "ovo.payments/contract/ovo/payments/v1"
)

var quick = ovopayments.Backoff{First: time.Millisecond, Max: time.Millisecond, HeartbeatLate: 100 * time.Millisecond}

type watchStream = grpc.ServerStreamingServer[paymentsv1.WatchPaymentResponse]

func version(number int64) *paymentsv1.WatchPaymentResponse {
	return &paymentsv1.WatchPaymentResponse{Event: &paymentsv1.WatchPaymentResponse_Payment{
		Payment: &paymentsv1.Payment{Version: number},
	}}
}

// breaking serves each watch with the next of the streams, and notes from where it was asked to go on.
func breaking(from *[]int64, streams ...func(watchStream) error) *service {
	return &service{watch: func(request *paymentsv1.WatchPaymentRequest, stream watchStream) error {
		*from = append(*from, request.GetAfterVersion())
		return streams[len(*from)-1](stream)
	}}
}

func sending(end error, versions ...int64) func(watchStream) error {
	return func(stream watchStream) error {
		for _, number := range versions {
			if err := stream.Send(version(number)); err != nil {
				return err
			}
		}
		return end
	}
}

// A watch goes on from the last version over broken streams; each version comes once; it ends with the payment.
func TestAWatchResumesFromTheLastVersion(t *testing.T) {
	var from []int64
	broken := status.Error(codes.Unavailable, "cut")
	target := serve(t, breaking(&from, sending(broken, 1, 2), sending(broken), sending(broken, 2, 3), sending(nil, 4)))
	backoff := quick
	interruptions := 0
	backoff.OnInterruption = func(*ovopayments.Error, int, time.Duration) { interruptions++ }
	client := connected(t, target, ovopayments.WithBackoff(backoff))
	var seen []int64
	for payment, err := range client.Watch(soon(t), ovopayments.PaymentOf("pay_1")) {
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, payment.Version)
	}
	if !slices.Equal(seen, []int64{1, 2, 3, 4}) || !slices.Equal(from, []int64{0, 2, 2, 3}) || interruptions != 3 {
		t.Errorf("saw %v, asked from %v, %d interruptions", seen, from, interruptions)
	}
}

// Who sets only what hears of interruptions waits as everybody does.
func TestABackoffOfNothingIsTheDefault(t *testing.T) {
	var from []int64
	target := serve(t, breaking(&from, sending(status.Error(codes.Unavailable, "cut")), sending(nil, 1)))
	var waited time.Duration
	backoff := ovopayments.Backoff{OnInterruption: func(_ *ovopayments.Error, _ int, delay time.Duration) { waited += delay }}
	for _, err := range connected(t, target, ovopayments.WithBackoff(backoff)).Watch(soon(t), ovopayments.PaymentOf("pay_1")) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if waited <= 0 || waited > ovopayments.DefaultBackoff.First {
		t.Errorf("waited %v", waited)
	}
}

// However often a watch was interrupted, its wait is no longer than the longest, and never less than nothing.
func TestAWaitStaysWithinItsBounds(t *testing.T) {
	var from []int64
	var streams []func(watchStream) error
	for range 40 {
		streams = append(streams, sending(status.Error(codes.Unavailable, "cut")))
	}
	target := serve(t, breaking(&from, append(streams, sending(nil, 1))...))
	backoff := ovopayments.Backoff{First: time.Hour, Max: time.Millisecond}
	backoff.OnInterruption = func(_ *ovopayments.Error, attempt int, delay time.Duration) {
		if delay < 0 || delay > time.Millisecond {
			t.Errorf("after attempt %d it waits %v", attempt, delay)
		}
	}
	for _, err := range connected(t, target, ovopayments.WithBackoff(backoff)).Watch(soon(t), ovopayments.PaymentOf("pay_1")) {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A stream on which not even a heartbeat comes is left.
func TestASilentStreamIsLeft(t *testing.T) {
	var from []int64
	target := serve(t, breaking(&from, func(stream watchStream) error {
		if err := stream.Send(version(1)); err != nil {
			return err
		}
		<-stream.Context().Done()
		return nil
	}, sending(nil, 2)))
	request := ovopayments.PaymentOf("pay_1")
	request.HeartbeatInterval = durationpb.New(2 * time.Second)
	var seen []int64
	for payment, err := range connected(t, target, ovopayments.WithBackoff(quick)).Watch(soon(t), request) {
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, payment.Version)
	}
	if !slices.Equal(seen, []int64{1, 2}) {
		t.Errorf("saw %v", seen)
	}
}

// What repeating can't change ends the watch with its error.
func TestARefusedWatchEnds(t *testing.T) {
	var from []int64
	target := serve(t, breaking(&from, sending(status.Error(codes.NotFound, "no such payment"))))
	var ended error
	for _, err := range connected(t, target).Watch(soon(t), ovopayments.PaymentOf("pay_1")) {
		ended = err
	}
	var refused *ovopayments.Error
	if !errors.As(ended, &refused) || refused.Code != codes.NotFound || len(from) != 1 {
		t.Errorf("ended with %v after %d streams", ended, len(from))
	}
}

// The program's own context ends a watch, also while it waits.
func TestAContextEndsAWatch(t *testing.T) {
	target := serve(t, &service{watch: func(*paymentsv1.WatchPaymentRequest, watchStream) error {
		return status.Error(codes.Unavailable, "not now")
	}})
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	patient := ovopayments.Backoff{First: time.Hour, Max: time.Hour, HeartbeatLate: time.Hour}
	var ended error
	for _, err := range connected(t, target, ovopayments.WithBackoff(patient)).Watch(ctx, ovopayments.PaymentOf("pay_1")) {
		ended = err
	}
	if !errors.Is(ended, context.DeadlineExceeded) {
		t.Errorf("ended with %v", ended)
	}
}

// The stream of all payments goes on from the last cursor.
func TestAllPaymentsResumeFromTheLastCursor(t *testing.T) {
	var cursors []string
	target := serve(t, &service{all: func(request *paymentsv1.WatchPaymentsRequest, stream grpc.ServerStreamingServer[paymentsv1.WatchPaymentsResponse]) error {
		cursors = append(cursors, request.Cursor)
		if len(cursors) == 2 && request.FromNow {
			return status.Error(codes.InvalidArgument, "from now, with a cursor")
		}
		next := map[string]string{"": "a", "a": "b"}[request.Cursor]
		if err := stream.Send(&paymentsv1.WatchPaymentsResponse{Cursor: next}); err != nil {
			return err
		}
		return status.Error(codes.Unavailable, "cut")
	}})
	client := connected(t, target, ovopayments.WithBackoff(quick))
	for change, err := range client.WatchAll(soon(t), &paymentsv1.WatchPaymentsRequest{FromNow: true}) {
		if err != nil {
			t.Fatal(err)
		}
		if change.Cursor == "b" {
			break
		}
	}
	if !slices.Equal(cursors, []string{"", "a"}) {
		t.Errorf("asked from %q", cursors)
	}
}
