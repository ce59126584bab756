"""The callers' file as commands change it: whole or not at all, one command after the other."""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from ovo_payments.transport.grpc.callers_file import KnownCaller, parse_callers, render_callers

_MODE: Final = 0o600
"""Of a new file. Who writes to it lets callers in; who reads it learns no token."""

Change = Callable[[Sequence[KnownCaller]], Sequence[KnownCaller]]
Note = Callable[[str], None]
"""Keeps that the file is about to change, and then, where that failed, that it did."""
WRITES: Final = "is written"
FAILED: Final = "could not be written"


def read(path: Path) -> Sequence[KnownCaller]:
    """Reads the callers. Raises OSError and CallersFileError."""
    return parse_callers(path.read_bytes())


def change(path: Path, work: Change, note: Note) -> None:
    """Writes what `work` makes of the callers; a file that is not there is one without any.

    Raises OSError, CallersFileError and whatever `work` and `note` raise, all with nothing changed.
    """
    with _alone(path.parent):
        before = read(path) if path.exists() else ()
        content = render_callers(work(before))
        # Nothing is written that could not be read.
        parse_callers(content)
        note(WRITES)
        try:
            _replace(path, content)
        except BaseException:
            note(FAILED)
            raise


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Waits until no other command changes a file of the directory."""
    held = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
        # The new name is durable with its directory.
        os.fsync(held)
    finally:
        os.close(held)


def _replace(path: Path, content: bytes) -> None:
    """Puts a new file in the place of an old one, whose owner and mode it keeps."""
    number, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            if path.exists():
                there = path.stat()
                os.fchown(file.fileno(), there.st_uid, there.st_gid)
                os.fchmod(file.fileno(), there.st_mode & 0o777)
            else:
                os.fchmod(file.fileno(), _MODE)
        Path(beside).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(beside).unlink()
        raise
