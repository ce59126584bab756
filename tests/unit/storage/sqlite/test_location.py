"""A URL names one file, and the file is watched."""

from pathlib import Path

import pytest

from ovo_payments.storage.sqlite.location import (
    DatabaseFiles,
    DatabaseReplacedError,
    database_path,
)
from ovo_payments.storage.unusable import DatabaseUrlError


def test_three_slashes_are_relative_and_four_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As everywhere."""
    monkeypatch.chdir(tmp_path)

    assert database_path("sqlite:///payments.db") == tmp_path / "payments.db"
    assert database_path("sqlite:////var/lib/payments.db") == Path("/var/lib/payments.db")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "payments.db",
        "sqlite:payments.db",
        "sqlite://payments.db",
        "sqlite:///",
        "sqlite:///folder/",
        "sqlite:///:memory:",
        "postgresql://localhost/payments",
    ],
)
def test_what_names_no_file_is_refused(url: str) -> None:
    """And the error says how to write one."""
    with pytest.raises(DatabaseUrlError, match="sqlite:///"):
        database_path(url)


def test_the_address_of_another_database_is_not_repeated() -> None:
    """It may hold a password, and what stops a start is printed and logged."""
    with pytest.raises(DatabaseUrlError) as caught:
        database_path("postgresql://shop:password@localhost/payments")
    assert "password" not in str(caught.value)


def opened(folder: Path) -> DatabaseFiles:
    """Makes the two files of an open database."""
    (folder / "payments.db").touch()
    (folder / "payments.db-wal").touch()
    return DatabaseFiles.of_open(folder / "payments.db")


def test_files_that_are_there_pass(tmp_path: Path) -> None:
    """Nothing is raised."""
    opened(tmp_path).check()


@pytest.mark.parametrize("name", ["payments.db", "payments.db-wal"])
def test_a_file_that_is_gone_is_noticed(tmp_path: Path, name: str) -> None:
    """What is written to it now is lost."""
    files = opened(tmp_path)
    (tmp_path / name).unlink()

    with pytest.raises(FileNotFoundError):
        files.check()


@pytest.mark.parametrize("name", ["payments.db", "payments.db-wal"])
def test_a_file_that_was_replaced_is_noticed(tmp_path: Path, name: str) -> None:
    """A file of the same name is another file."""
    files = opened(tmp_path)
    (tmp_path / name).rename(tmp_path / "old")
    (tmp_path / name).touch()

    with pytest.raises(DatabaseReplacedError):
        files.check()
