package ovopayments_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
	ovopayments "ovo.payments/client"
	paymentsv1 "ovo.payments/contract/ovo/payments/v1"
)

// errorCase is a line of the table that the clients of all languages share.
type errorCase struct {
	What            string            `json:"what"`
	StatusNumber    uint32            `json:"status"`
	Reason          string            `json:"reason"`
	Domain          string            `json:"domain"`
	DecodedReason   *string           `json:"decoded_reason"`
	Metadata        map[string]string `json:"metadata"`
	FieldViolations []string          `json:"field_violations"`
	RetryDelayMs    int64             `json:"retry_delay_ms"`
	CallID          bool              `json:"call_id"`
	Retryable       bool              `json:"retryable"`
}

func errorCases(t *testing.T) []errorCase {
	t.Helper()
	content, err := os.ReadFile("../../tests/polyglot/error_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []errorCase
	if err := json.Unmarshal(content, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

// refusal is the status that the service, or somebody on the way, answers with.
func refusal(t *testing.T, c errorCase) error {
	t.Helper()
	var details []protoadapt.MessageV1
	if c.Reason != "" {
		domain := c.Domain
		if domain == "" {
			domain = "ovo.payments"
		}
		details = append(details, &errdetails.ErrorInfo{Reason: c.Reason, Domain: domain, Metadata: c.Metadata})
	}
	if len(c.FieldViolations) > 0 {
		wrong := &errdetails.BadRequest{}
		for _, field := range c.FieldViolations {
			wrong.FieldViolations = append(wrong.FieldViolations,
				&errdetails.BadRequest_FieldViolation{Field: field, Description: "is wrong"})
		}
		details = append(details, wrong)
	}
	if c.RetryDelayMs > 0 {
		delay := time.Duration(c.RetryDelayMs) * time.Millisecond
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(delay)})
	}
	told, err := status.New(codes.Code(c.StatusNumber), c.What).WithDetails(details...)
	if err != nil {
		t.Fatal(err)
	}
	return told.Err()
}

// Every error has its reason, its facts and whether to repeat, as in every other language.
func TestErrorsAreDecoded(t *testing.T) {
	for _, expected := range errorCases(t) {
		t.Run(expected.What, func(t *testing.T) {
			target := serve(t, &service{charge: func(ctx context.Context, _ *paymentsv1.ChargeRequest) (*paymentsv1.ChargeResponse, error) {
				if expected.CallID {
					_ = grpc.SetTrailer(ctx, metadata.Pairs("x-request-id", "call-1"))
				}
				return nil, refusal(t, expected)
			}})
			_, err := connected(t, target).Charge(soon(t), &paymentsv1.ChargeRequest{})
			var refused *ovopayments.Error
			if !errors.As(err, &refused) {
				t.Fatalf("%v is no *Error", err)
			}
			reason := expected.Reason
			if expected.DecodedReason != nil {
				reason = *expected.DecodedReason
			}
			if refused.Reason != reason || uint32(refused.Code) != expected.StatusNumber {
				t.Errorf("decoded as %v %q", refused.Code, refused.Reason)
			}
			if refused.Retryable() != expected.Retryable {
				t.Errorf("retryable is %v", refused.Retryable())
			}
			if !maps.Equal(refused.Metadata, expected.Metadata) {
				t.Errorf("metadata is %v", refused.Metadata)
			}
			if len(refused.FieldViolations) != len(expected.FieldViolations) {
				t.Errorf("violations are %v", refused.FieldViolations)
			}
			for index, field := range expected.FieldViolations {
				if refused.FieldViolations[index] != (ovopayments.FieldViolation{Field: field, Description: "is wrong"}) {
					t.Errorf("violation %d is %v", index, refused.FieldViolations[index])
				}
			}
			if refused.RetryDelay.Milliseconds() != expected.RetryDelayMs {
				t.Errorf("the delay is %v", refused.RetryDelay)
			}
			if status.Code(err) != refused.Code {
				t.Errorf("status.Code reads %v", status.Code(err))
			}
		})
	}
}
