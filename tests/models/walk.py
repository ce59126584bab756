"""Goes through every sequence of evidence, up to a length, and merges what can't differ any more.

Two sequences of the same length after which the payment is the same, down to its checks, go on
alike: `decide` is pure, and the version is only ever counted on. So each such pair goes on as one,
with the number of sequences that it stands for, and nothing is left out.
`test_merging_leaves_nothing_out` holds this against sequences gone through one by one.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from ovo_payments.domain.decide import decide
from ovo_payments.domain.payment import Payment, PaymentState
from ovo_payments.domain.update import Claim, PaymentUpdate, RefundUpdate
from tests.models.worlds import Piece, World

OFTEN_ENOUGH: Final = 3
"""So many answers "not found" are evidence, and more are no more."""

_ENDED_WITHOUT_MONEY: Final = frozenset({PaymentState.FAILED, PaymentState.EXPIRED})

Check: TypeAlias = Callable[[Payment, Payment, PaymentUpdate | RefundUpdate], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When the pieces come."""

    name: str
    first: timedelta
    """From the request to the first piece."""
    between: timedelta


AT_ONCE: Final = Times(name="at once", first=timedelta(), between=timedelta(seconds=1))
"""Before a 404 says anything."""
LATER: Final = Times(
    name="after the settling time", first=timedelta(minutes=5), between=timedelta(seconds=20)
)
A_DAY_LATER: Final = Times(
    name="after the last question", first=timedelta(days=8), between=timedelta(minutes=10)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What was learnt, whatever the order: which pieces, and how often "not found" as it counts."""

    pieces: frozenset[str] = frozenset()
    not_found_count: int = 0

    def and_then(self, piece: Piece) -> "Learnt":
        """Learns one piece more."""
        count = min(self.not_found_count + says_not_found(piece.update), OFTEN_ENOUGH)
        return Learnt(pieces=self.pieces | {piece.name}, not_found_count=count)


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """What a payment became, and of how many sequences this is the end."""

    learnt: Learnt
    payment: Payment
    sequence_count: int


def says_not_found(update: PaymentUpdate | RefundUpdate) -> bool:
    """Whether an update says that the provider has no record."""
    refund = update.refund if isinstance(update, PaymentUpdate) else None
    return Claim.NOT_FOUND in {update.claim, refund.claim if refund else None}


def ends(world: World, times: Times, length: int, check: Check) -> Iterator[list[End]]:
    """Gives the ends of all sequences of 1, 2, … pieces; `check` looks at each single step."""
    layer = [End(learnt=Learnt(), payment=world.start, sequence_count=1)]
    for step in range(length):
        now = world.start.create_time + times.first + step * times.between
        layer = _next_layer(world, layer, now, check)
        yield layer


def _next_layer(world: World, layer: list[End], now: datetime, check: Check) -> list[End]:
    counts: Counter[tuple[object, Learnt]] = Counter()
    payments: dict[tuple[object, Learnt], Payment] = {}
    for end in layer:
        for piece in world.pieces:
            after = decide(end.payment, piece.update, now, world.patience).payment
            check(end.payment, after, piece.update)
            key = (_changeable(after), end.learnt.and_then(piece))
            payments[key] = after
            counts[key] += end.sequence_count
    return [
        End(learnt=key[1], payment=payments[key], sequence_count=count)
        for key, count in counts.items()
    ]


def _changeable(payment: Payment) -> object:
    """All that a decision depends on and can change, in a form that can be a key."""
    return (
        *(payment.state, payment.acknowledged),
        *(payment.failure, payment.refund, payment.review, payment.late_success, payment.checks),
        *(payment.expire_time, payment.success_time),
        # From its end on, what ended without money is asked about again.
        *((payment.update_time,) if payment.state in _ENDED_WITHOUT_MONEY else ()),
        *(payment.provider_reference, payment.redirect_url),
    )
