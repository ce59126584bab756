"""Makes the providers misbehave on purpose, one named fault at a time."""

from ovo_sandbox.faults.answers import refusal, spoil
from ovo_sandbox.faults.armed import Fault, Faults, InvalidFault
from ovo_sandbox.faults.kinds import KINDS, FaultKind, Stage

__all__ = [
    "KINDS",
    "Fault",
    "FaultKind",
    "Faults",
    "InvalidFault",
    "Stage",
    "refusal",
    "spoil",
]
