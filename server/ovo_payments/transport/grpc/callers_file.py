"""The callers' file: who may call, known by digests of tokens and by names of certificates."""

import hashlib
import re
import secrets
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from ovo_payments.application.call import Caller
from ovo_payments.application.url_prefix import UrlPrefix, UrlPrefixError
from ovo_payments.transport.grpc.access import METHODS, RULES

ANONYMOUS: Final = Caller(name="anonymous", scope="anonymous")
TOKENS_MAX: Final = 2
"""One, and another while it is being replaced."""

_TOKEN_BYTES: Final = 32
_TOKEN_PREFIX: Final = "ovo_"  # noqa: S105 - by which scanners of code find a token that leaked
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_CERTIFICATE: Final = re.compile(
    r"spiffe://[a-z0-9._-]{1,255}(/[A-Za-z0-9._-]+)+|dns:[a-z0-9-]+(\.[a-z0-9-]+)*", re.ASCII
)
_KEYS: Final = frozenset(
    {"name", "scope", "token_sha256", "certificates", "return_url_prefixes", "methods"}
)
_HEAD: Final = "# Who may call. Written by `ovo-payments callers`, which keeps no other comments.\n"


class CallersFileError(ValueError):
    """A callers' file says something that makes no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCaller:
    """One caller of the file."""

    caller: Caller
    digests: tuple[str, ...] = ()
    """SHA-256 of each of its tokens, in hexadecimal, the newest last."""
    certificates: tuple[str, ...] = ()
    """Names in its certificates: `spiffe://…`, or `dns:` and a host's name."""
    methods: frozenset[str] = METHODS


def new_token() -> str:
    """Makes a token out of 256 random bits."""
    return _TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)


def token_digest(token: str) -> str:
    """What a callers' file keeps of a token: SHA-256 in hexadecimal.

    A digest that is slow on purpose would win nothing: nobody guesses 256 random bits.
    """
    return hashlib.sha256(token.encode()).hexdigest()


def parse_callers(raw: bytes) -> tuple[KnownCaller, ...]:
    """Reads a callers' file; raises CallersFileError, which names the caller and the key.

    One table for each caller: `[[caller]]` with `name` and `methods`, and where wanted `scope`
    (whose payments it sees; its name by default), and the lists `token_sha256`, `certificates` and
    `return_url_prefixes`.
    """
    try:
        document = tomllib.loads(raw.decode())
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits is a ValueError, and brackets can be too deep.
        raise CallersFileError(str(error)) from error
    tables = document.pop("caller", [])
    if document:
        raise CallersFileError(f"unknown key {min(document)!r}; write [[caller]] tables")
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise CallersFileError("`caller` is no list of tables; write [[caller]]")
    known = tuple(_known_caller(f"caller {n}", table) for n, table in enumerate(tables, 1))
    _refuse_doubles("name", [entry.caller.name for entry in known])
    _refuse_doubles("token_sha256", [digest for entry in known for digest in entry.digests])
    _refuse_doubles("certificates", [name for entry in known for name in entry.certificates])
    return known


def render_callers(known: Iterable[KnownCaller]) -> bytes:
    """Writes a callers' file: what `parse_callers` reads."""
    return "\n".join([_HEAD, *(_table(entry) for entry in known)]).encode()


def _table(entry: KnownCaller) -> str:
    # All of these are names, digits and addresses, in which TOML has nothing to escape.
    lines = ["[[caller]]", f'name = "{entry.caller.name}"', f'scope = "{entry.caller.scope}"']
    lists = {
        "token_sha256": entry.digests,
        "certificates": entry.certificates,
        "return_url_prefixes": [str(prefix) for prefix in entry.caller.return_url_prefixes],
        "methods": sorted(entry.methods),
    }
    for key, texts in lists.items():
        quoted = ", ".join(f'"{text}"' for text in texts)
        lines.append(f"{key} = [{quoted}]")
    return "\n".join(lines) + "\n"


def _known_caller(where: str, table: Mapping[str, object]) -> KnownCaller:
    unknown = table.keys() - _KEYS
    if unknown:
        raise CallersFileError(f"{where}: unknown key {min(unknown)!r}")
    name = _name(where, "name", table.get("name"))
    scope = _name(where, "scope", table.get("scope", name))
    digests = _texts(where, "token_sha256", table.get("token_sha256", []))
    if not all(_DIGEST.fullmatch(digest) for digest in digests) or len(digests) > TOKENS_MAX:
        what = f"at most {TOKENS_MAX} times 64 lower-case hexadecimal digits"
        raise CallersFileError(f"{where}: `token_sha256` holds {what}")
    certificates = _texts(where, "certificates", table.get("certificates", []))
    if not all(_CERTIFICATE.fullmatch(certificate) for certificate in certificates):
        what = "`spiffe://domain/path` or `dns:host.name`, in lower case and without wildcards"
        raise CallersFileError(f"{where}: `certificates` holds {what}")
    return KnownCaller(
        caller=Caller(name=name, scope=scope, return_url_prefixes=_prefixes(where, table)),
        digests=digests,
        certificates=certificates,
        methods=_methods(where, table),
    )


def _prefixes(where: str, table: Mapping[str, object]) -> tuple[UrlPrefix, ...]:
    """Reads where a caller may send customers back to; none: what holds for all callers."""
    texts = _texts(where, "return_url_prefixes", table.get("return_url_prefixes", []))
    try:
        return tuple(map(UrlPrefix.parse, texts))
    except UrlPrefixError as error:
        raise CallersFileError(f"{where}: `return_url_prefixes`: {error}") from error


def _methods(where: str, table: Mapping[str, object]) -> frozenset[str]:
    """Reads what a caller may call. There is no default: a new method is given on purpose."""
    known = ", ".join(sorted(RULES))
    if "methods" not in table:
        raise CallersFileError(f"{where}: `methods` is missing; there are {known}")
    methods = frozenset(_texts(where, "methods", table["methods"]))
    strangers = methods - RULES.keys()
    if strangers:
        raise CallersFileError(f"{where}: no method {min(strangers)!r}; there are {known}")
    return methods


def _name(where: str, key: str, value: object) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value) or value == ANONYMOUS.name:
        what = "1 to 64 letters, digits, dots, dashes and underscores, and not `anonymous`"
        raise CallersFileError(f"{where}: `{key}` is {what}")
    return value


def _texts(where: str, key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise CallersFileError(f"{where}: `{key}` is a list of texts")
    return tuple(cast("list[str]", value))


def _refuse_doubles(key: str, values: list[str]) -> None:
    doubles = {value for value in values if values.count(value) > 1}
    if doubles:
        raise CallersFileError(f"`{key}` {min(doubles)!r} is there twice")
