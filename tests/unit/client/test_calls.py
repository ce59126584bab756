"""Each RPC: what the arguments become on the wire, and what the answer becomes."""

import uuid
from datetime import timedelta

import grpc
import pytest

from ovo.payments.v1 import ovo_payments_pb2, payment_pb2
from ovo_payments_client import (
    Customer,
    LineItem,
    OvoPaymentsClient,
    PaymentState,
    Refund,
    RefundState,
    ServiceError,
    connect,
)
from tests.unit.client.contract_messages import (
    CREATED,
    binding_message,
    declined,
    declined_message,
    moment,
    payment_message,
    pending_binding,
    pending_payment,
    rupiah,
)
from tests.unit.client.scripted_service import ScriptedService

SUCCESS_URL = "https://shop.example/ok"
FAILURE_URL = "https://shop.example/no"


async def test_pay_sends_every_field_and_reads_the_payment(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """Pay's arguments arrive as they were given, and the answer is a payment."""
    service.answers("Pay", ovo_payments_pb2.PayResponse(payment=payment_message()))

    result = await client.pay(
        order_id="order-1",
        binding_id="bind_1",
        amount=15_000,
        points_amount=500,
        merchant_initiated=True,
        items=[
            LineItem(name="Kopi", price=16_000, item_id="sku-1"),
            LineItem(name="Diskon", price=-500, quantity=2),
        ],
        metadata={"basket": "42"},
        request_id="request-1",
        success_url=SUCCESS_URL,
        failure_url=FAILURE_URL,
    )

    assert service.requests("Pay") == [
        ovo_payments_pb2.PayRequest(
            request_id="request-1",
            order_id="order-1",
            binding_id="bind_1",
            amount=rupiah(15_000),
            points_amount=rupiah(500),
            merchant_initiated=True,
            items=[
                payment_pb2.LineItem(
                    item_id="sku-1", name="Kopi", price=rupiah(16_000), quantity=1
                ),
                payment_pb2.LineItem(name="Diskon", price=rupiah(-500), quantity=2),
            ],
            metadata={"basket": "42"},
            success_url=SUCCESS_URL,
            failure_url=FAILURE_URL,
        )
    ]
    assert result.payment == pending_payment()
    assert not result.replayed


async def test_pay_without_points_leaves_the_field_unset(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """No points and zero points are different things on the wire."""
    service.answers("Pay", ovo_payments_pb2.PayResponse(payment=payment_message()))

    await client.pay(order_id="order-1", binding_id="bind_1", amount=15_000)

    (request,) = service.requests("Pay")
    assert not request.HasField("points_amount")


async def test_charge_sends_every_field_and_reads_the_payment(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """Charge's arguments arrive as they were given, and the answer is a payment."""
    service.answers("Charge", ovo_payments_pb2.ChargeResponse(payment=payment_message()))

    result = await client.charge(
        order_id="order-1",
        phone_number="081234567890",
        amount=15_000,
        customer=Customer(name="Siti"),
        items=[LineItem(name="Kopi", price=15_000)],
        metadata={"basket": "42"},
        provider="midtrans",
        request_id="request-1",
    )

    assert service.requests("Charge") == [
        ovo_payments_pb2.ChargeRequest(
            request_id="request-1",
            order_id="order-1",
            phone_number="081234567890",
            amount=rupiah(15_000),
            customer=payment_pb2.Customer(name="Siti"),
            items=[payment_pb2.LineItem(name="Kopi", price=rupiah(15_000), quantity=1)],
            metadata={"basket": "42"},
            provider="midtrans",
        )
    ]
    assert result.payment == pending_payment()


async def test_a_request_id_is_made_where_none_is_given_and_told(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """The caller of a call without a request id learns the one that was sent."""
    service.answers("Charge", ovo_payments_pb2.ChargeResponse(payment=payment_message()))

    result = await client.charge(order_id="order-1", phone_number="081234567890", amount=15_000)

    (request,) = service.requests("Charge")
    assert isinstance(request, ovo_payments_pb2.ChargeRequest)
    assert result.request_id == request.request_id
    assert uuid.UUID(result.request_id).version == 4


async def test_refund_sends_every_field_and_reads_the_refund(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """Refund's arguments arrive as they were given, and the payment carries its refund."""
    refund = payment_pb2.RefundDetails(
        refund_id="refund_1",
        state=payment_pb2.RefundDetails.STATE_FAILED,
        amount=rupiah(5_000),
        reason="too cold",
        failure=declined_message(),
        create_time=moment(60),
        success_time=moment(61),
    )
    service.answers(
        "Refund",
        ovo_payments_pb2.RefundResponse(
            payment=payment_message(state=payment_pb2.Payment.STATE_SUCCEEDED, refund=refund)
        ),
    )

    result = await client.refund("pay_1", amount=5_000, reason="too cold", request_id="request-1")

    assert service.requests("Refund") == [
        ovo_payments_pb2.RefundRequest(
            request_id="request-1", payment_id="pay_1", amount=rupiah(5_000), reason="too cold"
        )
    ]
    assert result.payment.refund == Refund(
        refund_id="refund_1",
        state=RefundState.FAILED,
        amount=5_000,
        reason="too cold",
        failure=declined(),
        create_time=CREATED + timedelta(seconds=60),
        success_time=CREATED + timedelta(seconds=61),
    )


async def test_a_refund_of_everything_names_no_amount(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """An unset amount asks for all of it."""
    service.answers("Refund", ovo_payments_pb2.RefundResponse(payment=payment_message()))

    await client.refund("pay_1")

    (request,) = service.requests("Refund")
    assert not request.HasField("amount")


async def test_get_status_reads_payments_and_bindings_by_each_name(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """A payment, an order and a binding are asked for by the field of their name."""
    of_payment = ovo_payments_pb2.GetStatusResponse(payment=payment_message())
    of_binding = ovo_payments_pb2.GetStatusResponse(binding=binding_message())
    service.answers("GetStatus", of_payment, of_payment, of_binding)

    payment = await client.get_status("pay_1", refresh=True)
    of_order = await client.get_status(order_id="order-1")
    binding = await client.get_status(binding_id="bind_1")

    assert service.requests("GetStatus") == [
        ovo_payments_pb2.GetStatusRequest(payment_id="pay_1", refresh=True),
        ovo_payments_pb2.GetStatusRequest(order_id="order-1"),
        ovo_payments_pb2.GetStatusRequest(binding_id="bind_1"),
    ]
    assert payment == of_order == pending_payment()
    assert binding == pending_binding()


async def test_a_failed_payment_carries_its_failure(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """Why the money did not move comes in the service's words and the provider's code."""
    failed = payment_message(state=payment_pb2.Payment.STATE_FAILED, failure=declined_message())
    service.answers("GetStatus", ovo_payments_pb2.GetStatusResponse(payment=failed))

    payment = await client.get_status("pay_1")

    assert payment.state is PaymentState.FAILED
    assert payment.state.is_final
    assert payment.failure == declined()


async def test_a_state_of_a_newer_service_is_unknown_and_not_final(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """A number that this client has no word for neither crashes nor ends anything."""
    newer = payment_message()
    newer.ParseFromString(newer.SerializeToString() + b"\x18\x63")  # Field 3 (state) is 99.
    service.answers("GetStatus", ovo_payments_pb2.GetStatusResponse(payment=newer))

    payment = await client.get_status("pay_1")

    assert payment.state is PaymentState.UNKNOWN
    assert not payment.state.is_final


@pytest.mark.parametrize(("currency", "nanos"), [("USD", 0), ("IDR", 1), ("", 0)])
async def test_an_amount_that_is_not_whole_rupiah_is_a_broken_service(
    service: ScriptedService, client: OvoPaymentsClient, currency: str, nanos: int
) -> None:
    """The client never guesses at an amount."""
    odd = payment_message()
    odd.amount.currency_code = currency
    odd.amount.nanos = nanos
    service.answers("GetStatus", ovo_payments_pb2.GetStatusResponse(payment=odd))

    with pytest.raises(ServiceError, match="not in whole rupiah"):
        await client.get_status("pay_1")


@pytest.mark.parametrize("amount", [15000.0, "15000", True, None])
async def test_an_amount_that_is_no_int_is_refused_before_the_call(
    service: ScriptedService, client: OvoPaymentsClient, amount: object
) -> None:
    """Floats and texts are mistakes in the calling program, named by their field."""
    with pytest.raises(TypeError, match=r"^amount: whole rupiah as an int"):
        await client.charge(
            order_id="order-1",
            phone_number="081234567890",
            amount=amount,  # type: ignore[arg-type]
        )

    assert service.calls == []


async def test_a_price_that_is_no_int_names_its_item(client: OvoPaymentsClient) -> None:
    """The mistake is found in a long list of items."""
    items = [LineItem(name="Kopi", price=1), LineItem(name="Teh", price=1.5)]  # type: ignore[arg-type]

    with pytest.raises(TypeError, match=r"^items\[1\]\.price: "):
        await client.pay(order_id="order-1", binding_id="bind_1", amount=15_000, items=items)


async def test_a_subject_is_named_exactly_once(client: OvoPaymentsClient) -> None:
    """Neither nothing nor two things can be asked for."""
    with pytest.raises(TypeError, match="exactly one of payment_id, order_id, binding_id"):
        await client.get_status()  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="exactly one of payment_id, order_id"):
        client.watch("pay_1", order_id="order-1")


async def test_every_call_names_the_caller_and_has_a_deadline(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """The token goes along, and 30 seconds are given where nothing else is said."""
    service.answers("Unbind", *[ovo_payments_pb2.UnbindResponse(binding=binding_message())] * 2)

    await client.unbind("bind_1")
    await client.unbind("bind_1", deadline_seconds=7.5)

    by_default, as_asked = service.calls
    assert by_default.metadata["authorization"] == "Bearer caller-token"
    assert by_default.seconds_left == pytest.approx(30, abs=3)
    assert as_asked.seconds_left == pytest.approx(7.5, abs=3)


async def test_a_token_can_be_asked_for_at_each_call(service: ScriptedService) -> None:
    """A token that is renewed while the client lives is sent as it is then."""
    service.answers("Unbind", *[ovo_payments_pb2.UnbindResponse(binding=binding_message())] * 2)
    tokens = iter(["first", "second"])

    async with connect(service.target, token=lambda: next(tokens)) as client:
        await client.unbind("bind_1")
        await client.unbind("bind_1")

    assert [call.metadata["authorization"] for call in service.calls] == [
        "Bearer first",
        "Bearer second",
    ]


async def test_a_client_works_on_any_channel(service: ScriptedService) -> None:
    """Who needs other channel options makes the channel."""
    service.answers("Unbind", ovo_payments_pb2.UnbindResponse(binding=binding_message()))

    async with grpc.aio.insecure_channel(service.target) as channel:
        binding = await OvoPaymentsClient(channel).unbind("bind_1")

    assert binding.binding_id == "bind_1"
    assert "authorization" not in service.calls[0].metadata
