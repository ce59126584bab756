"""What can come of an outgoing call. Nothing that a network does is an exception to its caller.

Outcome
├── Answered   an answer came, whole
├── NotSent    proof that not one byte of the request left
└── Lost       the request may have left, and no whole answer came
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias


class Phase(IntEnum):
    """How far a request got, in order."""

    QUEUE = 1
    """Waiting for its turn, or turned away by the circuit breaker."""
    RESOLVE = 2
    CONNECT = 3
    TLS = 4
    WRITE = 5
    """Bytes are being handed to the socket; from here on nothing is proof of not sent."""
    READ = 6

    @property
    def sent(self) -> bool:
        """Whether a byte of the request may have left by this phase."""
        return self >= Phase.WRITE


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long each phase of a call, and all of it with its repetitions, may take; in seconds."""

    queue_s: float = 2.0
    connect_s: float = 3.0
    """For resolving, connecting and the TLS handshake, each."""
    write_s: float = 5.0
    read_s: float
    """The longest silence while an answer is awaited or read."""
    total_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer that came whole, whatever it says."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Looked up without regard to case."""
    body: bytes = field(repr=False)
    elapsed_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """Proof that not one byte of the request left; `cause` is for logs and evidence."""

    phase: Phase
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """The request may have left, and no whole answer came; `cause` is for logs and evidence."""

    phase: Phase
    cause: str


Outcome: TypeAlias = Answered | NotSent | Lost
