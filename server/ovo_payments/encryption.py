"""The keys that seal what is at rest: read from the settings, made in development, read again."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

import structlog

from ovo_payments.rereading import WatchedFiles
from ovo_payments.settings import DatabaseSettings, Environment, SettingsError, file_of
from ovo_payments.storage import sqlite
from ovo_payments.storage.database import is_shared
from ovo_payments.storage.keys import EncryptionKey, EncryptionKeysError, make_key, parse_keys
from ovo_payments.storage.unusable import DatabaseUrlError

_SETTING: Final = "encryption_keys"

_log = structlog.get_logger(__name__)


def encryption_keys(settings: DatabaseSettings) -> Sequence[EncryptionKey]:
    """Gives the keys, the newest first.

    In development a SQLite database without keys gets one of its own, in a file beside it. Raises
    SettingsError where there is none, or one can't be used.
    """
    given = settings.encryption_keys
    try:
        if given is not None:
            return parse_keys(given.get_secret_value())
        return parse_keys(_own_key(settings))
    except EncryptionKeysError as error:
        raise SettingsError([f"OVO_ENCRYPTION_KEYS: {error}"]) from error


def _own_key(settings: DatabaseSettings) -> str:
    url = settings.database_url.get_secret_value()
    if settings.environment is not Environment.DEVELOPMENT:
        raise EncryptionKeysError("production needs the keys that seal what is at rest")
    if is_shared(url):
        raise EncryptionKeysError("is needed, the same for all nodes that share a database")
    try:
        database = sqlite.database_path(url)
        return _read_or_make(database.with_name(f"{database.name}-keys"))
    except (OSError, DatabaseUrlError) as error:
        raise SettingsError([f"OVO_DATABASE_URL: {error}"]) from error


def _read_or_make(file: Path) -> str:
    with suppress(FileExistsError):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as made:
            made.write(make_key("development") + "\n")
    return file.read_text(encoding="ascii")


class Keys(Protocol):
    """Who works with the keys."""

    def use_keys(self, keys: Sequence[EncryptionKey]) -> None:
        """Seals with other keys from now on, the newest first."""

    def take_missing_keys(self) -> Sequence[str]:
        """Names the keys that were asked for in vain since somebody last wanted to know."""


def key_files(keys: Keys) -> Sequence[WatchedFiles]:
    """Gives the file that the settings name, if they name one, to be read again."""
    file = file_of(_SETTING)
    if file is None:
        return ()

    def use(contents: Sequence[bytes]) -> None:
        keys.use_keys(parse_keys(contents[0].decode()))

    return (WatchedFiles("OVO_ENCRYPTION_KEYS_FILE", [file], use),)


def tell_missing_keys(keys: Keys) -> None:
    """Logs the keys that were asked for in vain since it last did."""
    if missing := keys.take_missing_keys():
        _log.error("encryption_keys.missing", key_ids=missing)
