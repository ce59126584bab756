"""The Midtrans adapter against the sandbox, which was written without it; its ledger judges."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from ovo_payments.domain import payment as payments
from ovo_payments.domain.failure import FailureReason
from ovo_payments.domain.payment import Payment, PaymentState
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.provider import CallClass, WebhookKind
from ovo_payments.domain.refund import RefundState
from ovo_payments.domain.secret import Secret
from ovo_payments.domain.update import Claim, PaymentUpdate
from ovo_payments.providers.http import Timeouts
from ovo_payments.providers.midtrans import MidtransAdapter, MidtransConfig, http_clients
from tests.integration.sandbox_process import (
    SERVER_KEY,
    MerchantServer,
    SandboxProcess,
    running_merchant,
    running_sandbox,
)
from tests.unit.providers.midtrans.orders import PAYMENT, REFUND, notification

SHORT = Timeouts(read_s=0.5, total_s=3.0)


@pytest.fixture(scope="module")
def merchant() -> Iterator[MerchantServer]:
    """Takes notifications."""
    with running_merchant() as running:
        yield running


@pytest.fixture(scope="module")
def sandbox(
    merchant: MerchantServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SandboxProcess]:
    """Runs the sandbox; its payers answer once the test lets time pass."""
    directory = tmp_path_factory.mktemp("sandbox")
    with running_sandbox(directory, notification_url=merchant.url) as running:
        running.switch(settlement_delay_s=20)
        yield running


@pytest.fixture(autouse=True)
def _no_faults(sandbox: SandboxProcess) -> None:
    sandbox.control("DELETE", "/faults")


def config_of(sandbox: SandboxProcess, server_key: str = SERVER_KEY) -> MidtransConfig:
    """Makes the configuration of the sandbox's merchant."""
    return MidtransConfig(
        server_key=Secret(server_key),
        base_url=sandbox.url,
        merchant_id="G141532850",
        mutate_timeouts=SHORT,
        query_timeouts=SHORT,
    )


@pytest.fixture
async def adapter(sandbox: SandboxProcess) -> AsyncIterator[MidtransAdapter]:
    """Connects to the sandbox."""
    config = config_of(sandbox)
    adapter = MidtransAdapter(config, http_clients(config))
    yield adapter
    await adapter.close()


@pytest.fixture
def payment() -> Payment:
    """A payment of this test alone."""
    return replace(PAYMENT, payment_id=f"p{uuid4().hex[:20]}")


def taken(payment: Payment, update: PaymentUpdate) -> Payment:
    """Takes an update in."""
    return payments.apply(payment, update, payment.create_time)


async def paid(adapter: MidtransAdapter, sandbox: SandboxProcess, payment: Payment) -> Payment:
    """Charges a payment and lets its payer pay."""
    charged = taken(payment, await adapter.charge(payment))
    sandbox.advance(25)
    return taken(charged, await adapter.query(charged))


async def test_a_charge_is_paid(
    adapter: MidtransAdapter, sandbox: SandboxProcess, payment: Payment
) -> None:
    """Pushed, accepted, settled; one debit of the whole amount."""
    settled = await paid(adapter, sandbox, payment)
    assert settled.state is PaymentState.SUCCEEDED
    assert settled.expire_time is not None
    assert settled.success_time is not None
    assert settled.provider_reference
    (entry,) = sandbox.ledger(settled.payment_id)
    assert (entry["kind"], entry["amount_rupiah"]) == ("debit", 15000)


@pytest.mark.parametrize(
    ("phone", "state", "reason"),
    [
        ("+628271939753", PaymentState.FAILED, FailureReason.DECLINED_BY_CUSTOMER),
        ("+628242014881", PaymentState.FAILED, FailureReason.REJECTED_BY_PROVIDER),
        ("+628237435829", PaymentState.FAILED, FailureReason.REJECTED_BY_PROVIDER),
        ("+628242974268", PaymentState.EXPIRED, None),
        ("+628215023424", PaymentState.EXPIRED, None),
    ],
)
async def test_every_documented_number_ends_as_documented(
    adapter: MidtransAdapter,
    sandbox: SandboxProcess,
    payment: Payment,
    phone: str,
    state: PaymentState,
    reason: FailureReason | None,
) -> None:
    """Declined, not confirmed, not pushed, never answered; no money moves."""
    payment = replace(payment, phone_number=PhoneNumber.parse(phone))
    charged = taken(payment, await adapter.charge(payment))
    assert charged.state is PaymentState.PENDING
    sandbox.advance(70)
    ended = taken(charged, await adapter.query(charged))
    assert ended.state is state
    assert (ended.failure.reason if ended.failure else None) is reason
    assert sandbox.ledger(payment.payment_id) == []


async def test_a_number_without_an_account_fails_at_once(
    adapter: MidtransAdapter, payment: Payment
) -> None:
    """The charge says so, and the order does not exist."""
    payment = replace(payment, phone_number=PhoneNumber.parse("08249134000"))
    failed = taken(payment, await adapter.charge(payment))
    assert failed.failure is not None
    assert failed.failure.reason is FailureReason.ACCOUNT_NOT_FOUND
    assert (await adapter.query(payment)).claim is Claim.NOT_FOUND


@pytest.mark.parametrize(
    "fault",
    [
        "debit_then_504",
        "debit_then_reset",
        "debit_then_hang",
        "garbage_body",
        "truncated_body",
        "slow_drip",
    ],
)
async def test_a_lost_answer_is_found_by_asking(
    adapter: MidtransAdapter, sandbox: SandboxProcess, payment: Payment, fault: str
) -> None:
    """In doubt, then what the provider's ledger says; never a second debit."""
    sandbox.control("POST", "/faults", {"name": fault, "reference": payment.payment_id})
    doubted = taken(payment, await adapter.charge(payment))
    assert doubted.state is PaymentState.IN_DOUBT
    sandbox.advance(25)
    found = taken(doubted, await adapter.query(doubted))
    assert found.state is PaymentState.SUCCEEDED
    assert len(sandbox.ledger(payment.payment_id)) == 1


@pytest.mark.parametrize("fault", ["http_500_before", "http_503_before", "hang_before"])
async def test_a_charge_that_was_not_made_is_not_found(
    adapter: MidtransAdapter, sandbox: SandboxProcess, payment: Payment, fault: str
) -> None:
    """In doubt too, since nothing tells the difference but the question."""
    sandbox.control("POST", "/faults", {"name": fault, "reference": payment.payment_id})
    assert taken(payment, await adapter.charge(payment)).state is PaymentState.IN_DOUBT
    assert (await adapter.query(payment)).claim is Claim.NOT_FOUND


async def test_a_rate_limit_proves_that_nothing_was_done(
    adapter: MidtransAdapter, sandbox: SandboxProcess, payment: Payment
) -> None:
    """The payment's order is free again."""
    fault = {"name": "rate_limited_429", "reference": payment.payment_id}
    sandbox.control("POST", "/faults", fault)
    assert (await adapter.charge(payment)).claim is Claim.NOT_SENT
    assert sandbox.ledger(payment.payment_id) == []


async def test_a_charge_sent_again_is_the_same_charge(
    adapter: MidtransAdapter, sandbox: SandboxProcess, payment: Payment
) -> None:
    """Within five minutes by its key, afterwards by its order; one debit either way."""
    settled = await paid(adapter, sandbox, payment)
    assert (await adapter.charge(payment)).claim is Claim.PENDING
    sandbox.advance(400)
    again = await adapter.charge(payment)
    assert again.claim is Claim.SUCCEEDED
    assert taken(settled, again).state is PaymentState.SUCCEEDED
    assert len(sandbox.ledger(payment.payment_id)) == 1


async def test_a_refund_is_done_when_the_bank_confirms(
    adapter: MidtransAdapter, sandbox: SandboxProcess, payment: Payment
) -> None:
    """Approved is pending; the payment is refunded once the money went back."""
    settled = await paid(adapter, sandbox, payment)
    asked = replace(settled, refund=replace(REFUND, refund_id=f"r{uuid4().hex[:20]}"))
    outcome = await adapter.refund(asked, None)
    assert outcome.refund.claim is Claim.PENDING
    approved = taken(asked, await adapter.query(asked))
    assert approved.state is PaymentState.SUCCEEDED
    assert approved.refund is not None
    assert approved.refund.state is RefundState.PENDING
    sandbox.advance(15)
    refunded = taken(approved, await adapter.query(approved))
    assert refunded.state is PaymentState.REFUNDED
    assert refunded.refund is not None
    assert refunded.refund.state is RefundState.SUCCEEDED
    assert [entry["kind"] for entry in sandbox.ledger(payment.payment_id)] == ["debit", "refund"]


async def test_a_refund_asked_for_twice_is_one_refund(
    adapter: MidtransAdapter, sandbox: SandboxProcess, payment: Payment
) -> None:
    """Its key is ours for ever, so Midtrans knows it again after any time."""
    settled = await paid(adapter, sandbox, payment)
    asked = replace(settled, refund=replace(REFUND, refund_id=f"r{uuid4().hex[:20]}"))
    await adapter.refund(asked, None)
    sandbox.advance(400)
    again = await adapter.refund(asked, None)
    assert again.refund.claim is Claim.SUCCEEDED
    assert len(sandbox.ledger(payment.payment_id)) == 2


async def test_a_refund_after_its_window_fails(
    adapter: MidtransAdapter, sandbox: SandboxProcess, payment: Payment
) -> None:
    """Seven days, where the merchant is no travel agent."""
    settled = await paid(adapter, sandbox, payment)
    sandbox.advance(timedelta(days=8).total_seconds())
    asked = replace(settled, refund=replace(REFUND, refund_id=f"r{uuid4().hex[:20]}"))
    refund = (await adapter.refund(asked, None)).refund
    assert refund.failure is not None
    assert refund.failure.reason is FailureReason.REFUND_WINDOW_PASSED
    told = await adapter.query(asked)
    assert told.refund is not None
    assert told.refund.claim is Claim.NOT_FOUND


async def test_notifications_are_believed_and_understood(
    adapter: MidtransAdapter,
    sandbox: SandboxProcess,
    merchant: MerchantServer,
    payment: Payment,
) -> None:
    """What the sandbox signs, the adapter verifies; each was written without the other."""
    while not merchant.received.empty():
        merchant.received.get()
    await paid(adapter, sandbox, payment)
    claims = []
    for body in (merchant.next_notification(), merchant.next_notification()):
        request = notification(body)
        adapter.webhooks.verify(WebhookKind.PAYMENT, request)
        event = adapter.webhooks.translate(WebhookKind.PAYMENT, request)
        assert isinstance(event.update, PaymentUpdate)
        assert event.reference == payment.payment_id
        assert payments.misfit(payment, event.update) == ""
        claims.append(event.update.claim)
    assert claims == [Claim.PENDING, Claim.SUCCEEDED]


async def test_a_wrong_key_stops_debits(sandbox: SandboxProcess, payment: Payment) -> None:
    """Nothing was done, and nothing more is tried."""
    config = config_of(sandbox, "SB-Mid-server-wrong")
    adapter = MidtransAdapter(config, http_clients(config))
    assert (await adapter.charge(payment)).claim is Claim.NOT_SENT
    assert adapter.available_for(CallClass.MUTATE) > 0
    assert (await adapter.query(payment)).claim is Claim.UNKNOWN
    await adapter.close()
