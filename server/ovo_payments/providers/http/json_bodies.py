"""JSON bodies, read strictly: what two readers could understand differently is refused."""

import json
from decimal import Decimal, InvalidOperation
from typing import NoReturn


class JsonBodyError(ValueError):
    """A body is no JSON object that everybody reads alike."""


def read_object(body: bytes) -> dict[str, object]:
    """Reads a JSON object; numbers with a fraction or an exponent become Decimal, exactly.

    Raises JsonBodyError for anything else, for bytes that are not UTF-8, for a key that
    stands twice in one object, for NaN, Infinity and numbers that can't be held exactly, and
    for half of a surrogate pair, which is no character and can't be written down again.
    """
    try:
        found = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=Decimal,
            parse_constant=_refused,
        )
        if rb"\u" in body:
            # Only an escape can hide half a pair; to write all of it finds one at any depth.
            json.dumps(found, ensure_ascii=False, default=str).encode("utf-8")
    except JsonBodyError:
        raise
    except (ValueError, InvalidOperation, RecursionError) as error:
        raise JsonBodyError(f"not JSON: {type(error).__name__}") from error
    if not isinstance(found, dict):
        raise JsonBodyError("not a JSON object")
    return found


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise JsonBodyError("a key stands twice")
    return made


def _refused(constant: str) -> NoReturn:
    raise JsonBodyError(f"{constant} is no JSON")
