// Charges a phone, links a wallet, pays with it, returns the money, and watches each payment to its end.
//
//	go run ./example 127.0.0.1:50051
//
// OVOPAY_TLS_CA names an authority's file for TLS, OVOPAY_TOKEN is the caller's token.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	ovopayments "ovo.payments/client"
	paymentsv1 "ovo.payments/contract/ovo/payments/v1"
)

func main() {
	target := "127.0.0.1:50051"
	if len(os.Args) > 1 {
		target = os.Args[1]
	}
	backoff := ovopayments.Backoff{OnInterruption: func(err *ovopayments.Error, _ int, _ time.Duration) {
		fmt.Println("  interrupted:", err.Code)
	}}
	settings := []ovopayments.Option{ovopayments.WithBackoff(backoff)}
	if authority := os.Getenv("OVOPAY_TLS_CA"); authority != "" {
		config, err := ovopayments.TLSFromFiles(authority, "", "")
		if err != nil {
			log.Fatal(err)
		}
		settings = append(settings, ovopayments.WithTLS(config))
	}
	if token := os.Getenv("OVOPAY_TOKEN"); token != "" {
		settings = append(settings, ovopayments.WithToken(token))
	}
	client, err := ovopayments.Connect(target, settings...)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	if err := story(context.Background(), client); err != nil {
		log.Fatal(err)
	}
}

func story(ctx context.Context, client *ovopayments.Client) error {
	// An id is made with the decision, and stored before the call: the same id never pays twice.
	run := fmt.Sprint(time.Now().UnixNano())
	charge := &paymentsv1.ChargeRequest{
		RequestId: "charge-" + run, OrderId: "order-" + run, PhoneNumber: "081234567890", Amount: ovopayments.Rupiah(15_000),
	}
	charged, err := client.Charge(ctx, charge)
	if err != nil {
		return err
	}
	fmt.Println("Charge: is taken")
	if err := watch(ctx, client, charged.Payment.PaymentId); err != nil {
		return err
	}

	charge.RequestId = "charge-again-" + run
	_, err = client.Charge(ctx, charge)
	refused("Charge of a paid order", err)
	_, err = client.Charge(ctx, &paymentsv1.ChargeRequest{RequestId: "nothing-" + run, Amount: ovopayments.Rupiah(0)})
	refused("Charge of nothing", err)

	bound, err := client.Bind(ctx, &paymentsv1.BindRequest{
		RequestId: "bind-" + run, CustomerId: "ani-" + run, PhoneNumber: "081298765432",
		SuccessUrl: "https://shop.example/linked", FailureUrl: "https://shop.example/not-linked",
	})
	if err != nil {
		return err
	}
	fmt.Println("Bind: is taken")
	binding, err := linked(ctx, client, bound.Binding)
	if err != nil {
		return err
	}
	fmt.Println("GetStatus:", word(binding.State))
	holds, err := client.Balance(ctx, &paymentsv1.BalanceRequest{BindingId: binding.BindingId})
	if err != nil {
		return err
	}
	fmt.Println("Balance:", len(holds.Balances), "kinds of money")

	paid, err := client.Pay(ctx, &paymentsv1.PayRequest{
		RequestId: "pay-" + run, OrderId: "monthly-" + run, BindingId: binding.BindingId,
		Amount: ovopayments.Rupiah(49_000), MerchantInitiated: true,
	})
	if err != nil {
		return err
	}
	fmt.Println("Pay: is taken")
	if err := watch(ctx, client, paid.Payment.PaymentId); err != nil {
		return err
	}
	if _, err := client.Refund(ctx, &paymentsv1.RefundRequest{
		RequestId: "refund-" + run, PaymentId: paid.Payment.PaymentId, Reason: "wrong size",
	}); err != nil {
		return err
	}
	fmt.Println("Refund: is taken")
	unbound, err := client.Unbind(ctx, &paymentsv1.UnbindRequest{BindingId: binding.BindingId})
	if err != nil {
		return err
	}
	fmt.Println("Unbind:", word(unbound.Binding.State))
	return nil
}

// watch prints each version of a payment, from its first to its last.
func watch(ctx context.Context, client *ovopayments.Client, paymentID string) error {
	request, begin := ovopayments.PaymentOf(paymentID), int64(0)
	request.AfterVersion = &begin
	for payment, err := range client.Watch(ctx, request) {
		if err != nil {
			return err
		}
		fmt.Printf("  version %d: %s\n", payment.Version, word(payment.State))
	}
	return nil
}

// linked waits until the customer has finished on the provider's page.
func linked(ctx context.Context, client *ovopayments.Client, binding *paymentsv1.Binding) (*paymentsv1.Binding, error) {
	page := ""
	for binding.State == paymentsv1.Binding_STATE_PENDING {
		// A repeated call may answer before the first one knows the page.
		if page == "" && binding.RedirectUrl != "" {
			page = binding.RedirectUrl
			fmt.Println("Open", page)
		}
		time.Sleep(500 * time.Millisecond)
		asked := &paymentsv1.GetStatusRequest_BindingId{BindingId: binding.BindingId}
		answer, err := client.GetStatus(ctx, &paymentsv1.GetStatusRequest{Subject: asked})
		if err != nil {
			return nil, err
		}
		binding = answer.GetBinding()
	}
	return binding, nil
}

// refused prints why a call was refused.
func refused(what string, err error) {
	var refusal *ovopayments.Error
	if !errors.As(err, &refusal) {
		log.Fatalf("%s: %v", what, err)
	}
	words := []string{refusal.Reason}
	for _, wrong := range refusal.FieldViolations {
		words = append(words, wrong.Field)
	}
	fmt.Printf("%s: %s, retryable: %v\n", what, strings.Join(words, " "), refusal.Retryable())
}

func word(state fmt.Stringer) string {
	return strings.TrimPrefix(state.String(), "STATE_")
}
