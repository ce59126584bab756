// A checkout by Debian's grpc-go, with stubs that Debian's generators made of the contract.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	paymentsv1 "ovo.payments/contract/ovo/payments/v1"
)

func main() {
	connection, err := grpc.Dial(os.Getenv("OVOPAY_SERVER"), grpc.WithInsecure())
	if err != nil {
		log.Fatal(err)
	}
	client := paymentsv1.NewOvoPaymentsClient(connection)
	_, err = charge(client, &paymentsv1.ChargeRequest{})
	fmt.Println("Charge of nothing:", reason(err))
	// Both ids are made when the customer decides, and stored before the call.
	charged, err := charge(client, &paymentsv1.ChargeRequest{
		RequestId: id(), OrderId: "order-" + id(), PhoneNumber: os.Args[1],
		Amount: &money.Money{CurrencyCode: "IDR", Units: 15_000},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("Charge: is taken")
	last := watch(client, charged.Payment.PaymentId)
	if last.State == paymentsv1.Payment_STATE_SUCCEEDED {
		fmt.Println("paid")
	} else {
		fmt.Println("not paid:", strings.TrimPrefix(last.Failure.GetReason().String(), "FAILURE_REASON_"))
	}
}

// charge repeats the call with its request id while no answer comes.
func charge(client paymentsv1.OvoPaymentsClient, request *paymentsv1.ChargeRequest) (*paymentsv1.ChargeResponse, error) {
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		answer, err := client.Charge(ctx, request)
		cancel()
		if status.Code(err) != codes.Unavailable {
			return answer, err
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// watch prints each version once, over broken connections, and gives the last.
func watch(client paymentsv1.OvoPaymentsClient, paymentID string) *paymentsv1.Payment {
	last := &paymentsv1.Payment{}
	var err error
	for err != io.EOF {
		var stream paymentsv1.OvoPayments_WatchPaymentClient
		stream, err = client.WatchPayment(context.Background(), &paymentsv1.WatchPaymentRequest{
			Subject: &paymentsv1.WatchPaymentRequest_PaymentId{PaymentId: paymentID}, AfterVersion: &last.Version,
		})
		for err == nil {
			var event *paymentsv1.WatchPaymentResponse
			if event, err = stream.Recv(); err == nil && event.GetPayment() != nil {
				last = event.GetPayment()
				fmt.Printf("  version %d: %s\n", last.Version, strings.TrimPrefix(last.State.String(), "STATE_"))
			}
		}
		if status.Code(err) == codes.Unavailable {
			fmt.Println("  interrupted: UNAVAILABLE")
			time.Sleep(200 * time.Millisecond)
		} else if err != io.EOF {
			log.Fatal(err)
		}
	}
	return last
}

// reason is the service's word for why it refused a call.
func reason(err error) string {
	for _, detail := range status.Convert(err).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.Reason
		}
	}
	return ""
}

func id() string {
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		log.Fatal(err)
	}
	return fmt.Sprintf("%x", random)
}
