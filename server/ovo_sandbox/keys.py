"""Makes and loads the RSA keys of the two sides: the merchant's pair and DOKU's pair."""

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)

_BITS: Final = 2048


class UnusableKey(ValueError):
    """Tells that a key file holds no RSA key."""


@dataclass(frozen=True)
class KeyPairs:
    """Holds the keys that the sandbox itself uses; they are loaded when first asked for.

    `directory` holds merchant_private.pem, merchant_public.pem, doku_private.pem and
    doku_public.pem, made where missing; without one the keys live in memory.
    """

    directory: Path | None
    merchant_public_key_file: Path | None = None

    @cached_property
    def doku_private_key(self) -> RSAPrivateKey:
        """DOKU's key, which signs its token call to the merchant."""
        return self._pair("doku")

    @cached_property
    def merchant_private_key(self) -> RSAPrivateKey:
        """The key that the sandbox makes for a merchant who has none."""
        return self._pair("merchant")

    @cached_property
    def merchant_public_key(self) -> RSAPublicKey:
        """The merchant's key, which verifies its token calls."""
        if self.merchant_public_key_file is None:
            return self.merchant_private_key.public_key()
        key = serialization.load_pem_public_key(self.merchant_public_key_file.read_bytes())
        if not isinstance(key, RSAPublicKey):
            raise UnusableKey(self.merchant_public_key_file)
        return key

    def write_files(self) -> None:
        """Makes the four files where they are missing."""
        self._pair("merchant")
        self._pair("doku")

    def _pair(self, name: str) -> RSAPrivateKey:
        if self.directory is None:
            return generate_private_key(65537, _BITS)
        self.directory.mkdir(parents=True, exist_ok=True)
        private_file = self.directory / f"{name}_private.pem"
        public_file = self.directory / f"{name}_public.pem"
        if private_file.exists():
            key = serialization.load_pem_private_key(private_file.read_bytes(), None)
            if not isinstance(key, RSAPrivateKey):
                raise UnusableKey(private_file)
        else:
            key = generate_private_key(65537, _BITS)
            _write_secret(
                private_file,
                key.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                ),
            )
        if not public_file.exists():
            public_file.write_bytes(
                key.public_key().public_bytes(
                    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
                )
            )
        return key


def _write_secret(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
