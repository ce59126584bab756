package ovopayments_test

import (
	"context"
	"path"
	"reflect"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	ovopayments "ovo.payments/client"
	paymentsv1 "ovo.payments/contract/ovo/payments/v1"
)

// A call whose context has no deadline gets the client's; one that has keeps its own.
func TestEveryCallHasADeadline(t *testing.T) {
	left := make(chan time.Duration, 1)
	target := serve(t, &service{charge: func(ctx context.Context, _ *paymentsv1.ChargeRequest) (*paymentsv1.ChargeResponse, error) {
		deadline, set := ctx.Deadline()
		if !set {
			return nil, status.Error(codes.Internal, "no deadline")
		}
		left <- time.Until(deadline)
		return &paymentsv1.ChargeResponse{}, nil
	}})
	client := connected(t, target, ovopayments.WithDeadline(40*time.Second))
	if _, err := client.Charge(context.Background(), &paymentsv1.ChargeRequest{}); err != nil {
		t.Fatal(err)
	}
	if got := <-left; got < 35*time.Second || got > 40*time.Second {
		t.Errorf("the service sees %v", got)
	}
	short, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := client.Charge(short, &paymentsv1.ChargeRequest{}); err != nil {
		t.Fatal(err)
	}
	if got := <-left; got > 10*time.Second {
		t.Errorf("the service sees %v", got)
	}
}

// UNAVAILABLE is tried again, with the same request id, four times in all.
func TestUnavailableIsTriedAgain(t *testing.T) {
	var asked []string
	target := serve(t, &service{charge: func(_ context.Context, request *paymentsv1.ChargeRequest) (*paymentsv1.ChargeResponse, error) {
		asked = append(asked, request.RequestId)
		if len(asked) < 4 {
			return nil, status.Error(codes.Unavailable, "not now")
		}
		return &paymentsv1.ChargeResponse{Replayed: true}, nil
	}})
	answer, err := connected(t, target).Charge(soon(t), &paymentsv1.ChargeRequest{RequestId: "request-1"})
	if err != nil || !answer.Replayed {
		t.Fatal(answer, err)
	}
	for _, id := range asked {
		if id != "request-1" {
			t.Errorf("asked for %v", asked)
		}
	}
}

// Every call, of reading and of money alike, is tried again and has a deadline; also one that is new.
func TestEveryCallIsTriedAgainWithinADeadline(t *testing.T) {
	asked := map[string]int{}
	once := func(ctx context.Context, _ any, call *grpc.UnaryServerInfo, _ grpc.UnaryHandler) (any, error) {
		if _, set := ctx.Deadline(); !set {
			return nil, status.Error(codes.Internal, "no deadline")
		}
		asked[path.Base(call.FullMethod)]++
		if asked[path.Base(call.FullMethod)] == 1 {
			return nil, status.Error(codes.Unavailable, "not now")
		}
		return nil, status.Error(codes.NotFound, "asked again")
	}
	client := connected(t, serve(t, &service{}, grpc.UnaryInterceptor(once)))
	for _, method := range paymentsv1.OvoPayments_ServiceDesc.Methods {
		call := reflect.ValueOf(client).MethodByName(method.MethodName)
		request := reflect.New(call.Type().In(1).Elem())
		answers := call.Call([]reflect.Value{reflect.ValueOf(context.Background()), request})
		if err, _ := answers[1].Interface().(error); status.Code(err) != codes.NotFound || asked[method.MethodName] != 2 {
			t.Errorf("%s: asked %d times, %v", method.MethodName, asked[method.MethodName], err)
		}
	}
}

// Nothing is hedged: no second attempt is sent beside one that is on its way.
func TestASlowAnswerIsWaitedFor(t *testing.T) {
	var calls atomic.Int32
	target := serve(t, &service{charge: func(ctx context.Context, _ *paymentsv1.ChargeRequest) (*paymentsv1.ChargeResponse, error) {
		calls.Add(1)
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if _, err := connected(t, target).Charge(ctx, &paymentsv1.ChargeRequest{}); err == nil || calls.Load() != 1 {
		t.Errorf("%d calls, %v", calls.Load(), err)
	}
}

// Nothing else is: a no stays a no, and is told at once.
func TestNothingElseIsTriedAgain(t *testing.T) {
	for _, code := range []codes.Code{codes.AlreadyExists, codes.Internal, codes.ResourceExhausted, codes.DeadlineExceeded} {
		calls := 0
		target := serve(t, &service{charge: func(context.Context, *paymentsv1.ChargeRequest) (*paymentsv1.ChargeResponse, error) {
			calls++
			return nil, status.Error(code, "no")
		}})
		if _, err := connected(t, target).Charge(soon(t), &paymentsv1.ChargeRequest{}); err == nil || calls != 1 {
			t.Errorf("%v: %d calls, %v", code, calls, err)
		}
	}
}
