"""What gRPC raises becomes an error that says what to do next, from details and never from text."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2

from ovo.payments.v1 import errors_pb2, ovo_payments_pb2
from ovo_payments_client import (
    AccessError,
    ErrorReason,
    FieldViolation,
    InvalidRequestError,
    NoAnswerError,
    NotFoundError,
    NotSupportedError,
    OrderAlreadyPaidError,
    OutOfRangeError,
    OvoPaymentsClient,
    OvoPaymentsError,
    PreconditionError,
    RateLimitedError,
    RefusedError,
    RequestError,
    RequestIdReusedError,
    RetryableError,
    ServiceError,
    UnavailableError,
    connect,
)
from tests.unit.client.scripted_service import (
    Refusal,
    ScriptedService,
    Silence,
    bad_request,
    refusal,
    retry_after,
)

Code = grpc.StatusCode

REASONS = [
    (Code.INVALID_ARGUMENT, "INVALID_REQUEST", InvalidRequestError, RequestError),
    (Code.ALREADY_EXISTS, "REQUEST_ID_REUSED", RequestIdReusedError, RequestError),
    (Code.ALREADY_EXISTS, "ORDER_ALREADY_PAID", OrderAlreadyPaidError, RefusedError),
    (Code.NOT_FOUND, "PAYMENT_NOT_FOUND", NotFoundError, RequestError),
    (Code.NOT_FOUND, "BINDING_NOT_FOUND", NotFoundError, RequestError),
    (Code.FAILED_PRECONDITION, "BINDING_NOT_ACTIVE", PreconditionError, RefusedError),
    (Code.FAILED_PRECONDITION, "PAYMENT_IN_FLIGHT", PreconditionError, RefusedError),
    (Code.FAILED_PRECONDITION, "NOT_REFUNDABLE", PreconditionError, RefusedError),
    (Code.UNIMPLEMENTED, "NOT_SUPPORTED_BY_PROVIDER", NotSupportedError, RefusedError),
    (Code.RESOURCE_EXHAUSTED, "RATE_LIMITED", RateLimitedError, RetryableError),
    (Code.OUT_OF_RANGE, "VERSION_OUT_OF_RANGE", OutOfRangeError, RequestError),
    (Code.OUT_OF_RANGE, "CURSOR_GONE", OutOfRangeError, RequestError),
    (Code.UNAUTHENTICATED, "UNAUTHENTICATED", AccessError, RequestError),
    (Code.PERMISSION_DENIED, "PERMISSION_DENIED", AccessError, RequestError),
    (Code.DEADLINE_EXCEEDED, "DEADLINE_TOO_SHORT", UnavailableError, RetryableError),
    (Code.UNAVAILABLE, "PROVIDER_UNAVAILABLE", UnavailableError, RetryableError),
    (Code.UNAVAILABLE, "STORE_UNAVAILABLE", UnavailableError, RetryableError),
    (Code.UNAVAILABLE, "STREAM_INTERRUPTED", UnavailableError, RetryableError),
]

WITHOUT_REASON = [
    (Code.INVALID_ARGUMENT, InvalidRequestError),
    (Code.NOT_FOUND, NotFoundError),
    (Code.OUT_OF_RANGE, OutOfRangeError),
    (Code.UNAUTHENTICATED, AccessError),
    (Code.PERMISSION_DENIED, AccessError),
    (Code.ALREADY_EXISTS, PreconditionError),
    (Code.FAILED_PRECONDITION, PreconditionError),
    (Code.UNIMPLEMENTED, NotSupportedError),
    (Code.RESOURCE_EXHAUSTED, InvalidRequestError),
    (Code.DEADLINE_EXCEEDED, NoAnswerError),
    (Code.CANCELLED, NoAnswerError),
    (Code.ABORTED, NoAnswerError),
    (Code.INTERNAL, NoAnswerError),
    (Code.UNAVAILABLE, NoAnswerError),
    (Code.UNKNOWN, ServiceError),
    (Code.DATA_LOSS, ServiceError),
]

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "polyglot/error_cases.json").read_text(encoding="utf-8")
)


@pytest.fixture
async def client(service: ScriptedService) -> AsyncIterator[OvoPaymentsClient]:
    """Connects by a channel that retries nothing, so that one answer is enough."""
    async with grpc.aio.insecure_channel(service.target) as channel:
        yield OvoPaymentsClient(channel)


async def refused(
    service: ScriptedService, client: OvoPaymentsClient, answer: Refusal
) -> OvoPaymentsError:
    """Makes a charge that gets this answer, and gives the error."""
    service.answers("Charge", answer)
    with pytest.raises(OvoPaymentsError) as raised:
        await client.charge(
            order_id="order-1", phone_number="081234567890", amount=15_000, request_id="request-1"
        )
    return raised.value


@pytest.mark.parametrize(("code", "reason", "kind", "question"), REASONS)
async def test_each_reason_has_its_class(
    service: ScriptedService,
    client: OvoPaymentsClient,
    code: grpc.StatusCode,
    reason: str,
    kind: type[OvoPaymentsError],
    question: type[OvoPaymentsError],
) -> None:
    """The reason decides, and the class answers: retry, fix or stop."""
    error = await refused(service, client, refusal(code, reason))

    assert type(error) is kind
    assert isinstance(error, question)
    assert error.reason is ErrorReason(reason)
    assert error.status is code


def test_every_reason_of_the_contract_is_known() -> None:
    """A reason that the contract gains needs its row here and in the client."""
    told = {name.removeprefix("ERROR_REASON_") for name, _ in errors_pb2.ErrorReason.items()}

    assert told - {"UNSPECIFIED"} == set(ErrorReason) == {reason for _, reason, _, _ in REASONS}


@pytest.mark.parametrize(("code", "kind"), WITHOUT_REASON)
async def test_an_error_without_details_is_sorted_by_its_status(
    service: ScriptedService,
    client: OvoPaymentsClient,
    code: grpc.StatusCode,
    kind: type[OvoPaymentsError],
) -> None:
    """What was made on the way, not by the service, proves nothing about the money."""
    error = await refused(service, client, Refusal(code=code, message="made on the way"))

    assert type(error) is kind
    assert error.reason == ""
    assert error.message == "made on the way"
    assert str(error) == f"{code.name}: made on the way"


async def test_a_fault_of_the_service_is_known_by_the_calls_name(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """An INTERNAL that the service made returns the call's name, and no repetition helps."""
    answer = Refusal(code=Code.INTERNAL, message="a fault of the service", call_id="call-1")

    error = await refused(service, client, answer)

    assert type(error) is ServiceError


async def test_a_reason_of_a_newer_service_is_kept_and_sorted_by_its_status(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """A word that this client does not know is still told."""
    error = await refused(service, client, refusal(Code.FAILED_PRECONDITION, "MOON_IS_FULL"))

    assert type(error) is PreconditionError
    assert error.reason == "MOON_IS_FULL"


async def test_an_unavailable_service_that_gives_a_new_reason_sent_nothing(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """The contract promises it for UNAVAILABLE of the service, whatever the reason."""
    error = await refused(service, client, refusal(Code.UNAVAILABLE, "MOON_IS_FULL"))

    assert type(error) is UnavailableError


async def test_a_reason_of_another_domain_is_nobodys_word(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """A proxy's ErrorInfo does not pass for the service's."""
    info = error_details_pb2.ErrorInfo(reason="NOT_REFUNDABLE", domain="proxy.example")

    error = await refused(service, client, Refusal(code=Code.UNAVAILABLE, details=(info,)))

    assert type(error) is NoAnswerError
    assert error.reason == ""


@pytest.mark.parametrize("details", [b"\xff\xff\xff", b""])
async def test_details_that_can_not_be_read_leave_code_and_message(
    service: ScriptedService, client: OvoPaymentsClient, details: bytes
) -> None:
    """Broken details never hide the error that they came with."""
    answer = Refusal(code=Code.NOT_FOUND, message="no such payment", raw_details=details)

    error = await refused(service, client, answer)

    assert type(error) is NotFoundError
    assert error.message == "no such payment"


async def test_facts_beside_the_reason_are_fields_of_the_error(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """Metadata, wrong fields, the delay and the request id need no reading of text."""
    answer = refusal(
        Code.INVALID_ARGUMENT,
        "INVALID_REQUEST",
        bad_request(phone_number="is no Indonesian mobile", amount="is at least 1"),
        retry_after(timedelta(seconds=2.5)),
        message="two fields are wrong",
        provider="midtrans",
    )

    error = await refused(service, client, answer)

    assert error.field_violations == (
        FieldViolation(field="phone_number", description="is no Indonesian mobile"),
        FieldViolation(field="amount", description="is at least 1"),
    )
    assert error.metadata == {"provider": "midtrans"}
    assert error.retry_delay == timedelta(seconds=2.5)
    assert error.request_id == "request-1"
    assert str(error) == (
        "INVALID_REQUEST: two fields are wrong; "
        "phone_number: is no Indonesian mobile; amount: is at least 1"
    )


async def test_an_order_that_is_paid_names_its_payment(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """The caller goes on with the payment that exists."""
    answer = refusal(Code.ALREADY_EXISTS, "ORDER_ALREADY_PAID", payment_id="pay_0")

    error = await refused(service, client, answer)

    assert isinstance(error, OrderAlreadyPaidError)
    assert error.payment_id == "pay_0"


async def test_the_request_id_that_the_client_made_is_in_the_error(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """A caller that gave none can still repeat the very same request."""
    service.answers("Refund", refusal(Code.RESOURCE_EXHAUSTED, "RATE_LIMITED"))

    with pytest.raises(RateLimitedError) as raised:
        await client.refund("pay_1")

    (request,) = service.requests("Refund")
    assert isinstance(request, ovo_payments_pb2.RefundRequest)
    assert raised.value.request_id == request.request_id


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["what"]))
async def test_errors_are_decoded_as_in_every_other_language(
    service: ScriptedService, client: OvoPaymentsClient, case: dict[str, Any]
) -> None:
    """One table says what the clients of all languages make of an error."""
    info = error_details_pb2.ErrorInfo(
        reason=case.get("reason", ""),
        domain=case.get("domain", "ovo.payments"),
        metadata=case.get("metadata", {}),
    )
    delay = timedelta(milliseconds=case.get("retry_delay_ms", 0))
    violations = dict.fromkeys(case.get("field_violations", ()), "is wrong")
    answer = Refusal(
        code=next(code for code in Code if code.value[0] == case["status"]),
        message=case["what"],
        details=(info, bad_request(**violations), retry_after(delay)) if "reason" in case else (),
        call_id="call-1" if case.get("call_id") else None,
    )

    error = await refused(service, client, answer)

    assert error.reason == case.get("decoded_reason", case.get("reason", ""))
    assert isinstance(error, RetryableError) is case["retryable"]
    assert error.metadata == case.get("metadata", {})
    assert [wrong.field for wrong in error.field_violations] == list(violations)
    assert (error.retry_delay or timedelta()) == delay


def test_the_table_of_errors_has_every_reason_of_the_contract() -> None:
    """What the contract gains is tested in every language."""
    assert set(ErrorReason) <= {case.get("reason") for case in CASES}


async def test_a_deadline_that_ends_here_is_no_answer(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """Whether the service acted can't be known, so the error does not say that it did not."""
    service.answers("Pay", Silence())

    with pytest.raises(NoAnswerError) as raised:
        await client.pay(
            order_id="order-1", binding_id="bind_1", amount=15_000, deadline_seconds=0.2
        )

    assert raised.value.status is Code.DEADLINE_EXCEEDED
    assert raised.value.request_id is not None


async def test_a_service_that_is_not_there_is_no_answer() -> None:
    """A refused connection is told within seconds, by the same class as a broken one."""
    async with connect("127.0.0.1:1") as client:
        with pytest.raises(NoAnswerError) as raised:
            await client.get_status("pay_1")

    assert raised.value.status is Code.UNAVAILABLE
