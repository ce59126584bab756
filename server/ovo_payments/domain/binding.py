"""Bindings: links between a merchant's customers and their OVO accounts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ovo_payments.domain.failure import Failure
from ovo_payments.domain.payment import NOT_SENT, Customer
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.secret import Credentials
from ovo_payments.domain.update import BindingClaim, BindingUpdate, Source


class BindingState(StrEnum):
    """What is known of a link."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    UNBOUND = "UNBOUND"

    @property
    def final(self) -> bool:
        """Whether the link can change no more."""
        return self not in {BindingState.PENDING, BindingState.ACTIVE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A link as we hold it."""

    binding_id: str
    scope: str
    customer_id: str = field(repr=False)
    provider: str
    phone_number: PhoneNumber
    state: BindingState
    version: int
    external_reference: str
    """Our own reference of the request at the provider: digits only, at most 36."""
    success_url: str = field(repr=False)
    failure_url: str = field(repr=False)
    create_time: datetime
    update_time: datetime
    expire_time: datetime
    customer: Customer | None = field(default=None, repr=False)
    redirect_url: str = field(default="", repr=False)
    failure: Failure | None = None
    credentials: Credentials = field(default_factory=lambda: MappingProxyType({}))
    unbind_requested: bool = False
    """The caller asked to unlink and the provider did not yet confirm it."""
    next_check_time: datetime | None = field(default=None, compare=False)
    sending: bool = field(default=False, compare=False)

    @property
    def usable(self) -> bool:
        """Whether payments may be made with it."""
        return self.state is BindingState.ACTIVE and not self.unbind_requested

    @property
    def open(self) -> bool:
        """Whether the service still has something to learn of it by itself."""
        return self.state is BindingState.PENDING or (
            self.state is BindingState.ACTIVE and self.unbind_requested
        )


TRANSITIONS: Final[Mapping[tuple[BindingState, BindingClaim], BindingState]] = {
    (BindingState.PENDING, BindingClaim.PENDING): BindingState.PENDING,
    (BindingState.PENDING, BindingClaim.ACTIVE): BindingState.ACTIVE,
    (BindingState.PENDING, BindingClaim.FAILED): BindingState.FAILED,
    (BindingState.PENDING, BindingClaim.NOT_SENT): BindingState.FAILED,
    (BindingState.PENDING, BindingClaim.UNBOUND): BindingState.UNBOUND,
    (BindingState.ACTIVE, BindingClaim.ACTIVE): BindingState.ACTIVE,
    (BindingState.ACTIVE, BindingClaim.NOT_LINKED): BindingState.UNBOUND,
    (BindingState.ACTIVE, BindingClaim.UNBOUND): BindingState.UNBOUND,
}
"""Every change that an update can make; a pair that is not here changes nothing.

One more hangs on the customer's window: PENDING and NOT_LINKED after it is EXPIRED.
"""

_UNBIND_DID_NOT_HAPPEN: Final = frozenset({BindingClaim.FAILED, BindingClaim.NOT_SENT})


def apply(binding: Binding, update: BindingUpdate, now: datetime) -> Binding:
    """Takes an update in. Equal to `binding` where the update changes nothing."""
    state = TRANSITIONS.get((binding.state, update.claim))
    window_passed = now >= binding.expire_time
    if (binding.state, update.claim) == (BindingState.PENDING, BindingClaim.NOT_LINKED):
        state = BindingState.EXPIRED if window_passed else None
    if state is None:
        answered = replace(binding, sending=False)
        # A notification tells how the linking ended, however late: never of the unlinking.
        of_the_unlinking = update.source is not Source.WEBHOOK
        if of_the_unlinking and update.claim in _UNBIND_DID_NOT_HAPPEN:
            answered = replace(answered, unbind_requested=False)
        return next_version(binding, answered, now)
    failure = None
    if state is BindingState.FAILED:
        failure = NOT_SENT if update.claim is BindingClaim.NOT_SENT else update.failure
    # What is told anew replaces what was told before; what is not told again stays.
    credentials = {**binding.credentials, **(update.credentials or {})}
    pending = state is BindingState.PENDING
    changed = replace(
        binding,
        state=state,
        failure=failure,
        redirect_url=(binding.redirect_url or update.redirect_url) if pending else "",
        expire_time=(update.expire_time or binding.expire_time),
        # What an ended link held is destroyed: nobody needs it again.
        credentials=MappingProxyType({}) if state.final else credentials,
        unbind_requested=binding.unbind_requested and not state.final,
        sending=False,
    )
    return next_version(binding, changed, now)


def next_version(before: Binding, after: Binding, now: datetime) -> Binding:
    """Counts a change; equal to `after` where nothing but the asking changed."""
    if after == before:
        return after
    return replace(after, version=before.version + 1, update_time=max(now, before.update_time))
