package ovopayments_test

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	ovopayments "ovo.payments/client"
	paymentsv1 "ovo.payments/contract/ovo/payments/v1"
)

// live connects to the running service that OVOPAY_SERVER names.
func live(t *testing.T) *ovopayments.Client {
	t.Helper()
	return connected(t, liveTarget(t), liveOptions(t, os.Getenv("OVOPAY_TOKEN"))...)
}

func liveTarget(t *testing.T) string {
	t.Helper()
	target := os.Getenv("OVOPAY_SERVER")
	if target == "" {
		t.Skip("OVOPAY_SERVER names no running service")
	}
	return target
}

// liveOptions speak TLS where OVOPAY_TLS_CA names the authority to trust.
func liveOptions(t *testing.T, token string) []ovopayments.Option {
	t.Helper()
	var options []ovopayments.Option
	if authority := os.Getenv("OVOPAY_TLS_CA"); authority != "" {
		config, err := ovopayments.TLSFromFiles(authority, "", "")
		if err != nil {
			t.Fatal(err)
		}
		options = append(options, ovopayments.WithTLS(config))
	}
	if token != "" {
		options = append(options, ovopayments.WithToken(token))
	}
	return options
}

func chargeRequest(what string) *paymentsv1.ChargeRequest {
	id := fmt.Sprintf("%s-%d", what, time.Now().UnixNano())
	return &paymentsv1.ChargeRequest{
		RequestId: id, OrderId: id, PhoneNumber: "081234567890", Amount: ovopayments.Rupiah(15_000),
	}
}

// One request id is one payment, however often and at once it is asked for; the watch shows it whole.
func TestLiveOneRequestIsOnePayment(t *testing.T) {
	client, request := live(t), chargeRequest("once")
	var group sync.WaitGroup
	ids := make([]string, 8)
	for index := range ids {
		group.Add(1)
		go func() {
			defer group.Done()
			answer, err := client.Charge(soon(t), request)
			if err != nil {
				t.Error(err)
				return
			}
			ids[index] = answer.Payment.PaymentId
		}()
	}
	group.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("payments %v", ids)
		}
	}
	watched, next := ovopayments.PaymentOf(ids[0]), int64(1)
	watched.AfterVersion = proto.Int64(0)
	for payment, err := range client.Watch(soon(t), watched) {
		if err != nil {
			t.Fatal(err)
		}
		if payment.Version != next {
			t.Errorf("version %d came as number %d", payment.Version, next)
		}
		next++
		if payment.State == paymentsv1.Payment_STATE_SUCCEEDED {
			return
		}
	}
	t.Error("the payment did not succeed")
}

// The service's refusals carry their reasons and facts.
func TestLiveRefusals(t *testing.T) {
	client, request := live(t), chargeRequest("refusals")
	charged, err := client.Charge(soon(t), request)
	if err != nil {
		t.Fatal(err)
	}
	id := charged.Payment.PaymentId
	other := proto.Clone(request).(*paymentsv1.ChargeRequest)
	other.Amount = ovopayments.Rupiah(16_000)
	expectRefusal(t, "REQUEST_ID_REUSED", id, chargeError(t, client, other))
	other = proto.Clone(request).(*paymentsv1.ChargeRequest)
	other.RequestId += "-again"
	expectRefusal(t, "ORDER_ALREADY_PAID", id, chargeError(t, client, other))
	_, err = client.GetStatus(soon(t), &paymentsv1.GetStatusRequest{Subject: &paymentsv1.GetStatusRequest_PaymentId{PaymentId: "none"}})
	expectRefusal(t, "PAYMENT_NOT_FOUND", "none", err)
	beyond := ovopayments.PaymentOf(id)
	beyond.AfterVersion = proto.Int64(1_000)
	for _, err := range client.Watch(soon(t), beyond) {
		expectRefusal(t, "VERSION_OUT_OF_RANGE", "", err)
	}
}

// A token that the service does not know is refused with a reason, and so is a watch.
func TestLiveAWrongTokenIsRefused(t *testing.T) {
	client := connected(t, liveTarget(t), liveOptions(t, "ovo_nobody")...)
	expectRefusal(t, "UNAUTHENTICATED", "", chargeError(t, client, chargeRequest("nobody")))
	for _, err := range client.Watch(soon(t), ovopayments.PaymentOf("none")) {
		expectRefusal(t, "UNAUTHENTICATED", "", err)
	}
}

func chargeError(t *testing.T, client *ovopayments.Client, request *paymentsv1.ChargeRequest) error {
	t.Helper()
	_, err := client.Charge(soon(t), request)
	return err
}

func expectRefusal(t *testing.T, reason, paymentID string, err error) {
	t.Helper()
	var refused *ovopayments.Error
	if !errors.As(err, &refused) || refused.Reason != reason || refused.Metadata["payment_id"] != paymentID || refused.Retryable() {
		t.Errorf("expected %s of %q, got %#v", reason, paymentID, err)
	}
}
