"""Raw connections over TLS, whose records an attacker may make as it likes."""

import hashlib
import hmac
import ssl
import struct
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.attacks.hello import CLIENT_HELLO
from tests.attacks.outcome import Outcome
from tests.attacks.papers import Papers
from tests.attacks.wire import Raw
from tests.authority import HERE

ALERT: Final = 21
HANDSHAKE: Final = 22
DATA: Final = 23
_KINDS: Final = {ALERT: "alert", HANDSHAKE: "handshake", DATA: "data"}
_V1_2: Final = 0x0303
_KNOWN_CIPHER: Final = "ECDHE-ECDSA-AES128-GCM-SHA256"


def record(kind: int, body: bytes, *, version: int = _V1_2, length: int | None = None) -> bytes:
    """Makes a record, whose length may be untrue."""
    return struct.pack(">BHH", kind, version, len(body) if length is None else length) + body


def heard(data: bytes, *, closed: bool) -> Outcome:
    """Reads what kinds of records came."""
    kinds = list(_kinds(data))
    told = [f"TLS {_KINDS.get(kind, kind)}" for kind in dict.fromkeys(kinds)]
    return Outcome(closed=closed, refused=ALERT in kinds, told=told)


def _kinds(data: bytes) -> Iterator[int]:
    while len(data) >= 5:
        kind, _, length = struct.unpack_from(">BHH", data)
        yield kind
        data = data[5 + length :]


class Sealed:
    """One end of TLS, over a connection on which anything else may be sent as well."""

    def __init__(self, raw: Raw, context: ssl.SSLContext) -> None:
        self.raw = raw
        self.heard = b""
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._end = context.wrap_bio(self._incoming, self._outgoing, server_hostname=HERE)

    async def shake_hands(self) -> bool:
        """Begins; tells whether the other side went along."""
        while True:
            try:
                self._end.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                return False
            else:
                await self.raw.send(self._outgoing.read())
                return True
            await self.raw.send(self._outgoing.read())
            data = await self.raw.reader.read(64 * 1024)
            if not data:
                return False
            self.heard += data
            self._incoming.write(data)

    def of(self, data: bytes) -> bytes:
        """Seals data."""
        self._end.write(data)
        return self._outgoing.read()

    def goodbye(self) -> bytes:
        """Makes close_notify."""
        # Ours is written first, whatever the other side has still to say.
        with suppress(ssl.SSLError):
            self._end.unwrap()
        return self._outgoing.read()


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKeys:
    """A context of TLS 1.2 that tells its keys, so that records of any kind can be sealed."""

    context: ssl.SSLContext
    log: Path

    @classmethod
    def of(cls, papers: Papers) -> "KnownKeys":
        """Makes a context whose keys are written to a file that goes with its folder."""
        with tempfile.NamedTemporaryFile(prefix="ovo-keys-", delete=False) as file:
            log = Path(file.name)
        context = papers.context(version=ssl.TLSVersion.TLSv1_2)
        context.set_ciphers(_KNOWN_CIPHER)
        context.keylog_filename = str(log)
        return cls(context=context, log=log)

    def second_hello(self, heard: bytes) -> bytes:
        """Seals a ClientHello as the first record after the handshake, of which `heard` came."""
        _, client_random, master = self.log.read_text().splitlines()[-1].split()
        self.log.unlink()
        # The server's first record is its hello: 5 bytes of record, 4 of message, 2 of version.
        seed = b"key expansion" + heard[11:43] + bytes.fromhex(client_random)
        block = _expanded(bytes.fromhex(master), seed)
        key, salt = block[:16], block[32:36]
        # The client's Finished was number 0.
        number = struct.pack(">Q", 1)
        hello = CLIENT_HELLO[5:]
        told = number + struct.pack(">BHH", HANDSHAKE, _V1_2, len(hello))
        return record(HANDSHAKE, number + AESGCM(key).encrypt(salt + number, hello, told))


def _expanded(secret: bytes, seed: bytes) -> bytes:
    """The pseudo-random function of TLS 1.2 (RFC 5246, section 5), as much of it as is needed."""
    out, link = b"", seed
    while len(out) < 40:
        link = hmac.digest(secret, link, hashlib.sha256)
        out += hmac.digest(secret, link + seed, hashlib.sha256)
    return out
