"""All attacks, by the service that is attacked and the door at which they are made."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.attacks import grpc_cases, sidecar_cases, tls_cases
from tests.attacks.attacked import Attacked, in_clear, over_tls
from tests.attacks.case import Case
from tests.attacks.wire import Door


@dataclass(frozen=True, slots=True, kw_only=True)
class Siege:
    """One way to run the service, and the attacks on each of its doors."""

    run: Callable[[Path], AbstractAsyncContextManager[Attacked]]
    attacks: Mapping[str, Sequence[Case]]


SIEGES: Final[Mapping[str, Siege]] = {
    "in clear": Siege(
        run=in_clear, attacks={"gRPC": grpc_cases.CASES, "sidecar": sidecar_cases.CASES}
    ),
    "over TLS": Siege(
        run=over_tls,
        attacks={"gRPC": tls_cases.GRPC_CASES, "sidecar": tls_cases.SIDECAR_CASES},
    ),
}


def door_of(service: Attacked, name: str, case: Case, patience_s: float) -> Door:
    """Finds where a running service listens."""
    host, port = service.address(name)
    return Door(host=host, port=port, patience_s=patience_s, fate=case.fate, papers=service.papers)
