"""Holds the faults that a tester has armed, until they are used up."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from random import Random
from typing import Any, Final

from ovo_sandbox.clock import Clock
from ovo_sandbox.faults.kinds import KINDS, WEBHOOK, Stage
from ovo_sandbox.phone import InvalidPhone, normalise_phone

# More is a slip, and overflows dates.
_SECONDS_MAX: Final = 1e9


class InvalidFault(ValueError):
    """Tells which field of a fault is wrong, and why."""

    def __init__(self, field: str, reason: str) -> None:
        """Takes the field's name and what it should be."""
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Is a fault with its scope; None in a scope matches everything."""

    fault_id: str
    name: str
    provider: str | None = None
    operation: str | None = None
    # A shell pattern over the merchant's reference.
    reference: str | None = None
    phone: str | None = None
    seconds: float = 0
    probability: float = 1
    # How many more times it strikes; None: without end.
    remaining: int | None = 1
    disarms_at: datetime | None = None

    @property
    def stage(self) -> Stage:
        """Says where in an operation it strikes."""
        return KINDS[self.name].stage

    def matches(self, provider: str, operation: str, reference: str, phone: str) -> bool:
        """Tells whether a call is in the fault's scope."""
        if self.provider is not None and self.provider != provider:
            return False
        if self.operation is not None and self.operation != operation:
            return False
        if self.operation is None and not KINDS[self.name].strikes(operation):
            return False
        if self.reference is not None and not fnmatchcase(reference, self.reference):
            return False
        return self.phone is None or self.phone == phone

    def as_json(self) -> dict[str, Any]:
        """Returns the fault as the control API shows it."""
        return {
            "fault_id": self.fault_id,
            "name": self.name,
            "stage": self.stage.value,
            "provider": self.provider,
            "operation": self.operation,
            "reference": self.reference,
            "phone": self.phone,
            "seconds": self.seconds,
            "probability": self.probability,
            "remaining": self.remaining,
            "disarms_at": None if self.disarms_at is None else self.disarms_at.isoformat(),
        }


class Faults:
    """Arms faults and hands each out to the operations that it strikes.

    Faults live in memory: a restarted sandbox is a healthy one.
    """

    def __init__(self, clock: Clock, random: Random) -> None:
        """Draws the seeds of faults that come without one from `random`."""
        self._clock = clock
        self._random = random
        self._armed: dict[str, tuple[Fault, Random]] = {}
        self._made = 0

    def arm(self, request: Mapping[str, Any]) -> Fault:
        """Arms a fault as the control API's POST describes it, or raises InvalidFault."""
        allowed = {
            "name",
            "provider",
            "operation",
            "reference",
            "phone",
            "seconds",
            "probability",
            "count",
            "for_s",
            "seed",
        }
        for field in request:
            if field not in allowed:
                known = ", ".join(sorted(allowed))
                raise InvalidFault(field, f"is unknown; known are {known}")
        kind = KINDS.get(str(request.get("name")))
        if kind is None:
            raise InvalidFault("name", f"must be one of {', '.join(KINDS)}")
        count = request.get("count", kind.count)
        if count is not None and (
            not isinstance(count, int) or isinstance(count, bool) or count < 1
        ):
            raise InvalidFault("count", "must be a whole number from 1, or null for no end")
        operation = _text(request, "operation")
        if operation is not None and (operation == WEBHOOK) != (kind.stage is Stage.WEBHOOK):
            raise InvalidFault("operation", f"cannot be {operation} for {kind.name}")
        for_s = request.get("for_s", kind.for_s)
        self._made += 1
        fault = Fault(
            fault_id=f"fault-{self._made}",
            name=kind.name,
            provider=_text(request, "provider"),
            operation=operation,
            reference=_text(request, "reference"),
            phone=_phone(request),
            seconds=_number(request.get("seconds", kind.seconds), "seconds"),
            probability=_number(request.get("probability", 1), "probability", maximum=1),
            remaining=count,
            disarms_at=None
            if for_s is None
            else self._clock.now() + timedelta(seconds=_number(for_s, "for_s")),
        )
        seed = request.get("seed")
        if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
            raise InvalidFault("seed", "must be a whole number")
        chances = Random(self._random.getrandbits(64) if seed is None else seed)  # noqa: S311 - repeatable faults, no secret
        self._armed[fault.fault_id] = (fault, chances)
        return fault

    def take(
        self, provider: str, operation: str, *, reference: str = "", phone: str = ""
    ) -> Fault | None:
        """Returns the oldest fault that strikes this call, and counts it as used."""
        if not self._armed:
            return None
        now = self._clock.now()
        for fault, chances in list(self._armed.values()):
            if fault.disarms_at is not None and fault.disarms_at <= now:
                del self._armed[fault.fault_id]
            elif fault.matches(provider, operation, reference, phone) and (
                fault.probability >= 1 or chances.random() < fault.probability
            ):
                self._use(fault, chances)
                return fault
        return None

    def armed(self) -> list[Fault]:
        """Lists the faults in the order they were armed."""
        return [fault for fault, _ in self._armed.values()]

    def disarm(self, fault_id: str) -> bool:
        """Removes one fault, and tells whether it was armed."""
        return self._armed.pop(fault_id, None) is not None

    def clear(self) -> None:
        """Removes all faults."""
        self._armed.clear()

    def _use(self, fault: Fault, chances: Random) -> None:
        if fault.remaining is None:
            return
        if fault.remaining == 1:
            del self._armed[fault.fault_id]
        else:
            self._armed[fault.fault_id] = (replace(fault, remaining=fault.remaining - 1), chances)


def _text(request: Mapping[str, Any], field: str) -> str | None:
    value = request.get(field)
    if value is not None and (not isinstance(value, str) or not value):
        raise InvalidFault(field, "must be a text")
    return value


def _phone(request: Mapping[str, Any]) -> str | None:
    text = _text(request, "phone")
    if text is None:
        return None
    try:
        return normalise_phone(text)
    except InvalidPhone as error:
        raise InvalidFault("phone", str(error)) from error


def _number(value: object, field: str, maximum: float = _SECONDS_MAX) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= maximum:
        raise InvalidFault(field, f"must be a number from 0 to {maximum:g}")
    return value
