"""Files are read again where they changed, and what makes no sense changes nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ovo_payments.rereading import Rereading, WatchedFiles
from tests.stack import eventually


class Used:
    """Takes what files hold, unless it is nonsense."""

    def __init__(self) -> None:
        self.contents: list[Sequence[bytes]] = []

    def __call__(self, contents: Sequence[bytes]) -> None:
        """Keeps it."""
        if b"nonsense" in contents:
            raise ValueError("nonsense is no content")
        self.contents.append(contents)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two files that belong together."""
    paths = [tmp_path / "certificate", tmp_path / "key"]
    for path in paths:
        path.write_bytes(b"1")
    return paths


@asynccontextmanager
async def reading(watched: WatchedFiles) -> AsyncIterator[None]:
    """Looks again and again, as long as the block lasts."""
    task = asyncio.create_task(Rereading([watched], every_s=0.01).run())
    try:
        yield
    finally:
        task.cancel()


def count(lines: Sequence[object], wanted: int) -> Callable[[], Awaitable[bool]]:
    """Waits for a number of lines."""

    async def seen() -> bool:
        return len(lines) >= wanted

    return seen


def test_what_has_not_changed_is_not_used_again(files: list[Path]) -> None:
    """Also where it was written anew."""
    used = Used()
    watched = WatchedFiles("OVO_FILES", files, used)
    assert watched.take(watched.read())
    files[0].write_bytes(b"1")
    assert not watched.take(watched.read())
    assert used.contents == [[b"1", b"1"]]


async def test_a_change_of_any_file_is_used(files: list[Path]) -> None:
    """All of them together, and told."""
    used = Used()
    watched = WatchedFiles("OVO_FILES", files, used)
    watched.look()
    with capture_logs() as lines:
        async with reading(watched):
            files[1].write_bytes(b"2")
            await eventually(count(lines, 1), "the change is told")
    assert used.contents[-1] == [b"1", b"2"]
    assert lines[0] == {"event": "file.read_again", "log_level": "info", "setting": "OVO_FILES"}


async def test_what_makes_no_sense_is_told_once_and_changes_nothing(files: list[Path]) -> None:
    """Nor does a file that is gone; once it is well again it counts."""
    used = Used()
    watched = WatchedFiles("OVO_FILES", files, used)
    watched.look()
    with capture_logs() as lines:
        async with reading(watched):
            files[0].write_bytes(b"nonsense")
            await eventually(count(lines, 1), "nonsense is told")
            files[0].unlink()
            await eventually(count(lines, 2), "a file that is gone is told")
            await asyncio.sleep(0.05)
            assert used.contents == [[b"1", b"1"]]
            files[0].write_bytes(b"2")
            await eventually(count(lines, 3), "the change is told")
    assert used.contents[-1] == [b"2", b"1"]
    assert [line["event"] for line in lines] == ["file.refused", "file.refused", "file.read_again"]
    assert lines[0]["cause"] == "nonsense is no content"
    assert "No such file" in str(lines[1]["cause"])
