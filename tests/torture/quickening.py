"""Makes a process that does nothing but simulate fast, without changing what anything gives.

The simulation builds some hundred thousand frozen values, JSON texts and enum values a second.
Frozen dataclasses pay for each field that they are made with, `json` for an encoder or a decoder
per call, an enum for a descriptor per `.value`, and structlog for a logger per line. Nobody writes
to what is frozen: mypy has proven it, and the unit tests run without any of this.
"""

import dataclasses
import enum
import json
import sys
from collections.abc import Callable, Iterator
from functools import cache
from json import encoder as encoders
from operator import attrgetter
from types import ModuleType
from typing import Any, Final, TypeVar

import structlog

from tests.torture.world import hand_over

T = TypeVar("T")

_PACKAGES: Final = ("ovo_payments", "ovo_sandbox", "tests.torture")
_LOGGER: Final = type(structlog.get_logger())
_loads: Final = json.loads
_replace: Final = dataclasses.replace
_slow_chunks: Final[Callable[..., Any]] = json.JSONEncoder.iterencode


def quicken() -> None:
    """Does it, for all that is imported by now."""
    for module in _modules():
        for name, found in list(vars(module).items()):
            if found is _replace:
                setattr(module, name, replaced)
            elif type(found) is _LOGGER:
                setattr(module, name, _Log())
            elif isinstance(found, type) and found.__module__ == module.__name__:
                _thaw(found)
    # Each does what the one does whose place it takes.
    replacements: tuple[tuple[Any, str, object], ...] = (
        (json, "loads", _read),
        (json, "dumps", _written),
        (json.JSONEncoder, "iterencode", _chunks),
        (enum.Enum, "value", property(attrgetter("_value_"))),
    )
    for owner, name, replacement in replacements:
        setattr(owner, name, replacement)


def replaced(old: T, /, **changes: object) -> T:
    """Does what `dataclasses.replace` does."""
    kind: Any = type(old)
    made: T = _copier(kind)(old)
    for name, value in changes.items():
        object.__setattr__(made, name, value)
    return made


@cache
def _copier(made: Any) -> Callable[[Any], Any]:  # noqa: ANN401 - a class
    """Makes what copies a dataclass field by field, as `dataclasses` makes an `__init__`."""
    lines = [f"    new.{field.name} = old.{field.name}" for field in dataclasses.fields(made)]
    text = "\n".join(("def copied(old):", "    new = make(made)", *lines, "    return new"))
    names: dict[str, Any] = {"make": object.__new__, "made": made}
    exec(text, names)  # noqa: S102 - a text of ours
    copied: Callable[[Any], Any] = names["copied"]
    return copied


class _Log:
    """A logger that hands every event over as it is."""

    def __init__(self) -> None:
        self.info = self.warning = self.error = self._told

    def exception(self, event: str, **facts: object) -> None:
        """Tells an event, and that there is an exception."""
        self._told(event, **facts, exc_info=True)

    def _told(self, event: str, **facts: object) -> None:
        hand_over({**facts, "event": event})


def _modules() -> Iterator[ModuleType]:
    for name, module in list(sys.modules.items()):
        # This one keeps what it replaces.
        if name.startswith(_PACKAGES) and name != __name__:
            yield module


def _thaw(found: Any) -> None:  # noqa: ANN401 - a class, of which mypy can't know so much
    """Gives a frozen dataclass the `__init__` that it would have if it were not frozen."""
    parameters = vars(found).get("__dataclass_params__")
    if parameters is None or not (parameters.frozen and parameters.init):
        return
    fields = dataclasses.fields(found)
    if "__setattr__" not in vars(found) or not all(field.init for field in fields):
        return
    twin = dataclasses.make_dataclass(
        found.__name__,
        [(field.name, Any, _again(field)) for field in fields],
        namespace={
            name: getattr(found, name) for name in ("__post_init__",) if hasattr(found, name)
        },
    )
    found.__init__ = vars(twin)["__init__"]
    del found.__setattr__, found.__delattr__


def _again(field: "dataclasses.Field[Any]") -> Any:  # noqa: ANN401 - what typeshed calls a field
    return dataclasses.field(
        default=field.default, default_factory=field.default_factory, kw_only=field.kw_only
    )


@cache
def _scanner(options: tuple[tuple[str, Any], ...]) -> Callable[[str, int], tuple[Any, int]]:
    scan: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder(**dict(options)).scan_once  # type: ignore[attr-defined] # typeshed hides it
    return scan


def _read(text: str | bytes | bytearray, **options: Any) -> Any:  # noqa: ANN401 - json.loads's
    plain = text
    if isinstance(text, bytes) and text[:1] == b"{" and text[1:2] != b"\0":
        plain = text.decode(errors="surrogatepass")
    if isinstance(plain, str):
        try:
            found, end = _scanner(tuple(options.items()))(plain, 0)
        except StopIteration:
            found, end = None, -1
        if end == len(plain):
            return found
    # White space around it, bytes, and what is no JSON.
    return _loads(text, **options)


@cache
def _encoder(options: tuple[tuple[str, Any], ...]) -> json.JSONEncoder:
    return json.JSONEncoder(**dict(options))


def _written(document: object, **options: Any) -> str:  # noqa: ANN401 - json.dumps's
    return _encoder(tuple(options.items())).encode(document)


def _chunks(encoder: json.JSONEncoder, document: Any, _one_shot: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 - json's
    if not _one_shot or vars(encoder)["indent"] is not None:
        return _slow_chunks(encoder, document, _one_shot)
    chunks_of = vars(encoder).get("chunks_of")
    if chunks_of is None:
        ascii_only = encoder.ensure_ascii
        write_text = encoders.encode_basestring_ascii if ascii_only else encoders.encode_basestring
        separators = encoder.key_separator, encoder.item_separator
        flags = encoder.sort_keys, encoder.skipkeys, encoder.allow_nan
        make = vars(encoders)["c_make_encoder"]
        chunks_of = make(None, encoder.default, write_text, None, *separators, *flags)
        vars(encoder)["chunks_of"] = chunks_of
    return chunks_of(document, 0)
