"""What the audit keeps of an act on money or access: who did what to what, and what came of it."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ovo_payments.domain.binding import Binding
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.ports import PaymentChange
from ovo_payments.storage.times import to_microseconds

LEARNT: Final = "learnt"
"""The service took in what a provider told; the actor says by which way."""
UNBIND: Final = "Unbind"
_NOBODY: Final = "the service"
_HASH: Final = "sha256"
BEGIN: Final = b""
"""What stands before the first row of a chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act, as it is chained."""

    scope: str
    """Whose chain it belongs to; empty for what concerns all."""
    time_us: int
    actor: str
    act: str
    subject_id: str
    version: int
    """The subject's version that it made; 0 where it has none."""
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chained:
    """An act in its place."""

    act: Act
    number: int
    """Counts the acts of a chain, from 1."""
    hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """How far a chain has come."""

    scope: str
    number: int
    hash: bytes
    seal: bytes
    """Shows that the service itself wrote the three."""


def chain_hash(secret: bytes, act: Act, number: int, before: bytes) -> bytes:
    """Gives a row's hash: over all that it says, its place, and the row before it.

    Keyed, or whoever can change a row could count all that follow it anew.
    """
    said = (act.time_us, act.actor, act.act, act.subject_id, act.version, act.result)
    return _keyed(secret, ("row", act.scope, number, *said, before))


def head_seal(secret: bytes, scope: str, number: int, latest: bytes) -> bytes:
    """Gives the seal of a chain's head; an earlier one can't be made of what is stored now."""
    return _keyed(secret, ("head", scope, number, latest))


def of_payment(payment: Payment, actor: str, act: str) -> Act:
    """Gives an act that made a version of a payment."""
    refund = payment.refund
    result = payment.state.value
    if refund is not None:
        result += f"; refund {refund.refund_id} {refund.state.value}"
    return Act(
        scope=payment.scope,
        time_us=to_microseconds(payment.update_time),
        actor=actor or _NOBODY,
        act=act,
        subject_id=payment.payment_id,
        version=payment.version,
        result=result,
    )


def of_change(change: PaymentChange) -> Act:
    """Gives the act of taking in what was learnt of a payment."""
    source = change.evidence[-1].source.value if change.evidence else ""
    return of_payment(change.after, _told_by(change.after.provider, source), LEARNT)


def of_operator(act: str, result: str, now: datetime) -> Act:
    """Gives an act of whoever runs the service, by a command."""
    return Act(
        scope="",
        time_us=to_microseconds(now),
        actor="an operator",
        act=act,
        subject_id="",
        version=0,
        result=result,
    )


def of_binding(binding: Binding, actor: str, act: str) -> Act:
    """Gives an act that made a version of a binding."""
    return Act(
        scope=binding.scope,
        time_us=to_microseconds(binding.update_time),
        actor=_told_by(binding.provider, actor) if act == LEARNT else actor or _NOBODY,
        act=act,
        subject_id=binding.binding_id,
        version=binding.version,
        result=f"{binding.state.value}{'; to be unlinked' if binding.unbind_requested else ''}",
    )


def _told_by(provider: str, source: str) -> str:
    return f"{provider} {source}" if source else _NOBODY


def _keyed(secret: bytes, said: tuple[str | int | bytes, ...]) -> bytes:
    return hmac.digest(secret, ascii(said).encode("ascii"), _HASH)
