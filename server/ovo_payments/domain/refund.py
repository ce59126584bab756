"""Refunds: the way of a payment's money back, and what each update makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from ovo_payments.domain.failure import Failure, FailureReason
from ovo_payments.domain.money import Money
from ovo_payments.domain.update import Claim, RefundUpdate


class RefundState(StrEnum):
    """What is known of a refund."""

    PENDING = "PENDING"
    IN_DOUBT = "IN_DOUBT"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"

    @property
    def open(self) -> bool:
        """Whether the refund can still change without being asked for again."""
        return self in {RefundState.PENDING, RefundState.IN_DOUBT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """A refund as we hold it; `refund_id` is its reference at the provider, for ever."""

    refund_id: str
    state: RefundState
    amount: Money
    reason: str = field(repr=False)
    create_time: datetime
    acknowledged: bool = False
    """Whether the provider ever told that it has it."""
    failure: Failure | None = None
    success_time: datetime | None = None


NOT_SENT: Final = Failure(
    reason=FailureReason.NOT_FOUND_AT_PROVIDER,
    message="The provider could not be reached; nothing was sent and no money moved.",
    retryable=True,
)

TRANSITIONS: Final[Mapping[tuple[RefundState, Claim], RefundState]] = {
    (RefundState.PENDING, Claim.PENDING): RefundState.PENDING,
    (RefundState.PENDING, Claim.UNKNOWN): RefundState.IN_DOUBT,
    (RefundState.PENDING, Claim.SUCCEEDED): RefundState.SUCCEEDED,
    (RefundState.PENDING, Claim.FAILED): RefundState.FAILED,
    (RefundState.PENDING, Claim.NOT_SENT): RefundState.FAILED,
    (RefundState.IN_DOUBT, Claim.PENDING): RefundState.PENDING,
    (RefundState.IN_DOUBT, Claim.SUCCEEDED): RefundState.SUCCEEDED,
    (RefundState.IN_DOUBT, Claim.FAILED): RefundState.FAILED,
    # The proof came after its sender was given up: there is one send, and it never left.
    (RefundState.IN_DOUBT, Claim.NOT_SENT): RefundState.FAILED,
    # Told failed, and the money went back all the same: the money decides.
    (RefundState.FAILED, Claim.SUCCEEDED): RefundState.SUCCEEDED,
}
"""Every change of a refund that an update can make; a pair that is not here changes nothing."""


def names_another(refund: Refund, update: RefundUpdate) -> bool:
    """Whether an update names another refund: an earlier try, or one that was made beside us."""
    return update.refund_id not in {"", refund.refund_id}


def apply(refund: Refund, update: RefundUpdate) -> Refund:
    """Takes an update in. Equal to `refund` where the update changes nothing."""
    state = TRANSITIONS.get((refund.state, update.claim))
    if state is None or (refund.acknowledged and update.claim in {Claim.UNKNOWN, Claim.NOT_SENT}):
        return refund
    failure = None
    if state is RefundState.FAILED:
        failure = NOT_SENT if update.claim is Claim.NOT_SENT else update.failure
    return replace(
        refund,
        state=state,
        acknowledged=refund.acknowledged or update.claim in {Claim.PENDING, Claim.SUCCEEDED},
        failure=failure,
        success_time=update.success_time if state is RefundState.SUCCEEDED else None,
    )
