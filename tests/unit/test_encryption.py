"""The file of the keys, while a service runs."""

from collections.abc import Sequence
from pathlib import Path

import structlog

from ovo_payments.encryption import KeyFile
from ovo_payments.storage.keys import EncryptionKey, make_key

ONE = make_key("one")
TWO = make_key("two")


class Changes:
    """Notes what is told."""

    def __init__(self) -> None:
        """Begins with nothing."""
        self.told: list[list[str]] = []

    def __call__(self, keys: Sequence[EncryptionKey]) -> None:
        """Notes the names of keys."""
        self.told.append([key.key_id for key in keys])


def test_a_change_of_the_file_is_told_once(tmp_path: Path) -> None:
    """And what did not change is not told at all."""
    file, changes = tmp_path / "keys", Changes()
    file.write_text(f"{ONE}\n")
    watched = KeyFile(file, ONE, changes)

    watched.look(file)
    file.write_text(f"{TWO}\n{ONE}\n")
    watched.look(file)
    watched.look(file)

    assert changes.told == [["two", "one"]]


def test_a_file_that_can_not_be_used_changes_nothing(tmp_path: Path) -> None:
    """What is known goes on to work, and the log says what is wrong, without the key."""
    file, changes = tmp_path / "keys", Changes()
    watched = KeyFile(file, ONE, changes)

    with structlog.testing.capture_logs() as logged:
        watched.look(file)
        file.write_text("hushhush")
        watched.look(file)
        watched.look(file)

    assert changes.told == []
    assert [line["event"] for line in logged] == [
        "encryption_keys.unreadable",
        "encryption_keys.unusable",
    ]
    assert "hushhush" not in str(logged)
