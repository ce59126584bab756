"""The two ways in: in clear for everybody, and over TLS for callers with a token."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ovo_payments.application.call import Caller
from ovo_payments.transport.grpc.callers_file import KnownCaller, new_token, token_digest
from tests.authority import Authority
from tests.polyglot.languages import Language
from tests.polyglot.running import TrialFailed, ended
from tests.sealed import running_sealed
from tests.stack import running_stack
from tests.torture.real.link import Address

_CALLER: Final = Caller(name="polyglot", scope="polyglot")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """A caller who lacks something, and what it is told."""

    variables: Mapping[str, str]
    told: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where a service takes calls, and what a caller needs there."""

    name: str
    address: Address
    variables: Mapping[str, str]
    """What examples and tests read of the environment."""
    strangers: tuple[Stranger, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Both."""

    clear: Door
    sealed: Door

    def of(self, language: Language) -> Door:
        """The one that a client is tried at."""
        return self.sealed if language.sealed else self.clear


@asynccontextmanager
async def open_doors(directory: Path) -> AsyncIterator[Doors]:
    """Runs a service behind each."""
    token = new_token()
    known = KnownCaller(caller=_CALLER, digests=(token_digest(token),))
    apart = directory / "apart"
    apart.mkdir()
    async with running_stack(directory) as stack, running_sealed(apart, apart, [known]) as sealed:
        trusted = {"OVOPAY_TLS_CA": str(sealed.authority.file)}
        unknown = {"OVOPAY_TLS_CA": str(Authority(apart, "stranger").file)}
        strangers = (
            Stranger(
                variables={**trusted, "OVOPAY_TOKEN": new_token()},
                told=re.compile("UNAUTHENTICATED: The caller did not prove who it is"),
            ),
            # Each language's TLS has its own sentence, and each names the certificate.
            Stranger(
                variables={**unknown, "OVOPAY_TOKEN": token},
                told=re.compile("UNAVAILABLE: .*certificat", re.IGNORECASE | re.DOTALL),
            ),
        )
        yield Doors(
            clear=Door(name="clear", address=_address(stack.grpc), variables={}),
            sealed=Door(
                name="TLS, token",
                address=_address(sealed.service.grpc),
                variables={**trusted, "OVOPAY_TOKEN": token},
                strangers=strangers,
            ),
        )


async def turned_away(language: Language, door: Door, environment: Mapping[str, str]) -> int:
    """Plays the example as each stranger; gives how many were told why they are refused."""
    if language.example is None:
        return 0
    host, port = door.address
    command = (*language.example, f"{host}:{port}")
    for stranger in door.strangers:
        status, output = await ended(
            command, language.folder, {**environment, **stranger.variables}
        )
        if status == 0 or not stranger.told.search(output):
            raise TrialFailed(f"a stranger was not told {stranger.told.pattern}:\n{output}")
    return len(door.strangers)


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return host, int(port)
