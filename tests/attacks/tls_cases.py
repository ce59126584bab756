"""Attacks on TLS, at either door; gRPC asks for certificates of callers there, too."""

import ssl
from collections.abc import Callable
from typing import Final

from tests.attacks.case import Attack, Case, Ways
from tests.attacks.hello import CLIENT_HELLO
from tests.attacks.http2 import PREFACE
from tests.attacks.outcome import Fate, Outcome
from tests.attacks.tls_wire import DATA, HANDSHAKE, KnownKeys, Sealed, heard, record
from tests.attacks.wire import Door

_CUT, _REFUSED, _BORNE = Fate.CUT, Fate.REFUSED, Fate.BORNE
_KIB: Final = 1024
WAYS: Final = Ways(heard)

Then = Callable[[Sealed], bytes]
"""What to send once hands are shaken."""


def afterwards(
    then: Then,
    *,
    paper: str = "good",
    version: ssl.TLSVersion | None = ssl.TLSVersion.TLSv1_2,
    protocols: tuple[str, ...] = ("h2",),
    half_closed: bool = False,
) -> Attack:
    """Shakes hands, sends something, and listens; a handshake that is refused is the end."""

    async def attack(door: Door) -> Outcome:
        context = door.known_papers.context(paper, version=version, protocols=protocols)
        async with door.connected() as raw:
            sealed = Sealed(raw, context)
            if not await sealed.shake_hands():
                return Outcome(closed=True, told=["no handshake"])
            await raw.send(then(sealed))
            if half_closed:
                raw.writer.write_eof()
            return await door.heard(raw, heard)

    return attack


async def renegotiate(door: Door) -> Outcome:
    """Shakes hands, and asks to do it again under the keys of the first time."""
    keys = KnownKeys.of(door.known_papers)
    async with door.connected() as raw:
        sealed = Sealed(raw, keys.context)
        if not await sealed.shake_hands():
            return Outcome(closed=True, told=["no handshake"])
        await raw.send(keys.second_hello(sealed.heard))
        outcome = await door.heard(raw, heard)
    assert "TLS handshake" not in outcome.told, "it was done again"
    return outcome


async def abandoned(door: Door) -> Outcome:
    """Leaves in the middle of a handshake, a hundred times."""
    for _ in range(100):
        async with door.connected() as raw:
            await raw.send(CLIENT_HELLO)
            await raw.reader.read(1)
            raw.reset()
    return Outcome(closed=True)


def nothing(_sealed: Sealed) -> bytes:
    """Sends nothing more."""
    return b""


def of(data: bytes) -> Then:
    """Sends this sealed."""
    return lambda sealed: sealed.of(data)


def clear(data: bytes) -> Then:
    """Sends this as it is."""
    return lambda _: data


_FORMS: Final = {
    "garbage": (WAYS.sent(bytes(range(256)) * 8), _CUT),
    "HTTP/1.1 in clear": (WAYS.sent("GET /livez HTTP/1.1\r\nhost: a\r\n\r\n"), _CUT),
    "HTTP/2 in clear": (WAYS.sent(PREFACE), _CUT),
    "a record of no known kind": (WAYS.sent(record(99, bytes(8))), _CUT),
    "a record of 64 KiB": (WAYS.sent(record(HANDSHAKE, bytes(0xFFFF))), _CUT),
    "1,000 empty records": (WAYS.sent(1_000 * record(HANDSHAKE, b"")), _CUT),
    "data before the handshake": (WAYS.sent(record(DATA, bytes(64))), _CUT),
    "a heartbeat that asks for more than it gives": (
        WAYS.sent(record(24, b"\x01\x40\x00a")),
        _CUT,
    ),
    "a ClientHello of SSL 2": (WAYS.sent(b"\x80\x2e\x01\x00\x02" + bytes(43)), _CUT),
    "a ClientHello that is none": (WAYS.sent(record(HANDSHAKE, b"\x01\x00\x00\x04abcd")), _CUT),
    "a ClientHello that says 16 MiB": (
        WAYS.sent(record(HANDSHAKE, b"\x01\xff\xff\xff" + bytes(_KIB))),
        _CUT,
    ),
    "two ClientHellos": (WAYS.sent(2 * CLIENT_HELLO), _CUT),
}
_TIMES: Final = {
    "half a ClientHello": (WAYS.sent(CLIENT_HELLO[:50]), _BORNE),
    "a ClientHello that trickles": (WAYS.slowly(b"", CLIENT_HELLO[:100]), _BORNE),
    "a ClientHello, and then nothing": (WAYS.sent(CLIENT_HELLO), _BORNE),
    "100 handshakes that never end": (WAYS.crowd(CLIENT_HELLO, 100), _BORNE),
    "100 handshakes that are abandoned in the middle": (abandoned, _CUT),
    "a ClientHello, and then its sender's end": (
        WAYS.sent(CLIENT_HELLO, half_closed=True),
        _CUT,
    ),
}
_VERSIONS: Final = {
    "TLS 1.0": (afterwards(nothing, version=ssl.TLSVersion.TLSv1), _CUT),
    "TLS 1.1": (afterwards(nothing, version=ssl.TLSVersion.TLSv1_1), _CUT),
}
_SESSIONS: Final = {
    "a second handshake": (renegotiate, _REFUSED),
    "a second ClientHello in clear": (afterwards(clear(CLIENT_HELLO)), _CUT),
    "a sealed record that was changed": (
        afterwards(lambda sealed: sealed.of(b"a" * 99)[:-1] + b"\x00"),
        _CUT,
    ),
    "a sealed record twice": (afterwards(lambda sealed: 2 * sealed.of(b" ")), _CUT),
    "a sealed record of 20 KiB": (afterwards(clear(record(DATA, bytes(20 * _KIB)))), _CUT),
    "half a sealed record": (afterwards(lambda sealed: sealed.of(bytes(99))[:50]), _BORNE),
    "data after close_notify": (
        afterwards(lambda sealed: (late := sealed.of(b"a")) and sealed.goodbye() + late),
        _CUT,
    ),
    "the sender's end without close_notify": (afterwards(of(b"GET"), half_closed=True), _CUT),
}
_ANY: Final = {**_FORMS, **_TIMES, **_VERSIONS, **_SESSIONS}
_CALLERS: Final = {
    "no ALPN": (afterwards(nothing, protocols=()), _CUT),
    "ALPN of another protocol": (afterwards(nothing, protocols=("http/1.1",)), _CUT),
    **{
        f"{what}, by TLS {name}": (afterwards(nothing, paper=paper, version=version), _CUT)
        for what, paper in (
            ("no certificate", "none"),
            ("a certificate of another authority", "another's"),
            ("an expired certificate", "expired"),
        )
        for name, version in (("1.2", ssl.TLSVersion.TLSv1_2), ("1.3", ssl.TLSVersion.TLSv1_3))
    },
}


def _cases(*kinds: dict[str, tuple[Attack, Fate]]) -> list[Case]:
    return [
        Case(name=name, attack=attack, fate=fate)
        for kind in kinds
        for name, (attack, fate) in kind.items()
    ]


GRPC_CASES: Final = _cases(_ANY, _CALLERS)
SIDECAR_CASES: Final = _cases(_ANY)
