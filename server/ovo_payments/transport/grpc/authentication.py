"""Who may call: the callers of a file, known by the digests of their tokens."""

import hashlib
import hmac
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from ovo.payments.v1 import ovo_payments_pb2
from ovo_payments.application.call import Caller
from ovo_payments.domain.errors import PermissionDeniedError, UnauthenticatedError

METHODS: Final = frozenset(
    ovo_payments_pb2.DESCRIPTOR.services_by_name["OvoPayments"].methods_by_name
)
ANONYMOUS: Final = Caller(name="anonymous", scope="anonymous")

_SCHEME: Final = "bearer "
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_KEYS: Final = frozenset({"name", "scope", "token_sha256", "methods"})


class CallersFileError(ValueError):
    """A callers file can't be read or says something that makes no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCaller:
    """One caller of the file."""

    caller: Caller
    digests: tuple[str, ...]
    """SHA-256 of each of its tokens, in hexadecimal; several while a token is being replaced."""
    methods: frozenset[str] = METHODS


def token_digest(token: str) -> str:
    """What a callers file keeps of a token: SHA-256 in hexadecimal."""
    return hashlib.sha256(token.encode()).hexdigest()


class Callers:
    """Everybody who may call."""

    def __init__(self, known: Iterable[KnownCaller] = (), *, allow_anonymous: bool = False) -> None:
        self._allow_anonymous = allow_anonymous
        self._known = tuple((digest, entry) for entry in known for digest in entry.digests)
        self._proven: dict[str, KnownCaller] = {}

    def identify(self, authorization: str | None, method: str) -> Caller:
        """Names the caller of a method by its `authorization` metadata.

        Raises UnauthenticatedError where the metadata proves nobody, also where anonymous
        callers are allowed and a wrong token came; PermissionDeniedError where the caller
        may not call the method.
        """
        if authorization is None:
            if self._allow_anonymous:
                return ANONYMOUS
            raise UnauthenticatedError
        # Only what has proven somebody is kept, so it holds no more than there are tokens.
        entry = self._proven.get(authorization)
        if entry is None:
            entry = self._proven[authorization] = self._prove(authorization)
        if method not in entry.methods:
            raise PermissionDeniedError(method=method)
        return entry.caller

    def _prove(self, authorization: str) -> KnownCaller:
        if authorization[: len(_SCHEME)].lower() != _SCHEME:
            raise UnauthenticatedError
        digest = token_digest(authorization[len(_SCHEME) :])
        # Every digest is compared, so that the time taken tells nothing of which one is near.
        found = [entry for own, entry in self._known if hmac.compare_digest(own, digest)]
        if not found:
            raise UnauthenticatedError
        return found[0]


def read_callers(path: Path) -> tuple[KnownCaller, ...]:
    """Reads a callers file; raises CallersFileError, which names the caller and the key.

    One table for each caller: `[[caller]]` with `name`, `token_sha256` (a list), and where
    wanted `scope` (whose payments it sees; its name by default) and `methods` (all by default).
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        # A number of thousands of digits is a ValueError, and brackets can be too deep.
        raise CallersFileError(f"{path}: {error}") from error
    tables = document.pop("caller", [])
    if document:
        raise CallersFileError(f"{path}: unknown key {min(document)!r}; write [[caller]] tables")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise CallersFileError(f"{path}: `caller` is no list of tables; write [[caller]]")
    known = tuple(_known_caller(f"{path}: caller {n}", table) for n, table in enumerate(tables, 1))
    _refuse_doubles(path, "name", [entry.caller.name for entry in known])
    _refuse_doubles(path, "token_sha256", [digest for entry in known for digest in entry.digests])
    return known


def _known_caller(where: str, table: Mapping[str, object]) -> KnownCaller:
    unknown = table.keys() - _KEYS
    if unknown:
        raise CallersFileError(f"{where}: unknown key {min(unknown)!r}")
    name = _name(where, "name", table.get("name"))
    scope = _name(where, "scope", table.get("scope", name))
    digests = _texts(where, "token_sha256", table.get("token_sha256", []))
    if not all(_DIGEST.fullmatch(digest) for digest in digests):
        raise CallersFileError(f"{where}: `token_sha256` holds 64 lower-case hexadecimal digits")
    methods = frozenset(_texts(where, "methods", table.get("methods", sorted(METHODS))))
    strangers = methods - METHODS
    if strangers:
        known = ", ".join(sorted(METHODS))
        raise CallersFileError(f"{where}: no method {min(strangers)!r}; there are {known}")
    return KnownCaller(caller=Caller(name=name, scope=scope), digests=digests, methods=methods)


def _name(where: str, key: str, value: object) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value) or value == ANONYMOUS.name:
        what = "1 to 64 letters, digits, dots, dashes and underscores, and not `anonymous`"
        raise CallersFileError(f"{where}: `{key}` is {what}")
    return value


def _texts(where: str, key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise CallersFileError(f"{where}: `{key}` is a list of texts")
    return tuple(cast("list[str]", value))


def _refuse_doubles(path: Path, key: str, values: list[str]) -> None:
    doubles = {value for value in values if values.count(value) > 1}
    if doubles:
        raise CallersFileError(f"{path}: `{key}` {min(doubles)!r} is there twice")
