"""The keys that seal what is at rest: each has a name, and the newest stands first."""

import base64
import binascii
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from ovo_payments.storage.unusable import DatabaseUnusableError

KEY_BYTES: Final = 32
_DISTINCT_BYTES_MIN: Final = 12
"""Of 32 random bytes, fewer are alike than this in all but one of 10^14 keys."""

_BETWEEN: Final = re.compile(r"[,\s]+")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,32}")


class EncryptionKeysError(DatabaseUnusableError, ValueError):
    """The keys can't be used; tells why, and never what they are."""


@dataclass(frozen=True, slots=True)
class EncryptionKey:
    """A key of AES-256 with the name under which values that it sealed find it again."""

    key_id: str
    key: bytes = field(repr=False)


def parse_keys(text: str) -> Sequence[EncryptionKey]:
    """Reads `name:base64` keys, with commas, spaces or lines between them, the newest first.

    Raises EncryptionKeysError for anything else.
    """
    keys = [_parse(part, number) for number, part in enumerate(_BETWEEN.split(text.strip()), 1)]
    names = [key.key_id for key in keys]
    for name in names:
        if names.count(name) > 1:
            raise EncryptionKeysError(f"two keys are named {name}")
    return keys


def make_key(name: str) -> str:
    """Makes a new key, as `parse_keys` reads it."""
    return f"{name}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode('ascii')}"


def _parse(part: str, number: int) -> EncryptionKey:
    name, _, encoded = part.partition(":")
    if not _NAME.fullmatch(name) or not encoded:
        # Not the text itself: it may be the key.
        raise EncryptionKeysError(f"key {number} is not written as name:base64")
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise EncryptionKeysError(f"key {name} is not base64") from None
    if len(key) != KEY_BYTES:
        raise EncryptionKeysError(f"key {name} has {len(key)} bytes, and must have {KEY_BYTES}")
    if len(set(key)) < _DISTINCT_BYTES_MIN:
        raise EncryptionKeysError(
            f"key {name} is not random: make one with `openssl rand -base64 32`"
        )
    return EncryptionKey(name, key)
