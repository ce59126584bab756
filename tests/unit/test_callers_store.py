"""The callers' file changes whole or not at all, also when several change it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ovo_payments import callers_store
from ovo_payments.application.call import Caller
from ovo_payments.transport.grpc.callers_file import CallersFileError, KnownCaller
from tests.commands import unnoted


def named(name: str) -> KnownCaller:
    """Makes a caller."""
    return KnownCaller(caller=Caller(name=name, scope=name))


def test_changes_at_once_are_all_kept(tmp_path: Path) -> None:
    """Each sees what the one before it wrote."""
    path = tmp_path / "callers.toml"
    names = [f"caller-{number}" for number in range(24)]

    def add(name: str) -> None:
        callers_store.change(path, lambda known: [*known, named(name)], unnoted)

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(add, names))
    assert {entry.caller.name for entry in callers_store.read(path)} == set(names)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["two words", "there"])
def test_what_could_not_be_read_is_not_written(tmp_path: Path, name: str) -> None:
    """A running service would go on with what it knew, and a start would be refused."""
    path = tmp_path / "callers.toml"
    callers_store.change(path, lambda _: [named("there")], unnoted)
    before = path.read_bytes()
    with pytest.raises(CallersFileError):
        callers_store.change(path, lambda known: [*known, named(name)], unnoted)
    assert path.read_bytes() == before


def test_the_mode_of_the_file_is_kept(tmp_path: Path) -> None:
    """The service may run as another user, to whom the operator gave the file."""
    path = tmp_path / "callers.toml"
    path.touch()
    path.chmod(0o640)

    def same(known: Sequence[KnownCaller]) -> Sequence[KnownCaller]:
        return known

    callers_store.change(path, same, unnoted)
    assert path.stat().st_mode & 0o777 == 0o640
