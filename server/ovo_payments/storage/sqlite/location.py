"""Where a SQLite database is: its URL, its files, and whether they are still there."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from ovo_payments.storage.unusable import DatabaseUrlError

_SCHEME: Final = "sqlite:///"

_Identity: TypeAlias = tuple[int, int]


def database_path(url: str) -> Path:
    """Reads `sqlite:///relative.db` and `sqlite:////absolute.db`.

    Raises DatabaseUrlError for anything else. A database in memory is refused as well: it would
    forget what was promised.
    """
    path = url.removeprefix(_SCHEME)
    if path == url or not path or path.endswith("/") or path == ":memory:":
        # Not the text itself: the address of another database may hold a password.
        raise DatabaseUrlError(
            "not a database: write sqlite:///relative.db, sqlite:////absolute.db or"
            " postgresql://user@host:5432/database"
        )
    return Path(path).absolute()


class DatabaseReplacedError(OSError):
    """Another file stands where an open database's was."""


@dataclass(frozen=True, slots=True)
class DatabaseFiles:
    """The files of an open database.

    A process may go on writing to files that were deleted or replaced under it, and nobody would
    ever read what it wrote; whoever promises durability must look.
    """

    paths: tuple[Path, ...]
    identities: tuple[_Identity, ...]

    @classmethod
    def of_open(cls, path: Path) -> "DatabaseFiles":
        """Notes which files an open database uses: the database itself and its log."""
        paths = (path, path.with_name(f"{path.name}-wal"))
        return cls(paths, tuple(_identity(each) for each in paths))

    def check(self) -> None:
        """Raises OSError where one is gone, and DatabaseReplacedError where it is another now."""
        for path, identity in zip(self.paths, self.identities, strict=True):
            if _identity(path) != identity:
                raise DatabaseReplacedError(f"{path} was replaced by another file")


def _identity(path: Path) -> _Identity:
    status = os.stat(path)  # noqa: PTH116 - a third of the time of Path.stat, on every commit
    return status.st_dev, status.st_ino
