"""The file of the keys, while a service runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.encryption import key_files, tell_missing_keys
from ovo_payments.storage.keys import EncryptionKey, make_key, parse_keys
from ovo_payments.storage.sealing import Sealer

ONE = make_key("one")
TWO = make_key("two")


@dataclass
class Told:
    """Notes which keys are to be used, and says which are missing."""

    used: list[list[str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def use_keys(self, keys: Sequence[EncryptionKey]) -> None:
        """Notes the names of keys."""
        self.used.append([key.key_id for key in keys])

    def take_missing_keys(self) -> Sequence[str]:
        """Gives them once."""
        missing, self.missing = self.missing, []
        return missing


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of the keys, as the settings name it."""
    file = tmp_path / "keys"
    file.write_text(f"{ONE}\n")
    monkeypatch.setenv("OVO_ENCRYPTION_KEYS_FILE", str(file))
    return file


def test_a_change_of_the_file_is_told_once(file: Path) -> None:
    """And what did not change is not told at all."""
    told = Told()
    (watched,) = key_files(told)

    watched.look()
    file.write_text(f"{TWO}\n{ONE}\n")
    watched.look()
    watched.look()

    assert told.used == [["one"], ["two", "one"]]


def test_a_file_that_can_not_be_used_changes_nothing(file: Path) -> None:
    """What is known goes on to work, and what is told of it holds no key."""
    told = Told()
    (watched,) = key_files(told)
    watched.look()

    file.write_text("hushhush")
    # What reads it again and again logs it: a ValueError.
    with pytest.raises(ValueError, match="key 1 is not written as name:base64") as refused:
        watched.look()

    assert told.used == [["one"]]
    assert "hushhush" not in str(refused.value)


def test_keys_that_no_file_gives_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """They stand in the environment of the process."""
    monkeypatch.delenv("OVO_ENCRYPTION_KEYS_FILE", raising=False)
    assert key_files(Told()) == ()


def test_keys_that_are_missed_are_told_by_name() -> None:
    """Callers hear no more than that the store can't be read: whoever runs it hears why."""
    told = Told(missing=["one"])

    with capture_logs() as logged:
        tell_missing_keys(told)
        tell_missing_keys(told)

    assert [(line["event"], line["key_ids"]) for line in logged] == [
        ("encryption_keys.missing", ["one"])
    ]


def test_a_sealer_remembers_what_it_missed() -> None:
    """Until somebody wants to know."""
    place = ("payments", "sealed", "pay1")
    sealed = Sealer(parse_keys(ONE)).seal(b"text", place)
    sealer = Sealer(parse_keys(TWO))

    with pytest.raises(StoreUnavailableError):
        sealer.open(sealed, place)

    assert sealer.take_missing() == ["one"]
    assert sealer.take_missing() == []
