"""Seals what names or empowers a customer, so that whoever reads the database can't read it.

AES-256-GCM. What is sealed is bound to its place, by table, column and row: moved anywhere else it
does not open. Each value carries the name of its key, so that keys can be changed while values
that older ones sealed are still read.
"""

import hmac
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.storage.keys import EncryptionKey, EncryptionKeysError

Place: TypeAlias = tuple[str, str, *tuple[str | int, ...]]
"""Table, column, and what names the row in its table."""

_LAYOUT: Final = b"\x01"
_NONCE_BYTES: Final = 12
_PHONE: Final = b"phone number:"
_PHONE_HASH_BYTES: Final = 16
_NAME_AT: Final = 2


class SealBrokenError(Exception):
    """A sealed value does not open: it was changed, was moved, or never was one of ours."""

    def __init__(self, place: Place) -> None:
        super().__init__(f"a sealed value of {place[0]}.{place[1]} does not open in its place")
        self.place = place


class KeyMissingError(Exception):
    """A value was sealed with a key that this process does not have."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"the key {key_id} is missing")
        self.key_id = key_id


@dataclass(frozen=True, slots=True)
class _Ring:
    """The keys of a moment."""

    newest_prefix: bytes
    newest: AESGCM
    by_name: dict[bytes, AESGCM]


class Sealer:
    """Seals with the newest key, and opens with whichever one a value names.

    Used by several threads at once; the keys may be changed under them.
    """

    def __init__(
        self, keys: Sequence[EncryptionKey], random: Callable[[int], bytes] = os.urandom
    ) -> None:
        """Takes the keys, the newest first. Raises EncryptionKeysError where there is none."""
        self._random = random
        self._ring = _ring(keys)
        self._missing = set[str]()
        self.database_secret = b""
        """The database's own, once it is taken up."""

    def use(self, keys: Sequence[EncryptionKey]) -> None:
        """Takes other keys from now on."""
        self._ring = _ring(keys)

    @property
    def newest_key(self) -> str:
        """The name of the key that seals."""
        return self._ring.newest_prefix[_NAME_AT:].decode("ascii")

    def take_missing(self) -> Sequence[str]:
        """Names the keys that were asked for in vain since somebody last wanted to know."""
        missing, self._missing = self._missing, set()
        return sorted(missing)

    @property
    def newest_prefix(self) -> bytes:
        """What every value begins with that the newest key sealed."""
        return self._ring.newest_prefix

    def phone_hash(self, phone_number: PhoneNumber) -> bytes:
        """Gives what a phone number is found by: the same for ever, and nothing without the key."""
        said = _PHONE + phone_number.international.encode("ascii")
        return hmac.digest(self.database_secret, said, "sha256")[:_PHONE_HASH_BYTES]

    def seal(self, plain: bytes, place: Place) -> bytes:
        """Seals a value for its place."""
        ring = self._ring
        nonce = self._random(_NONCE_BYTES)
        return ring.newest_prefix + nonce + ring.newest.encrypt(nonce, plain, _named(place))

    def open(self, sealed: bytes, place: Place) -> bytes:
        """Opens a value in its place.

        Raises SealBrokenError, and StoreUnavailableError where the key is missing: another node
        may have it before this one.
        """
        name_end = _NAME_AT + (sealed[1] if len(sealed) > 1 else 0)
        name, nonce_end = sealed[_NAME_AT:name_end], name_end + _NONCE_BYTES
        if not sealed.startswith(_LAYOUT) or len(sealed) <= nonce_end:
            raise SealBrokenError(place)
        key = self._ring.by_name.get(name)
        if key is None:
            missing = KeyMissingError(name.decode("ascii", "replace"))
            self._missing.add(missing.key_id)
            raise StoreUnavailableError from missing
        try:
            return key.decrypt(sealed[name_end:nonce_end], sealed[nonce_end:], _named(place))
        except InvalidTag:
            raise SealBrokenError(place) from None


def _named(place: Place) -> bytes:
    # No two places are written alike: each part is quoted, and told apart by kind.
    return ascii(place).encode("ascii")


def _ring(keys: Sequence[EncryptionKey]) -> _Ring:
    if not keys:
        raise EncryptionKeysError("there is no key")
    ciphers = {key.key_id.encode("ascii"): AESGCM(key.key) for key in keys}
    newest = keys[0].key_id.encode("ascii")
    prefix = _LAYOUT + bytes([len(newest)]) + newest
    return _Ring(newest_prefix=prefix, newest=ciphers[newest], by_name=ciphers)
