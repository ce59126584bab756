"""What a provider can come to say of one payment: the consistent worlds, and those that are not.

A world is what truly happened at the provider. Its pieces are everything that a provider in it
can tell, by any way and however late: the word of each moment, told again or told afterwards,
stays a piece of its world. No piece is the result of another, so that every order, repetition
and loss of them is a history that can happen.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from ovo_payments.domain.failure import Failure, FailureReason
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import Method, Payment, PaymentState
from ovo_payments.domain.schedule import Patience
from ovo_payments.domain.update import Claim, PaymentUpdate, RefundUpdate, Source
from tests.unit.domain.makers import NOW, PATIENCE, payment, refund, told, told_of_refund

DISTRUSTFUL: Final = replace(PATIENCE, not_found_is_final=False)
REFUSED: Final = Failure(reason=FailureReason.INSUFFICIENT_FUNDS, message="Too little.")
EXPIRY: Final = NOW + timedelta(seconds=65)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One thing that can be learnt."""

    name: str
    update: PaymentUpdate | RefundUpdate


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What happened at the provider, and all that can be learnt of it."""

    name: str
    start: Payment
    pieces: tuple[Piece, ...]
    patience: Patience = PATIENCE
    truth: PaymentState | None = None
    """The state of a payment of which all was learnt; None where that is never final."""


def _piece(update: PaymentUpdate | RefundUpdate, word: str = "") -> Piece:
    name = f"{update.source.value.lower()} says {word or update.claim.value}"
    return Piece(name=name, update=update)


def _told(claim: Claim, *sources: Source, **fields: object) -> tuple[Piece, ...]:
    return tuple(_piece(told(claim, source, **fields)) for source in sources)


def _with_refund(claim: Claim, refund_claim: Claim, *sources: Source) -> tuple[Piece, ...]:
    return tuple(
        _piece(
            told(claim, source, refund=told_of_refund(refund_claim, source)),
            f"{claim.value} and of the refund {refund_claim.value}",
        )
        for source in sources
    )


_A, _Q, _W, _T = Source.ANSWER, Source.QUERY, Source.WEBHOOK, Source.TRANSPORT
LOST: Final = _told(Claim.UNKNOWN, _T)
NOT_SENT: Final = _told(Claim.NOT_SENT, _T)
ASKED_IN_VAIN: Final = _told(Claim.UNKNOWN, _Q)
NOT_FOUND: Final = _told(Claim.NOT_FOUND, _Q)
PENDING: Final = _told(Claim.PENDING, _A, _W, _Q, expire_time=EXPIRY)
# An answer that is lost may have been written off before it comes after all.
CREATED: Final = (*PENDING, *LOST, *ASKED_IN_VAIN)
PAID: Final = _told(Claim.SUCCEEDED, _A, _W, _Q)
DECLINED: Final = _told(Claim.FAILED, _A, _W, _Q, failure=REFUSED)
EXPIRED: Final = _told(Claim.EXPIRED, _W, _Q)
REFUNDED: Final = _told(Claim.REFUNDED, _W, _Q)

PUSH: Final = payment()
DEBIT: Final = payment(method=Method.LINKED_ACCOUNT, provider="doku", binding_id="bnd1")


def _payment_worlds(start: Payment, patience: Patience, kind: str) -> tuple[World, ...]:
    def world(name: str, truth: PaymentState | None, *pieces: Piece) -> World:
        return World(
            name=f"{kind} {name}", start=start, pieces=pieces, patience=patience, truth=truth
        )

    never = PaymentState.FAILED if patience.not_found_is_final else None
    return (
        world("that waits for its customer", None, *CREATED),
        world("that is paid", PaymentState.SUCCEEDED, *CREATED, *PAID),
        world("that is declined", PaymentState.FAILED, *CREATED, *DECLINED),
        world("that expires", PaymentState.EXPIRED, *CREATED, *EXPIRED),
        world("that expires and is paid", PaymentState.SUCCEEDED, *CREATED, *EXPIRED, *PAID[1:]),
        world("that is paid and refunded", PaymentState.REFUNDED, *CREATED, *PAID[1:], *REFUNDED),
        world(
            "that is refunded step by step",
            PaymentState.REFUNDED,
            *(*PENDING[1:], *LOST, *PAID[1:]),
            *_with_refund(Claim.SUCCEEDED, Claim.PENDING, _W, _Q),
            *_with_refund(Claim.REFUNDED, Claim.SUCCEEDED, _W, _Q),
        ),
        world("that never arrived", never, *LOST, *ASKED_IN_VAIN, *NOT_FOUND),
        world(
            "that was not sent", PaymentState.FAILED, *NOT_SENT, *LOST, *ASKED_IN_VAIN, *NOT_FOUND
        ),
    )


REFUNDING: Final = payment(state=PaymentState.SUCCEEDED, acknowledged=True, refund=refund())
_REFUND_LOST: Final = (_piece(told_of_refund(Claim.UNKNOWN, _T)),)
_REFUND_NOT_FOUND: Final = _with_refund(Claim.SUCCEEDED, Claim.NOT_FOUND, _Q)
_OLD_WORDS: Final = (PENDING[1], PAID[1], *ASKED_IN_VAIN)
_REFUND_ACCEPTED: Final = (
    _piece(told_of_refund(Claim.PENDING, _A)),
    *_with_refund(Claim.SUCCEEDED, Claim.PENDING, _W, _Q),
)
_REFUND_DONE: Final = (
    _piece(told_of_refund(Claim.SUCCEEDED, _A)),
    *_with_refund(Claim.REFUNDED, Claim.SUCCEEDED, _W, _Q),
)
_REFUND_REFUSED: Final = (
    _piece(told_of_refund(Claim.FAILED, _A)),
    *_with_refund(Claim.SUCCEEDED, Claim.FAILED, _Q),
)


def _refund_worlds(patience: Patience, kind: str) -> tuple[World, ...]:
    def world(name: str, truth: PaymentState | None, *pieces: Piece) -> World:
        return World(
            name=f"{kind} {name}", start=REFUNDING, pieces=pieces, patience=patience, truth=truth
        )

    paid = PaymentState.SUCCEEDED
    return (
        world("that waits for the bank", paid, *_REFUND_ACCEPTED, *_REFUND_LOST, *_OLD_WORDS),
        world(
            "that is done",
            PaymentState.REFUNDED,
            *(*_REFUND_ACCEPTED, *_REFUND_DONE, *_REFUND_LOST, *_OLD_WORDS),
        ),
        world("that is refused", paid, *_REFUND_REFUSED, *_REFUND_LOST, *_OLD_WORDS),
        world(
            "that is accepted and then refused",
            paid,
            *(*_REFUND_ACCEPTED, *_REFUND_REFUSED, *_REFUND_LOST, *_OLD_WORDS),
        ),
        world("that never arrived", paid, *_REFUND_LOST, *_REFUND_NOT_FOUND, *_OLD_WORDS),
        world(
            "that was not sent",
            paid,
            _piece(told_of_refund(Claim.NOT_SENT, _T)),
            *(*_REFUND_LOST, *_REFUND_NOT_FOUND, *_OLD_WORDS),
        ),
    )


CONSISTENT: Final = (
    *_payment_worlds(PUSH, PATIENCE, "a push"),
    *_payment_worlds(DEBIT, DISTRUSTFUL, "a debit"),
    *_refund_worlds(PATIENCE, "a refund"),
    *_refund_worlds(DISTRUSTFUL, "a refund at a distrusted provider"),
)


def _of_other_money(claim: Claim) -> tuple[Piece, ...]:
    other = Money(15_001)
    return tuple(
        _piece(told(claim, source, amount=other), f"{claim.value} of other money")
        for source in (_A, _W, _Q)
    )


CONTRADICTORY: Final = (
    World(
        name="paid and declined",
        start=PUSH,
        pieces=(*LOST, *PENDING[1:], *PAID, *DECLINED),
    ),
    World(
        name="declined and expired",
        start=PUSH,
        pieces=(*LOST, *PENDING[1:], *DECLINED, *EXPIRED),
    ),
    World(
        name="there and not found",
        start=PUSH,
        pieces=(*LOST, *PENDING, *NOT_FOUND),
    ),
    World(
        name="there and not sent",
        start=PUSH,
        pieces=(*LOST, *PENDING, *NOT_SENT),
    ),
    World(
        name="paid and not found",
        start=PUSH,
        pieces=(*LOST, *PAID, *NOT_FOUND, *NOT_SENT),
    ),
    World(
        name="paid with other money",
        start=PUSH,
        pieces=(*CREATED, *_of_other_money(Claim.SUCCEEDED)),
    ),
    World(
        name="declined with other money",
        start=PUSH,
        pieces=(*LOST, *PAID, *_of_other_money(Claim.FAILED)),
    ),
)
"""Worlds in which a provider contradicts itself, or our transport does."""
