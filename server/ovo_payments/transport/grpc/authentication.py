"""Who calls, by a token or by the certificate of the connection, and what it may call."""

import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ovo_payments.application.call import Caller
from ovo_payments.domain.errors import PermissionDeniedError, UnauthenticatedError
from ovo_payments.transport.grpc.access import RULES
from ovo_payments.transport.grpc.callers_file import ANONYMOUS, KnownCaller, token_digest

_SCHEME: Final = "bearer "
_BEGINNING: Final = 16
"""How many digits of a digest are looked for: 64 bits, which no two tokens share."""
_NOBODY: Final = (token_digest(""), None)
_STRANGER: Final = KnownCaller(caller=ANONYMOUS)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a call brings along to prove who makes it; a stream keeps it for as long as it lasts."""

    digest: str | None = None
    """Of the token; empty where what came in its place is none."""
    certificate: tuple[str, ...] = ()
    """The names in the connection's certificate, as the callers' file writes them."""


def proof_of(authorization: str | None, certificate: tuple[str, ...] = ()) -> Proof:
    """Reads the metadata `authorization`, of which nothing but a digest is kept."""
    if authorization is None:
        return Proof(None, certificate)
    if authorization[: len(_SCHEME)].lower() != _SCHEME:
        return Proof("", certificate)
    return Proof(token_digest(authorization[len(_SCHEME) :]), certificate)


class Callers:
    """Everybody who may call."""

    def __init__(self, known: Iterable[KnownCaller] = (), *, allow_anonymous: bool = False) -> None:
        self._allow_anonymous = allow_anonymous
        self._followers: list[Callable[[], None]] = []
        self._by_token: dict[str, tuple[str, KnownCaller]] = {}
        self._by_certificate: dict[str, KnownCaller] = {}
        self.replace(known)

    def replace(self, known: Iterable[KnownCaller]) -> None:
        """Knows these from now on and no others, and lets followers look again."""
        known = tuple(known)
        self._by_token = {
            digest[:_BEGINNING]: (digest, entry) for entry in known for digest in entry.digests
        }
        self._by_certificate = {name: entry for entry in known for name in entry.certificates}
        for look in self._followers:
            look()

    def follow(self, look: Callable[[], None]) -> None:
        """Calls `look` whenever others may call, or may call something else."""
        self._followers.append(look)

    def identify(self, proof: Proof, method: str) -> Caller:
        """Names the caller of a method.

        Raises UnauthenticatedError where nobody is proven, also where anonymous callers are
        allowed and a wrong token came, and where token and certificate prove two;
        PermissionDeniedError where the caller may not call the method, or nobody may.
        """
        entry = self._proven(proof)
        if method not in entry.methods or method not in RULES:
            raise PermissionDeniedError(method=method)
        return entry.caller

    def _proven(self, proof: Proof) -> KnownCaller:
        found = self._of_certificate(proof.certificate)
        if proof.digest is not None:
            found = [*found, self._of_token(proof.digest)]
        if not found and self._allow_anonymous:
            return _STRANGER
        if not found or any(entry is not found[0] for entry in found):
            raise UnauthenticatedError
        return found[0]

    def _of_certificate(self, names: Sequence[str]) -> Sequence[KnownCaller]:
        return [self._by_certificate[name] for name in names if name in self._by_certificate]

    def _of_token(self, digest: str) -> KnownCaller:
        # A beginning finds the one that it may be, for whom the rest is compared, in the same time
        # wherever it differs. Nobody can choose how a digest begins, and it is no token.
        own, entry = self._by_token.get(digest[:_BEGINNING], _NOBODY)
        if not hmac.compare_digest(own, digest) or entry is None:
            raise UnauthenticatedError
        return entry
