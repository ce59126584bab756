"""All attacks by the doors at which they are made."""

from collections.abc import Mapping, Sequence
from typing import Final

from tests.attacks import grpc_cases, sidecar_cases
from tests.attacks.case import Case
from tests.attacks.wire import Door
from tests.stack import Stack

ATTACKS: Final[Mapping[str, Sequence[Case]]] = {
    "gRPC": grpc_cases.CASES,
    "sidecar": sidecar_cases.CASES,
}


def door_of(stack: Stack, name: str, case: Case, patience_s: float) -> Door:
    """Finds where a running service listens."""
    address = stack.grpc if name == "gRPC" else stack.http.removeprefix("http://")
    host, _, port = address.rpartition(":")
    return Door(host=host, port=int(port), patience_s=patience_s, fate=case.fate)
