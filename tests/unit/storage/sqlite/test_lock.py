"""One process at a time serves from a database."""

from pathlib import Path

import pytest

from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.storage.sqlite import DatabaseInUseError, DatabaseLock
from ovo_payments.storage.unusable import DatabaseUrlError


def test_a_second_one_is_refused_and_told_of_what(tmp_path: Path) -> None:
    """As long as the first holds on."""
    url = f"sqlite:///{tmp_path}/payments.db"
    first = DatabaseLock.take(url)
    with pytest.raises(DatabaseInUseError, match=str(tmp_path / "payments.db")):
        DatabaseLock.take(url)
    first.release()
    second = DatabaseLock.take(url)
    first.release()
    with pytest.raises(DatabaseInUseError):
        DatabaseLock.take(url)
    second.release()


def test_each_database_has_its_own(tmp_path: Path) -> None:
    """Neighbours in one folder are no trouble."""
    locks = [DatabaseLock.take(f"sqlite:///{tmp_path}/{name}.db") for name in ("one", "two")]
    for lock in locks:
        lock.release()


def test_a_folder_that_is_not_there_is_an_unavailable_store(tmp_path: Path) -> None:
    """The cause says what is missing."""
    with pytest.raises(StoreUnavailableError) as refused:
        DatabaseLock.take(f"sqlite:///{tmp_path}/nowhere/payments.db")
    assert isinstance(refused.value.__cause__, FileNotFoundError)


def test_what_names_no_database_has_no_lock() -> None:
    """The URL is read as everywhere."""
    with pytest.raises(DatabaseUrlError):
        DatabaseLock.take("postgresql://localhost/payments")
