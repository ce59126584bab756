"""Bind, Unbind, Balance and Pay: links and what is done with them."""

import pytest

from ovo_payments.application.call import BindRequest, GetStatusRequest
from ovo_payments.domain.binding import Binding, BindingState
from ovo_payments.domain.errors import (
    BindingNotActiveError,
    BindingNotFoundError,
    PaymentInFlightError,
    ProviderUnavailableError,
    RequestIdReusedError,
)
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import PaymentState
from ovo_payments.domain.provider import AccountBalance, BalanceOutcome
from ovo_payments.domain.secret import Secret
from ovo_payments.domain.update import BindingClaim, BindingUpdate, Claim, Source
from tests.unit.application.bench import BIND, CALL, STRANGER, Bench
from tests.unit.domain.makers import told


def said(claim: BindingClaim, source: Source = Source.ANSWER, **fields: object) -> BindingUpdate:
    """Makes an update of a binding."""
    return BindingUpdate(source=source, claim=claim, **fields)  # type: ignore[arg-type]


async def stored(bench: Bench, binding: Binding) -> Binding:
    """Reads a binding as it stands."""
    found = await bench.store.find_binding(binding.binding_id)
    assert found is not None
    return found


async def test_a_link_starts_pending_with_a_page(bench: Bench) -> None:
    """The customer finishes there."""
    binding = (await bench.use_cases.bind(CALL, BIND)).binding
    assert binding.state is BindingState.PENDING
    assert binding.redirect_url == "https://page.example"


async def test_a_repeated_bind_is_the_same_link(bench: Bench) -> None:
    """Other content under the same request id is refused."""
    first = await bench.use_cases.bind(CALL, BIND)
    again = await bench.use_cases.bind(CALL, BIND)
    assert again.replayed
    assert again.binding.binding_id == first.binding.binding_id
    other = BindRequest(
        request_id=BIND.request_id,
        customer_id="another",
        phone_number=BIND.phone_number,
        success_url=BIND.success_url,
        failure_url=BIND.failure_url,
    )
    with pytest.raises(RequestIdReusedError) as caught:
        await bench.use_cases.bind(CALL, other)
    assert caught.value.binding_id == first.binding.binding_id
    assert caught.value.differing_fields == ("customer_id",)
    assert bench.provider.sends("bind") == 1


async def test_a_bind_whose_answer_was_lost_is_pending_without_a_page(bench: Bench) -> None:
    """It can't be finished, and says so by having no page."""
    bench.provider.binding_answer = said(BindingClaim.UNKNOWN, Source.TRANSPORT)
    binding = (await bench.use_cases.bind(CALL, BIND)).binding
    assert binding.state is BindingState.PENDING
    assert not binding.redirect_url


async def test_a_bind_that_was_never_sent_is_unavailable(bench: Bench) -> None:
    """Nothing was sent."""
    bench.provider.binding_answer = said(BindingClaim.NOT_SENT, Source.TRANSPORT)
    with pytest.raises(ProviderUnavailableError) as caught:
        await bench.use_cases.bind(CALL, BIND)
    binding = await bench.store.find_binding(caught.value.binding_id)
    assert binding is not None
    assert binding.state is BindingState.FAILED


async def test_a_link_that_nobody_finished_expires_with_the_providers_word(bench: Bench) -> None:
    """The resolver asks after the window."""
    binding = (await bench.use_cases.bind(CALL, BIND)).binding
    for _ in range(12):
        bench.clock.advance(300)
        await bench.application.resolve.run_once()
    assert (await stored(bench, binding)).state is BindingState.EXPIRED


async def test_a_debit_uses_its_own_binding(bench: Bench) -> None:
    """And what the debit taught about the link is kept."""
    binding = await bench.linked()
    bench.provider.learnt = said(BindingClaim.ACTIVE, credentials={"token": Secret("new")})
    payment = await bench.pay(binding)
    assert payment.binding_id == binding.binding_id
    assert payment.phone_number == binding.phone_number
    assert (await stored(bench, binding)).credentials["token"].reveal() == "new"


async def test_a_revoked_link_ends_the_binding(bench: Bench) -> None:
    """The customer unlinked it in the app."""
    binding = await bench.linked()
    bench.provider.answer = told(Claim.FAILED, Source.ANSWER)
    bench.provider.learnt = said(BindingClaim.NOT_LINKED)
    assert (await bench.pay(binding)).state is PaymentState.FAILED
    assert (await stored(bench, binding)).state is BindingState.UNBOUND


async def test_only_an_active_link_can_be_debited(bench: Bench) -> None:
    """The refusal names the state, and nothing is sent."""
    binding = (await bench.use_cases.bind(CALL, BIND)).binding
    with pytest.raises(BindingNotActiveError) as caught:
        await bench.pay(binding)
    assert caught.value.state == "PENDING"
    assert bench.provider.sends("pay") == 0


async def test_a_repeated_debit_is_answered_after_the_link_is_gone(bench: Bench) -> None:
    """A repeat asks what became of the first."""
    binding = await bench.linked()
    bench.provider.answer = told(Claim.SUCCEEDED, Source.ANSWER)
    payment = await bench.pay(binding)
    await bench.use_cases.unbind(CALL, binding.binding_id)
    assert (await bench.pay(binding)).payment_id == payment.payment_id


async def test_unlinking_ends_the_link_and_destroys_its_tokens(bench: Bench) -> None:
    """Unlinking again succeeds without another call."""
    binding = await bench.linked()
    unbound = await bench.use_cases.unbind(CALL, binding.binding_id)
    assert unbound.state is BindingState.UNBOUND
    assert not unbound.credentials
    await bench.use_cases.unbind(CALL, binding.binding_id)
    assert bench.provider.sends("unbind") == 1


async def test_a_link_with_an_open_payment_is_not_unlinked(bench: Bench) -> None:
    """The refusal names the payment."""
    binding = await bench.linked()
    payment = await bench.pay(binding)
    with pytest.raises(PaymentInFlightError) as caught:
        await bench.use_cases.unbind(CALL, binding.binding_id)
    assert caught.value.payment_id == payment.payment_id
    assert bench.provider.sends("unbind") == 0


async def test_an_unlinking_in_doubt_is_finished_by_the_resolver(bench: Bench) -> None:
    """Until then the link takes no payments."""
    binding = await bench.linked()
    bench.provider.unbind_answer = said(BindingClaim.UNKNOWN, Source.TRANSPORT)
    asked = await bench.use_cases.unbind(CALL, binding.binding_id)
    assert asked.state is BindingState.ACTIVE
    with pytest.raises(BindingNotActiveError):
        await bench.pay(binding)
    bench.provider.unbind_answer = said(BindingClaim.UNBOUND)
    bench.clock.advance(5)
    await bench.application.resolve.run_once()
    assert (await stored(bench, binding)).state is BindingState.UNBOUND


async def test_an_unlinking_that_was_never_sent_leaves_the_link_usable(bench: Bench) -> None:
    """UNAVAILABLE means that nothing was sent."""
    binding = await bench.linked()
    bench.provider.unbind_answer = said(BindingClaim.NOT_SENT, Source.TRANSPORT)
    with pytest.raises(ProviderUnavailableError):
        await bench.use_cases.unbind(CALL, binding.binding_id)
    await bench.pay(binding)


async def test_a_pending_link_cannot_be_unlinked(bench: Bench) -> None:
    """There is nothing to unlink yet."""
    binding = (await bench.use_cases.bind(CALL, BIND)).binding
    with pytest.raises(BindingNotActiveError):
        await bench.use_cases.unbind(CALL, binding.binding_id)


async def test_a_balance_tells_cash_and_points(bench: Bench) -> None:
    """As of now."""
    binding = await bench.linked()
    cash = AccountBalance(type="CASH", available=Money(100_000))
    points = AccountBalance(type="POINTS", available=Money(500))
    bench.provider.balances = BalanceOutcome(balances=(cash, points))
    result = await bench.use_cases.balance(CALL, binding.binding_id)
    assert result.balances == (cash, points)
    assert result.read_time == bench.clock.now()


async def test_a_balance_of_a_link_that_is_gone_ends_it(bench: Bench) -> None:
    """The customer unlinked it in the app."""
    binding = await bench.linked()
    gone = said(BindingClaim.NOT_LINKED)
    bench.provider.balances = BalanceOutcome(balances=(), binding=gone)
    with pytest.raises(BindingNotActiveError):
        await bench.use_cases.balance(CALL, binding.binding_id)
    assert (await stored(bench, binding)).state is BindingState.UNBOUND


async def test_anothers_link_is_unknown(bench: Bench) -> None:
    """For every call that names it."""
    binding = await bench.linked()
    for call in (
        bench.use_cases.balance(STRANGER, binding.binding_id),
        bench.use_cases.unbind(STRANGER, binding.binding_id),
        bench.use_cases.get_status(STRANGER, GetStatusRequest(binding_id=binding.binding_id)),
    ):
        with pytest.raises(BindingNotFoundError):
            await call


async def test_a_notification_makes_a_link_active(bench: Bench) -> None:
    """By its external reference, once the provider confirms it."""
    binding = (await bench.use_cases.bind(CALL, BIND)).binding
    bench.provider.binding_told = said(BindingClaim.ACTIVE, Source.QUERY)
    await bench.webhook(
        "/webhooks/scripted/binding", reference=binding.external_reference, claim="ACTIVE"
    )
    assert (await stored(bench, binding)).state is BindingState.ACTIVE


async def test_a_notification_that_the_provider_does_not_confirm_waits(bench: Bench) -> None:
    """Its word alone is not enough while the provider says otherwise."""
    binding = (await bench.use_cases.bind(CALL, BIND)).binding
    reference = binding.external_reference
    await bench.webhook("/webhooks/scripted/binding", reference=reference, claim="ACTIVE")
    assert (await stored(bench, binding)).state is BindingState.PENDING
    bench.provider.binding_told = said(BindingClaim.ACTIVE, Source.QUERY)
    bench.clock.advance(3)
    await bench.application.resolve.run_once()
    assert (await stored(bench, binding)).state is BindingState.ACTIVE
