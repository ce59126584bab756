"""The DOKU adapter against the sandbox, which was written without it; its ledger judges."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

import pytest

from ovo_payments.domain import binding as bindings
from ovo_payments.domain import payment as payments
from ovo_payments.domain.binding import BindingState
from ovo_payments.domain.failure import FailureReason
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import PaymentState
from ovo_payments.domain.provider import AccountBalance, CallClass
from ovo_payments.domain.secret import Secret
from ovo_payments.domain.update import BindingUpdate, Claim, PaymentUpdate
from ovo_sandbox.keys import KeyPairs
from tests.integration.doku_shop import (
    BLOCKED,
    OTP,
    PIN,
    POOR,
    UNKNOWN,
    Shop,
    bought,
    made,
    open_shop,
    refunding,
    taken,
)
from tests.unit.providers.doku import merchant


@pytest.fixture(scope="module")
def key_pairs() -> KeyPairs:
    """Both sides' keys, made once."""
    return KeyPairs(None)


@pytest.fixture
async def shop(key_pairs: KeyPairs) -> AsyncIterator[Shop]:
    """A shop of this test alone."""
    async with open_shop(key_pairs) as opened:
        yield opened


async def test_an_account_is_linked_by_its_page_and_unlinked(shop: Shop) -> None:
    """The notification names the link; the exchange tells that it is there, and that it is gone."""
    begun = await shop.begins()
    assert begun.state is BindingState.PENDING
    before = await shop.adapter.query_binding(begun)
    assert bindings.apply(begun, before, begun.create_time).state is BindingState.PENDING
    await (await shop.visit(begun.redirect_url)).go_through(OTP, PIN)
    asked = bindings.apply(begun, await shop.adapter.query_binding(begun), begun.create_time)
    assert asked.state is BindingState.ACTIVE
    assert set(asked.credentials) == {"auth_code", "customer_token", "customer_token_expiry"}
    unlinked = bindings.apply(asked, await shop.adapter.unbind(asked), asked.create_time)
    assert unlinked.state is BindingState.UNBOUND
    assert not unlinked.credentials
    again = await shop.adapter.unbind(asked)
    assert bindings.apply(asked, again, asked.create_time).state is BindingState.UNBOUND


async def test_a_notified_link_is_active(shop: Shop) -> None:
    """Its notification is authentic and carries the auth code."""
    link = await shop.linked()
    assert link.state is BindingState.ACTIVE
    assert shop.sidecar.refusals == []


async def test_a_link_whose_page_was_left_fails(shop: Shop) -> None:
    """The notification says so."""
    begun = await shop.begins()
    await (await shop.visit(begun.redirect_url)).press("cancel")
    await shop.pass_time(2)
    (event,) = shop.sidecar.events
    assert isinstance(event.update, BindingUpdate)
    failed = bindings.apply(begun, event.update, begun.create_time)
    assert failed.state is BindingState.FAILED


@pytest.mark.parametrize(
    ("phone", "reason"),
    [
        (BLOCKED, FailureReason.ACCOUNT_RESTRICTED),
        (UNKNOWN, FailureReason.ACCOUNT_NOT_FOUND),
    ],
)
async def test_an_account_that_can_t_be_linked_says_why(
    shop: Shop, phone: str, reason: FailureReason
) -> None:
    """Blocked and unknown are told apart."""
    failed = await shop.begins(phone)
    assert failed.state is BindingState.FAILED
    assert failed.failure is not None
    assert failed.failure.reason is reason


async def test_a_linked_account_is_linked_once(shop: Shop) -> None:
    """The second link is refused."""
    await shop.linked()
    failed = await shop.begins()
    assert failed.failure is not None
    assert failed.failure.reason is FailureReason.ALREADY_BOUND


async def test_a_balance_is_read(shop: Shop) -> None:
    """Cash and points, and the token is kept for the next call."""
    link = await shop.linked()
    outcome = await shop.adapter.balance(link)
    assert outcome.balances == (
        AccountBalance(type="CASH", available=Money(10_000_000)),
        AccountBalance(type="POINTS", available=Money(50_000)),
    )
    assert outcome.binding is not None
    kept = bindings.apply(link, outcome.binding, link.create_time)
    assert (await shop.adapter.balance(kept)).binding is None


async def test_a_present_customer_pays_by_the_page(shop: Shop) -> None:
    """Pending until the PIN; then paid by the query and by the notification alike."""
    link = await shop.linked()
    pending = await shop.pays(link, bought())
    assert pending.state is PaymentState.PENDING
    assert (await shop.query(pending)).state is PaymentState.PENDING
    assert shop.ledger(pending) == []
    await (await shop.visit(pending.redirect_url)).go_through(PIN)
    paid = await shop.query(pending)
    assert paid.state is PaymentState.SUCCEEDED
    assert paid.success_time is not None
    await shop.pass_time(2)
    (event,) = shop.sidecar.events
    assert isinstance(event.update, PaymentUpdate)
    assert event.reference == pending.payment_id
    assert taken(pending, event.update).state is PaymentState.SUCCEEDED
    (entry,) = shop.ledger(pending)
    assert (entry.kind, entry.amount_rupiah) == ("debit", 15_000)


async def test_a_customer_who_cancels_pays_nothing(shop: Shop) -> None:
    """Declined."""
    pending = await shop.pays(await shop.linked(), bought())
    await (await shop.visit(pending.redirect_url)).press("cancel")
    failed = await shop.query(pending)
    assert failed.failure is not None
    assert failed.failure.reason is FailureReason.DECLINED_BY_CUSTOMER
    assert shop.ledger(pending) == []


async def test_an_absent_customer_is_debited_of_cash_and_points(shop: Shop) -> None:
    """RECURRING needs no page; the shares are those that were asked for."""
    link = await shop.linked()
    pending = await shop.pays(
        link, bought(merchant_initiated=True, points_amount=Money(5_000), success_url="")
    )
    assert (pending.state, pending.redirect_url) == (PaymentState.PENDING, "")
    assert (await shop.query(pending)).state is PaymentState.SUCCEEDED
    (entry,) = shop.ledger(pending)
    assert (entry.cash_rupiah, entry.points_rupiah) == (10_000, 5_000)


async def test_points_alone_pay(shop: Shop) -> None:
    """No share of nothing is sent."""
    paid = await shop.pays(
        await shop.linked(), bought(merchant_initiated=True, points_amount=Money(15_000))
    )
    assert (await shop.query(paid)).state is PaymentState.SUCCEEDED


async def test_who_has_too_little_pays_nothing(shop: Shop) -> None:
    """4035414."""
    failed = await shop.pays(await shop.linked(POOR), bought(merchant_initiated=True))
    assert failed.failure is not None
    assert failed.failure.reason is FailureReason.INSUFFICIENT_FUNDS
    assert shop.ledger(failed) == []


@pytest.mark.parametrize("duplicates", ["snap", "replay-with-409"])
async def test_a_debit_sent_again_is_the_same_debit(shop: Shop, duplicates: str) -> None:
    """By either of DOKU's ways to say so it is asked for and adopted; one debit."""
    shop.set(duplicates=duplicates)
    link = await shop.linked()
    payment = bought(merchant_initiated=True)
    await shop.pays(link, payment)
    again = await shop.adapter.pay(payment, link)
    assert again.payment.claim is Claim.SUCCEEDED
    assert len(shop.ledger(payment)) == 1


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
async def test_a_lost_answer_is_found_by_asking(shop: Shop, fault: str) -> None:
    """In doubt, then what the provider's ledger says; never a second debit."""
    link = await shop.linked()
    payment = bought(merchant_initiated=True)
    shop.fault(fault, operation="pay")
    doubted = await shop.pays(link, payment)
    assert doubted.state is PaymentState.IN_DOUBT
    assert (await shop.query(doubted)).state is PaymentState.SUCCEEDED
    assert len(shop.ledger(payment)) == 1


@pytest.mark.parametrize("unknown_payment", ["4045501", "07"])
async def test_a_debit_that_was_not_made_is_not_found(shop: Shop, unknown_payment: str) -> None:
    """In doubt too, since nothing tells the difference but the question."""
    shop.set(unknown_payment=unknown_payment)
    link = await shop.linked()
    payment = bought(merchant_initiated=True)
    shop.fault("http_500_before", operation="pay")
    assert (await shop.pays(link, payment)).state is PaymentState.IN_DOUBT
    assert (await shop.adapter.query(payment)).claim is Claim.NOT_FOUND


async def test_a_rate_limit_proves_that_nothing_was_done(shop: Shop) -> None:
    """The payment's order is free again."""
    link = await shop.linked()
    shop.fault("rate_limited_429", operation="pay")
    outcome = await shop.adapter.pay(bought(), link)
    assert outcome.payment.claim is Claim.NOT_SENT


async def test_a_token_that_expires_early_is_renewed_once(shop: Shop) -> None:
    """The debit is sent twice, and made once."""
    link = await shop.linked()
    payment = bought(merchant_initiated=True)
    shop.fault("token_expired_early", operation="pay")
    assert (await shop.pays(link, payment)).state is PaymentState.PENDING
    assert len(shop.ledger(payment)) == 1


async def test_a_token_that_ended_at_doku_is_renewed(shop: Shop) -> None:
    """Its time passed there and not here; thirty who find out at once share the next one."""
    link = await shop.linked()
    await shop.pays(link, bought())
    await shop.pass_time(901)
    outcomes = await asyncio.gather(*(shop.adapter.query(bought()) for _ in range(30)))
    assert {update.claim for update in outcomes} == {Claim.NOT_FOUND}


async def test_a_customer_token_that_ended_at_doku_is_renewed(shop: Shop) -> None:
    """Its time passed there and not here; the link is asked for another."""
    shop.set(customer_token_lifetime_s=3600)
    link = await shop.linked()
    link = bindings.apply(link, await shop.adapter.query_binding(link), link.create_time)
    late = link.credentials["customer_token_expiry"].reveal()
    expiry = datetime.fromisoformat(late) + timedelta(days=1)
    link = replace(
        link,
        credentials={**link.credentials, "customer_token_expiry": Secret(expiry.isoformat())},
    )
    await shop.pass_time(3700)
    outcome = await shop.adapter.pay(bought(merchant_initiated=True), link)
    assert outcome.payment.claim is Claim.PENDING
    assert outcome.binding is not None
    assert outcome.binding.credentials is not None
    assert outcome.binding.credentials["customer_token"] != link.credentials["customer_token"]


async def test_a_link_that_was_cut_in_the_app_ends_here(shop: Shop) -> None:
    """With the debit that finds out, and with the balance."""
    link = await shop.linked()
    link = bindings.apply(link, await shop.adapter.query_binding(link), link.create_time)
    code = link.credentials["auth_code"].reveal()
    unlinked = await shop.browser.post(f"/sandbox/doku/bindings/{code}/unlink")
    assert unlinked.status_code == 200
    outcome = await shop.adapter.pay(bought(), link)
    assert outcome.payment.failure is not None
    assert outcome.payment.failure.reason is FailureReason.BINDING_REVOKED
    assert outcome.binding is not None
    ended = bindings.apply(link, outcome.binding, link.create_time)
    assert ended.state is BindingState.UNBOUND
    assert (await shop.adapter.balance(link)).balances == ()


async def test_a_refund_gives_everything_back_once(shop: Shop) -> None:
    """Done at once, confirmed by the query, and asked for again it is still one."""
    link = await shop.linked()
    paid = await shop.query(await shop.pays(link, bought(merchant_initiated=True)))
    asked = refunding(paid)
    outcome = await shop.adapter.refund(asked, link)
    assert outcome.refund.claim is Claim.SUCCEEDED
    assert outcome.refund.success_time is not None
    assert (await shop.query(asked)).state is PaymentState.REFUNDED
    again = await shop.adapter.refund(asked, link)
    assert again.refund.claim is Claim.SUCCEEDED
    assert [entry.kind for entry in shop.ledger(paid)] == ["debit", "refund"]


async def test_a_lost_answer_to_a_refund_is_found_by_asking(shop: Shop) -> None:
    """In doubt, then in the payment's history."""
    link = await shop.linked()
    asked = refunding(await shop.query(await shop.pays(link, bought(merchant_initiated=True))))
    shop.fault("garbage_body", operation="refund")
    outcome = await shop.adapter.refund(asked, link)
    assert outcome.refund.claim is Claim.UNKNOWN
    assert (await shop.query(asked)).state is PaymentState.REFUNDED


async def test_a_refund_that_was_not_made_is_not_found(shop: Shop) -> None:
    """The payment stands, and its history has no refund."""
    link = await shop.linked()
    asked = refunding(await shop.query(await shop.pays(link, bought(merchant_initiated=True))))
    shop.fault("http_500_before", operation="refund")
    assert (await shop.adapter.refund(asked, link)).refund.claim is Claim.UNKNOWN
    refund = (await shop.adapter.query(asked)).refund
    assert refund is not None
    assert refund.claim is Claim.NOT_FOUND


@pytest.mark.parametrize("fault", ["webhook_forged", "webhook_wrong_amount", "webhook_duplicated"])
async def test_what_goes_wrong_with_a_notification_changes_nothing(shop: Shop, fault: str) -> None:
    """Forged is refused, a wrong amount is a misfit, and twice is once."""
    link = await shop.linked()
    pending = await shop.pays(link, bought())
    shop.fault(fault)
    await (await shop.visit(pending.redirect_url)).go_through(PIN)
    await shop.pass_time(2)
    await shop.pass_time(2)
    paid = pending
    for event in shop.sidecar.events:
        assert isinstance(event.update, PaymentUpdate)
        if not payments.misfit(paid, event.update):
            paid = taken(paid, event.update)
    assert (paid.state, paid.version) == (PaymentState.SUCCEEDED, pending.version + 1)
    assert shop.sidecar.refusals == (["a wrong signature"] if fault == "webhook_forged" else [])
    assert len(shop.sidecar.events) == (1 if fault == "webhook_forged" else 2)


@pytest.mark.parametrize("service_code", ["54", "55"])
async def test_either_service_code_is_taken(shop: Shop, service_code: Literal["54", "55"]) -> None:
    """Where DOKU wants one of the two alone, the setting says which."""
    shop.set(status_service_code=service_code)
    link = await shop.linked()
    pending = await shop.pays(link, bought(merchant_initiated=True))
    adapter = made(replace(shop.config, status_service_code=service_code))
    assert (await adapter.query(pending)).claim is Claim.SUCCEEDED
    await adapter.close()


async def test_a_wrong_secret_opens_the_breaker_and_moves_nothing(shop: Shop) -> None:
    """Configuration: nothing was done, and nothing more is tried."""
    link = await shop.linked()
    link = bindings.apply(link, await shop.adapter.query_binding(link), link.create_time)
    adapter = made(replace(shop.config, client_secret=Secret("wrong")))
    payment = bought(merchant_initiated=True)
    outcome = await adapter.pay(payment, link)
    assert outcome.payment.claim is Claim.NOT_SENT
    assert adapter.available_for(CallClass.MUTATE) > 0
    assert shop.ledger(payment) == []
    await adapter.close()


async def test_a_wrong_key_unlinks_nobody(shop: Shop) -> None:
    """DOKU refuses the exchange as it would for a revoked link; the link stays."""
    link = await shop.linked()
    adapter = made(replace(shop.config, private_key=merchant.merchant_key()))
    update = await adapter.query_binding(link)
    assert bindings.apply(link, update, link.create_time).state is BindingState.ACTIVE
    await adapter.close()
