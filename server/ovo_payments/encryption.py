"""The keys that seal what is at rest: read from the settings, made in development, changed live."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

import structlog

from ovo_payments.settings import DatabaseSettings, Environment, SettingsError, file_of
from ovo_payments.storage import sqlite
from ovo_payments.storage.database import is_shared
from ovo_payments.storage.keys import EncryptionKey, EncryptionKeysError, make_key, parse_keys
from ovo_payments.storage.unusable import DatabaseUrlError

LOOK_EVERY_S: Final = 5.0
"""How long a change of the key file may go unnoticed."""

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


class KeyFile:
    """Looks at the file of the keys from time to time; tells of changes, and which keys are missed.

    A file that can't be used changes nothing: what is known goes on to work.
    """

    def __init__(self, file: Path | None, known: str, keys: Keys) -> None:
        """Reads nothing again where there is no file; `known` is what it held when it was read."""
        self._file = file
        self._text = known
        self._keys = keys
        self._watching: asyncio.Task[None] | None = None

    @classmethod
    def of_settings(cls, settings: DatabaseSettings, keys: Keys) -> "KeyFile":
        """Watches the file that the settings name, if they name one."""
        given = settings.encryption_keys
        return cls(file_of(_SETTING), given.get_secret_value() if given else "", keys)

    def watch(self) -> None:
        """Begins to look."""
        self._watching = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Looks no more."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait({self._watching})

    def look(self) -> None:
        """Takes over what the file holds now, and tells which keys were asked for in vain."""
        if self._file is not None:
            self._read_again(self._file)
        if missing := self._keys.take_missing_keys():
            _log.error("encryption_keys.missing", key_ids=missing)

    def _read_again(self, file: Path) -> None:
        text = self._read(file)
        if text is None or text == self._text:
            return
        self._text = text
        try:
            keys = parse_keys(text)
        except EncryptionKeysError as error:
            _log.error("encryption_keys.unusable", cause=str(error))
            return
        self._keys.use_keys(keys)
        _log.info("encryption_keys.changed", key_ids=[key.key_id for key in keys])

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.look()

    def _read(self, file: Path) -> str | None:
        try:
            return file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            _log.error("encryption_keys.unreadable", cause=str(error))
            return None
