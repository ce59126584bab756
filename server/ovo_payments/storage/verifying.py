"""Reads the audit from its beginning and names the first row that is not as it was written."""

import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ovo_payments.storage import acts
from ovo_payments.storage.acts import Act, Chained, Head
from ovo_payments.storage.rows import Parameters, Row
from ovo_payments.storage.statements import audit as sql

_ROWS_AT_ONCE: Final = 500

Read: TypeAlias = Callable[[str, Parameters], Awaitable[Sequence[Row]]]
Known: TypeAlias = Mapping[tuple[str, int], str]
"""Hashes of rows, in hexadecimal, by scope and number: what somebody wrote down elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found."""

    heads: Sequence[Head] = field(default=())
    fault: str = ""
    """The first thing that is wrong; empty where nothing is."""


async def verify(read: Read, secret: bytes, known: Known) -> Verdict:
    """Checks every chain; `known` are rows that must still be there.

    May run while acts are written: the heads are read first, and what follows them is newer.
    """
    # Before the heads: a scope that begins meanwhile has none yet.
    scopes = {scope for (scope,) in await read(sql.READ_SCOPES, {})}
    heads = [
        Head(scope=scope, number=number, hash=latest, seal=seal)
        for scope, number, latest, seal in await read(sql.READ_HEADS, {})
    ]
    by_scope = {head.scope: head for head in heads}
    scopes |= by_scope.keys() | {scope for scope, _ in known}
    for scope in sorted(scopes):
        chain = _Chain(scope, by_scope.get(scope), secret, known)
        fault = await chain.fault(read)
        if fault:
            return Verdict(heads=heads, fault=fault)
    for payment_id, version in await read(sql.FIND_UNTOLD, {}):
        fault = f"version {version} of payment {payment_id} has no row: it was removed"
        return Verdict(heads=heads, fault=fault)
    return Verdict(heads=heads)


class _Chain:
    """One scope's rows, checked one after the other."""

    def __init__(self, scope: str, head: Head | None, secret: bytes, known: Known) -> None:
        self._name = f"the chain of {scope}" if scope else "the service's own chain"
        self._scope = scope
        self._head = head
        self._secret = secret
        self._known = {number: told for (of, number), told in known.items() if of == scope}
        self._number = 0
        self._hash = acts.BEGIN

    async def fault(self, read: Read) -> str:
        """Names the first fault; empty where there is none."""
        head = self._head
        if head is not None and not self._is_ours(head):
            return f"{self._name}: its head was changed"
        while rows := await read(sql.READ, self._next()):
            for row in rows:
                if fault := self._take(_chained(row)):
                    return fault
        if head is None:
            return f"{self._name}: it was removed, or its head"
        beyond = max((head.number, *self._known))
        if self._number < beyond:
            last = f" to {beyond}" if beyond > self._number + 1 else ""
            return f"{self._name}: row {self._number + 1}{last} was removed"
        return ""

    def _next(self) -> Parameters:
        return {"scope": self._scope, "after_number": self._number, "limit": _ROWS_AT_ONCE}

    def _take(self, row: Chained) -> str:
        number = self._number + 1
        if row.number != number:
            return f"{self._name}: row {number} was removed"
        expected = acts.chain_hash(self._secret, row.act, number, self._hash)
        head = self._head
        of_head = head is None or head.number != number or head.hash == row.hash
        known = self._known.get(number, row.hash.hex())
        if not (hmac.compare_digest(row.hash, expected) and of_head and known == row.hash.hex()):
            act = row.act
            return f"{self._name}: row {number} was changed or moved: {act.act} {act.subject_id}"
        self._number, self._hash = number, row.hash
        return ""

    def _is_ours(self, head: Head) -> bool:
        expected = acts.head_seal(self._secret, head.scope, head.number, head.hash)
        return hmac.compare_digest(head.seal, expected)


def _chained(row: Row) -> Chained:
    scope, number, time_us, actor, act, subject_id, version, result, row_hash = row
    said = Act(
        scope=scope,
        time_us=time_us,
        actor=actor,
        act=act,
        subject_id=subject_id,
        version=version,
        result=result,
    )
    return Chained(act=said, number=number, hash=row_hash)
