package ovopayments

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// What the service, and nobody on the way, writes into its ErrorInfo and its trailers.
const (
	domain    = "ovo.payments"
	callIDKey = "x-request-id"
)

// FieldViolation is one wrong field of a request, and what is wrong with it.
type FieldViolation struct {
	Field, Description string
}

// Error is a call that did not get its answer. Decide by Retryable and Reason, never by the text.
//
// That a payment failed is no error: the call was answered, and the payment's Failure says why.
type Error struct {
	// Reason is the service's word, as in docs/errors.md, for example ORDER_ALREADY_PAID. It is empty where no
	// answer of the service came: money may have moved, and only the same request id may repeat the call.
	Reason string
	// Code is gRPC's status.
	Code codes.Code
	// Message is a sentence for a person.
	Message string
	// Metadata holds the facts that the reason's page names, for example payment_id.
	Metadata map[string]string
	// FieldViolations names each wrong field, with the reason INVALID_REQUEST.
	FieldViolations []FieldViolation
	// RetryDelay is how long the service asks to wait, where it does.
	RetryDelay time.Duration

	served bool
	status *status.Status
}

func (e *Error) Error() string {
	word := e.Reason
	if word == "" {
		word = e.Code.String()
	}
	parts := []string{word + ": " + e.Message}
	for _, wrong := range e.FieldViolations {
		parts = append(parts, wrong.Field+": "+wrong.Description)
	}
	return strings.Join(parts, "; ")
}

// GRPCStatus lets status.FromError and status.Code read it.
func (e *Error) GRPCStatus() *status.Status { return e.status }

// Retryable tells whether the same call, with the same request id, may succeed later.
func (e *Error) Retryable() bool {
	switch e.Reason {
	case "PROVIDER_UNAVAILABLE", "RATE_LIMITED", "STREAM_INTERRUPTED", "STORE_UNAVAILABLE", "DEADLINE_TOO_SHORT":
		return true
	case "":
		// Made on the way, by a broken connection, a proxy or a deadline of our own. INTERNAL of a call that
		// reached the service is a fault of its own, and not a stream that something on the way has reset.
		// RESOURCE_EXHAUSTED is a message that is too big for somebody on the way.
		return slices.Contains(lostAnswers, e.Code) || (e.Code == codes.Internal && !e.served)
	default:
		// Also words that only a newer service knows.
		return slices.Contains(lostAnswers, e.Code) || e.Code == codes.ResourceExhausted
	}
}

var lostAnswers = []codes.Code{codes.Unavailable, codes.DeadlineExceeded, codes.Canceled, codes.Aborted}

// decodeError makes an *Error of gRPC's, without reading text.
func decodeError(err error, trailer metadata.MD) *Error {
	told := status.Convert(err)
	decoded := &Error{
		Code:    told.Code(),
		Message: told.Message(),
		served:  len(trailer.Get(callIDKey)) > 0,
		status:  told,
	}
	for _, detail := range told.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			if detail.GetDomain() == domain {
				decoded.Reason, decoded.Metadata = detail.GetReason(), detail.GetMetadata()
			}
		case *errdetails.BadRequest:
			for _, wrong := range detail.GetFieldViolations() {
				decoded.FieldViolations = append(decoded.FieldViolations, FieldViolation{wrong.GetField(), wrong.GetDescription()})
			}
		case *errdetails.RetryInfo:
			decoded.RetryDelay = detail.GetRetryDelay().AsDuration()
		case error:
			decoded.Message += fmt.Sprintf(" (a detail can't be read: %v)", detail)
		}
	}
	return decoded
}
