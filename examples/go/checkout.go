// A checkout, as in `go run . 081234567890`: takes an order's money by a push to the OVO app, or says why not.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/google/uuid"
	ovopayments "ovo.payments/client"
	paymentsv1 "ovo.payments/contract/ovo/payments/v1"
)

func main() {
	client, err := ovopayments.Connect(cmp.Or(os.Getenv("OVOPAY_SERVER"), "127.0.0.1:50051"))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	// Both ids are made when the customer decides, and stored before the call.
	order := &paymentsv1.ChargeRequest{
		RequestId: uuid.NewString(), OrderId: "order-" + uuid.NewString(),
		PhoneNumber: os.Args[1], Amount: ovopayments.Rupiah(15_000),
	}
	fmt.Println(checkout(context.Background(), client, order))
}

// checkout takes the money of one order.
func checkout(ctx context.Context, client *ovopayments.Client, order *paymentsv1.ChargeRequest) string {
	charged, err := client.Charge(ctx, order)
	paymentID := charged.GetPayment().GetPaymentId()
	var refused *ovopayments.Error
	switch {
	case errors.As(err, &refused) && refused.Reason == "ORDER_ALREADY_PAID":
		paymentID = refused.Metadata["payment_id"] // Somebody was here before: follow that payment.
	case errors.As(err, &refused) && refused.Retryable():
		return "later" // Come back with the same request id.
	case err != nil:
		return fmt.Sprint("no: ", err) // Repeating it would change nothing.
	}
	request, last := ovopayments.PaymentOf(paymentID), &paymentsv1.Payment{}
	request.AfterVersion = new(int64) // From the first.
	for payment, err := range client.Watch(ctx, request) {
		if err != nil {
			return fmt.Sprint("no: ", err)
		}
		fmt.Printf("version %d: %s\n", payment.Version, strings.TrimPrefix(payment.State.String(), "STATE_"))
		last = payment
	}
	if last.State == paymentsv1.Payment_STATE_SUCCEEDED {
		return "paid"
	}
	return "not paid: " + strings.TrimPrefix(last.Failure.GetReason().String(), "FAILURE_REASON_")
}
