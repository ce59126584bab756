"""Every error has one row, and the row says what the contract says."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import grpc
import pytest
from google.protobuf.any_pb2 import Any
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from ovo.payments.v1 import errors_pb2
from ovo_payments.domain import errors
from ovo_payments.domain.errors import PaymentServiceError, Violation
from ovo_payments.transport.grpc.errors import TABLE, internal, refusal_of

CONTRACT: Final = Path(__file__).parents[4] / "protos/ovo/payments/v1/errors.proto"
PREFIX: Final = "ERROR_REASON_"

# One of each, with the facts that its caller is told.
SAMPLES: Final[list[tuple[PaymentServiceError, dict[str, str]]]] = [
    (errors.InvalidRequestError((Violation("amount.units", "must be positive"),)), {}),
    (
        errors.RequestIdReusedError(("amount", "order_id"), payment_id="pay_1"),
        {"payment_id": "pay_1", "differing_fields": "amount,order_id"},
    ),
    (
        errors.RequestIdReusedError(("customer_id",), binding_id="bnd_1"),
        {"binding_id": "bnd_1", "differing_fields": "customer_id"},
    ),
    (errors.OrderAlreadyPaidError("pay_1"), {"payment_id": "pay_1"}),
    (errors.PaymentNotFoundError(payment_id="pay_1"), {"payment_id": "pay_1"}),
    (errors.PaymentNotFoundError(order_id="order-1"), {"order_id": "order-1"}),
    (errors.BindingNotFoundError("bnd_1"), {"binding_id": "bnd_1"}),
    (
        errors.BindingNotActiveError("bnd_1", "EXPIRED"),
        {"binding_id": "bnd_1", "state": "EXPIRED"},
    ),
    (errors.PaymentInFlightError("pay_1"), {"payment_id": "pay_1"}),
    (errors.NotRefundableError("pay_1", "FAILED"), {"payment_id": "pay_1", "state": "FAILED"}),
    (
        errors.NotSupportedByProviderError("midtrans", "balance"),
        {"provider": "midtrans", "capability": "balance"},
    ),
    (errors.VersionOutOfRangeError(4), {"latest_version": "4"}),
    (errors.CursorGoneError(), {}),
    (errors.UnauthenticatedError(), {}),
    (errors.PermissionDeniedError("Refund"), {"method": "Refund"}),
    (errors.DeadlineTooShortError(5.0), {}),
    (errors.ProviderUnavailableError("doku"), {"provider": "doku"}),
    (
        errors.ProviderUnavailableError("doku", payment_id="pay_1"),
        {"provider": "doku", "payment_id": "pay_1"},
    ),
    (errors.RateLimitedError(), {}),
    (errors.StoreUnavailableError(), {}),
    (errors.StreamInterruptedError(3), {"last_version": "3", "cause": "SERVER_STOPS"}),
    (errors.StreamInterruptedError(cursor="c"), {"cursor": "c", "cause": "SERVER_STOPS"}),
]
# What the contract's comments leave open: what an unreachable provider was asked about, and why a
# stream ends.
BEYOND_THE_CONTRACT: Final = {
    "PROVIDER_UNAVAILABLE": {"payment_id", "binding_id"},
    "STREAM_INTERRUPTED": {"cause"},
}
EVERY_SAMPLE: Final = pytest.mark.parametrize(
    ("error", "facts"), SAMPLES, ids=[type(error).__name__ for error, _ in SAMPLES]
)


def kinds(base: type[PaymentServiceError] = PaymentServiceError) -> Iterator[type]:
    """Lists the kinds of errors that are raised: the tree's leaves."""
    below = base.__subclasses__()
    if not below:
        yield base
    for kind in below:
        yield from kinds(kind)


def details_of(error: PaymentServiceError) -> list[Any]:
    """Reads the details as a client gets them."""
    return list(Status.FromString(refusal_of(error).details).details)


def contract_words() -> dict[str, tuple[str, set[str]]]:
    """Reads from the contract's comments which status each reason has, and which metadata."""
    pattern = re.compile(rf"((?:  // .*\n)+)  {PREFIX}(\w+) = \d+;")
    words = {}
    for comment, reason in pattern.findall(CONTRACT.read_text(encoding="utf-8")):
        status = re.search(r"// ([A-Z_]+): ", comment)
        if status is not None:
            listed = comment.partition("Metadata: ")[2]
            words[reason] = (status[1], set(re.findall(r"`(\w+)`", listed)))
    return words


def test_every_error_has_a_row() -> None:
    """An error without one would be told as a bug of ours."""
    assert set(TABLE) == set(kinds())


def test_every_error_has_a_sample_here() -> None:
    """So that what follows is held for all of them."""
    assert {type(error) for error, _ in SAMPLES} == set(kinds())


def test_every_reason_of_the_contract_is_told() -> None:
    """Each by one kind of error; UNSPECIFIED is never sent."""
    told = sorted(row.reason for row in TABLE.values())
    assert told == sorted(errors_pb2.ErrorReason.values())[1:]


@EVERY_SAMPLE
def test_status_and_metadata_are_those_of_the_contract(
    error: PaymentServiceError, facts: dict[str, str]
) -> None:
    """The comment beside each reason is the specification."""
    refusal = refusal_of(error)
    status, metadata = contract_words()[refusal.reason]
    assert refusal.status.name == status
    assert set(facts) <= metadata | BEYOND_THE_CONTRACT.get(refusal.reason, set())


@EVERY_SAMPLE
def test_exactly_one_error_info_tells_reason_and_facts(
    error: PaymentServiceError, facts: dict[str, str]
) -> None:
    """Clients decide by it, never by the text."""
    infos = [detail for detail in details_of(error) if detail.Is(ErrorInfo.DESCRIPTOR)]
    assert len(infos) == 1
    info = ErrorInfo()
    infos[0].Unpack(info)
    assert info.domain == "ovo.payments"
    assert info.reason == errors_pb2.ErrorReason.Name(TABLE[type(error)].reason)[len(PREFIX) :]
    assert dict(info.metadata) == facts


@EVERY_SAMPLE
def test_the_details_repeat_status_and_message(
    error: PaymentServiceError, facts: dict[str, str]
) -> None:
    """A client that reads google.rpc.Status alone is told the same."""
    refusal = refusal_of(error)
    status = Status.FromString(refusal.details)
    assert status.code == refusal.status.value[0]
    assert status.message == refusal.message
    assert refusal.message.endswith(".")
    assert refusal.facts == facts


@pytest.mark.parametrize("error", [error for error, _ in SAMPLES])
def test_only_what_may_be_repeated_says_when(error: PaymentServiceError) -> None:
    """RetryInfo stands on the errors of which nothing was sent and nothing needs mending."""
    told = any(detail.Is(RetryInfo.DESCRIPTOR) for detail in details_of(error))
    assert told == isinstance(error, errors.RepeatableError)


def test_the_wait_is_told_in_full() -> None:
    """Seconds and their fraction."""
    retry = RetryInfo()
    details_of(errors.RateLimitedError(retry_after_s=2.25))[1].Unpack(retry)
    assert retry.retry_delay.seconds == 2
    assert retry.retry_delay.nanos == 250_000_000


def test_each_violation_is_told_with_its_field() -> None:
    """And the message names the fields, for who reads only that."""
    error = errors.InvalidRequestError(
        (Violation("amount.units", "must be positive"), Violation("order_id", "is missing"))
    )
    bad = BadRequest()
    details_of(error)[1].Unpack(bad)

    told = [(violation.field, violation.description) for violation in bad.field_violations]
    assert told == [("amount.units", "must be positive"), ("order_id", "is missing")]
    assert refusal_of(error).message == "The request is wrong: amount.units, order_id."


def test_many_violations_still_fit_into_a_trailer() -> None:
    """Clients refuse trailers above 8 KiB, and would learn nothing at all."""
    many = tuple(Violation(f"items[{n}].price", "is missing") for n in range(1_000))
    refusal = refusal_of(errors.InvalidRequestError(many))
    assert len(refusal.details) * 4 / 3 < 7_000
    assert refusal.message.endswith("items[4].price and 995 more.")


def test_a_long_name_from_the_caller_is_cut() -> None:
    """It would not fit into a trailer either."""
    refusal = refusal_of(errors.PaymentNotFoundError(payment_id="x" * 100_000))
    assert len(refusal.details) < 1_000


def test_a_bug_of_ours_tells_nothing_but_where_to_look() -> None:
    """INTERNAL has no details; the request id leads to the log."""
    refusal = internal("request-1")
    assert refusal.status is grpc.StatusCode.INTERNAL
    assert refusal.details == b""
    assert "request-1" in refusal.message
