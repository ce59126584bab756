"""Bind, Unbind and Balance: what the arguments become on the wire, and what the answer becomes."""

from datetime import timedelta

from ovo.payments.v1 import binding_pb2, ovo_payments_pb2, payment_pb2
from ovo_payments_client import (
    AccountBalance,
    BalanceType,
    BindingState,
    Customer,
    OvoPaymentsClient,
)
from tests.unit.client.contract_messages import (
    CREATED,
    binding_message,
    moment,
    pending_binding,
    rupiah,
)
from tests.unit.client.scripted_service import ScriptedService

SUCCESS_URL = "https://shop.example/ok"
FAILURE_URL = "https://shop.example/no"


async def test_bind_sends_every_field_and_reads_the_binding(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """Bind's arguments arrive as they were given, and the answer is a binding."""
    service.answers("Bind", ovo_payments_pb2.BindResponse(binding=binding_message(), replayed=True))

    result = await client.bind(
        customer_id="customer-7",
        phone_number="081234567890",
        customer=Customer(customer_id="customer-7", name="Siti", email="siti@example.com"),
        provider="doku",
        request_id="request-1",
        success_url=SUCCESS_URL,
        failure_url=FAILURE_URL,
    )

    assert service.requests("Bind") == [
        ovo_payments_pb2.BindRequest(
            request_id="request-1",
            customer_id="customer-7",
            phone_number="081234567890",
            customer=payment_pb2.Customer(
                customer_id="customer-7", name="Siti", email="siti@example.com"
            ),
            provider="doku",
            success_url=SUCCESS_URL,
            failure_url=FAILURE_URL,
        )
    ]
    assert result.binding == pending_binding()
    assert result.request_id == "request-1"
    assert result.replayed


async def test_unbind_reads_the_unlinked_account(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """Unbind names the binding and gives it back unbound."""
    service.answers(
        "Unbind",
        ovo_payments_pb2.UnbindResponse(binding=binding_message(binding_pb2.Binding.STATE_UNBOUND)),
    )

    binding = await client.unbind("bind_1")

    assert service.requests("Unbind") == [ovo_payments_pb2.UnbindRequest(binding_id="bind_1")]
    assert binding.state is BindingState.UNBOUND


async def test_balance_tells_cash_and_points_apart(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """A balance has one entry for each kind of money, and the time it was read."""
    service.answers(
        "Balance",
        ovo_payments_pb2.BalanceResponse(
            balances=[
                binding_pb2.AccountBalance(
                    type=binding_pb2.AccountBalance.TYPE_CASH, available=rupiah(250_000)
                ),
                binding_pb2.AccountBalance(
                    type=binding_pb2.AccountBalance.TYPE_POINTS, available=rupiah(1_200)
                ),
            ],
            read_time=moment(3),
        ),
    )

    balance = await client.balance("bind_1")

    assert service.requests("Balance") == [ovo_payments_pb2.BalanceRequest(binding_id="bind_1")]
    assert balance.cash == 250_000
    assert balance.points == 1_200
    assert balance.balances[0] == AccountBalance(type=BalanceType.CASH, available=250_000)
    assert balance.read_time == CREATED + timedelta(seconds=3)


async def test_a_kind_of_money_that_the_provider_did_not_tell_is_none(
    service: ScriptedService, client: OvoPaymentsClient
) -> None:
    """Not told is not zero."""
    service.answers("Balance", ovo_payments_pb2.BalanceResponse())

    balance = await client.balance("bind_1")

    assert balance.cash is None
    assert balance.points is None
    assert balance.read_time is None
