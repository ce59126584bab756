"""The table of a binding's changes: every pair, the forbidden ones too."""

from datetime import timedelta
from itertools import product

import pytest

from ovo_payments.domain import binding as bindings
from ovo_payments.domain.binding import BindingState
from ovo_payments.domain.failure import FailureReason
from ovo_payments.domain.secret import Secret
from ovo_payments.domain.update import BindingClaim, BindingUpdate, Source
from tests.unit.domain.makers import NOW, binding

LATER = NOW + timedelta(seconds=10)
P, A, F, E, U = BindingState

EXPECTED = {
    #                          P  A  F  E  U
    BindingClaim.PENDING: (P, A, F, E, U),
    BindingClaim.ACTIVE: (A, A, F, E, U),
    BindingClaim.FAILED: (F, A, F, E, U),
    BindingClaim.NOT_LINKED: (P, U, F, E, U),
    BindingClaim.UNBOUND: (U, U, F, E, U),
    BindingClaim.UNKNOWN: (P, A, F, E, U),
    BindingClaim.NOT_SENT: (F, A, F, E, U),
}


def told(claim: BindingClaim, **fields: object) -> BindingUpdate:
    """Makes an update."""
    return BindingUpdate(source=Source.QUERY, claim=claim, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(("state", "claim"), list(product(BindingState, BindingClaim)))
def test_every_pair_of_state_and_claim_has_one_end(
    state: BindingState, claim: BindingClaim
) -> None:
    """Nothing but the expected table moves a binding."""
    after = bindings.apply(binding(state=state), told(claim), LATER)
    assert after.state is EXPECTED[claim][list(BindingState).index(state)]
    assert not after.sending


def test_a_window_that_passed_ends_a_link_only_with_the_providers_word() -> None:
    """Time alone is no evidence."""
    after_the_window = NOW + timedelta(hours=1)
    assert bindings.apply(binding(), told(BindingClaim.UNKNOWN), after_the_window).state is P
    assert bindings.apply(binding(), told(BindingClaim.NOT_LINKED), after_the_window).state is E


def test_an_ended_link_holds_nothing() -> None:
    """Its tokens are destroyed and its page is gone."""
    linked = binding(state=A, credentials={"token": Secret("t")})
    after = bindings.apply(linked, told(BindingClaim.NOT_LINKED), LATER)
    assert not after.credentials
    assert not after.redirect_url


def test_an_active_link_shows_no_page() -> None:
    """The page is for pending links alone."""
    pending = bindings.apply(
        binding(), told(BindingClaim.PENDING, redirect_url="https://page"), LATER
    )
    assert pending.redirect_url == "https://page"
    assert not bindings.apply(pending, told(BindingClaim.ACTIVE), LATER).redirect_url


@pytest.mark.parametrize("claim", [BindingClaim.NOT_SENT, BindingClaim.FAILED])
def test_an_unlinking_that_did_not_happen_leaves_the_link_usable(claim: BindingClaim) -> None:
    """Payments may go on."""
    asked = binding(state=A, unbind_requested=True)
    assert not asked.usable
    assert bindings.apply(asked, told(claim), LATER).usable


def test_a_late_notification_of_the_linking_takes_no_unlinking_back() -> None:
    """It is about the customer's page, which somebody may have left in another tab."""
    asked = binding(state=A, unbind_requested=True)
    told_late = BindingUpdate(source=Source.WEBHOOK, claim=BindingClaim.FAILED)
    assert not bindings.apply(asked, told_late, LATER).usable


def test_an_unlinking_in_doubt_takes_no_payments() -> None:
    """The service goes on asking until it is over."""
    asked = binding(state=A, unbind_requested=True)
    after = bindings.apply(asked, told(BindingClaim.UNKNOWN), LATER)
    assert not after.usable
    assert after.open


def test_a_bind_that_was_never_sent_failed() -> None:
    """With a reason that says so."""
    after = bindings.apply(binding(), told(BindingClaim.NOT_SENT), LATER)
    assert after.failure is not None
    assert after.failure.reason is FailureReason.NOT_FOUND_AT_PROVIDER
