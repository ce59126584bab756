package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"time"
)

// provider stands in for Midtrans: every charge and every question is answered with a settled
// payment, at once or after a time. What it answers is what the service takes for an end, so a
// charge is an intent, a call and a result, and nothing is asked about later.
func provider(arguments []string) error {
	set := flag.NewFlagSet("provider", flag.ExitOnError)
	latency := set.Duration("latency", 0, "how long an answer takes")
	amount := set.Int64("amount", 15000, "what every payment is said to be worth when asked about, in rupiah")
	if err := set.Parse(arguments); err != nil {
		return err
	}
	routes := http.NewServeMux()
	routes.HandleFunc("POST /v2/charge", func(answer http.ResponseWriter, request *http.Request) {
		var charge struct {
			Details struct {
				OrderID string `json:"order_id"`
				Amount  int64  `json:"gross_amount"`
			} `json:"transaction_details"`
		}
		if err := json.NewDecoder(request.Body).Decode(&charge); err != nil || charge.Details.OrderID == "" {
			http.Error(answer, "no charge", http.StatusBadRequest)
			return
		}
		time.Sleep(*latency)
		settled(answer, charge.Details.OrderID, charge.Details.Amount)
	})
	routes.HandleFunc("GET /v2/{order}/status", func(answer http.ResponseWriter, request *http.Request) {
		time.Sleep(*latency)
		settled(answer, request.PathValue("order"), *amount)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if err := tell(map[string]string{"url": "http://" + listener.Addr().String()}); err != nil {
		return err
	}
	server := http.Server{Handler: routes, ReadHeaderTimeout: answerTimeout}
	return server.Serve(listener)
}

// settled writes the fields of docs.midtrans.com/reference/ewallet-ovo (updated 2026-04-01).
func settled(answer http.ResponseWriter, order string, amount int64) {
	answer.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(answer, `{"status_code":"200","status_message":"Success, OVO transaction is found",`+
		`"transaction_id":"bench-%[1]s","order_id":"%[1]s","merchant_id":"G141532850",`+
		`"gross_amount":"%[2]d.00","currency":"IDR","payment_type":"ovo",`+
		`"transaction_time":"2026-01-01 12:00:00","transaction_status":"settlement",`+
		`"settlement_time":"2026-01-01 12:00:05","expiry_time":"2026-01-01 12:01:05",`+
		`"fraud_status":"accept","payer_phone_number":"081234567890"}`, order, amount)
}
