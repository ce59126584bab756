"""What is sealed opens in its place, with its key, as it was, and in no other way."""

import pytest

from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.storage.keys import EncryptionKey, EncryptionKeysError, make_key, parse_keys
from ovo_payments.storage.sealing import KeyMissingError, SealBrokenError, Sealer

PLACE = ("payments", "sealed", "pay1")
PHONE = b"6281234567890"
OLD = EncryptionKey("old", bytes(range(32)))
NEW = EncryptionKey("new", bytes(range(32, 64)))


def test_what_is_sealed_opens_in_its_place() -> None:
    """And shows nothing of itself before."""
    sealer = Sealer([NEW])
    sealed = sealer.seal(PHONE, PLACE)

    assert PHONE not in sealed
    assert sealer.open(sealed, PLACE) == PHONE


def test_the_same_value_is_never_sealed_alike() -> None:
    """Nobody learns from the database that two customers have one number."""
    sealer = Sealer([NEW])

    assert sealer.seal(PHONE, PLACE) != sealer.seal(PHONE, PLACE)


@pytest.mark.parametrize(
    "place",
    [
        ("bindings", "sealed", "pay1"),
        ("payments", "document", "pay1"),
        ("payments", "sealed", "pay2"),
        ("payments", "sealed", "pay1", 1),
        ("payments", "sealed"),
    ],
)
def test_what_is_moved_does_not_open(place: tuple[str, str, str]) -> None:
    """To another table, column or row, or to another version of the same."""
    sealer = Sealer([NEW])

    with pytest.raises(SealBrokenError, match=place[0]):
        sealer.open(sealer.seal(PHONE, PLACE), place)


def test_a_row_named_by_two_texts_is_no_other() -> None:
    """Where one text ends and the next begins is part of the place."""
    sealer = Sealer([NEW])
    sealed = sealer.seal(PHONE, ("requests", "sealed", "a", "bc"))

    with pytest.raises(SealBrokenError):
        sealer.open(sealed, ("requests", "sealed", "ab", "c"))
    with pytest.raises(SealBrokenError):
        sealer.open(sealed, ("requests", "sealed", "a', 'bc"))


def test_a_changed_value_does_not_open() -> None:
    """Whichever byte of it was changed, and whatever was cut off."""
    sealer = Sealer([NEW])
    sealed = sealer.seal(PHONE, PLACE)

    for at in range(len(sealed)):
        changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        with pytest.raises((SealBrokenError, StoreUnavailableError)):
            sealer.open(changed, PLACE)
        with pytest.raises((SealBrokenError, StoreUnavailableError)):
            sealer.open(sealed[:at], PLACE)


def test_keys_are_changed_while_older_values_are_read() -> None:
    """The newest seals; the older ones still open what they sealed."""
    sealer = Sealer([OLD])
    before = sealer.seal(PHONE, PLACE)

    sealer.use([NEW, OLD])
    after = sealer.seal(PHONE, PLACE)

    assert sealer.open(before, PLACE) == sealer.open(after, PLACE) == PHONE
    assert after.startswith(sealer.newest_prefix)
    assert not before.startswith(sealer.newest_prefix)


def test_a_missing_key_is_named_and_may_come() -> None:
    """Another node may have it already: the value can't be read now, and later it can."""
    sealed = Sealer([NEW]).seal(PHONE, PLACE)
    sealer = Sealer([OLD])

    with pytest.raises(StoreUnavailableError) as refused:
        sealer.open(sealed, PLACE)

    assert isinstance(refused.value.__cause__, KeyMissingError)
    assert refused.value.__cause__.key_id == "new"
    sealer.use([OLD, NEW])
    assert sealer.open(sealed, PLACE) == PHONE


def test_another_key_of_the_same_name_opens_nothing() -> None:
    """A name is no key."""
    sealed = Sealer([NEW]).seal(PHONE, PLACE)

    with pytest.raises(SealBrokenError):
        Sealer([EncryptionKey("new", OLD.key)]).open(sealed, PLACE)


def test_keys_are_read_the_newest_first() -> None:
    """With commas, spaces or lines between them."""
    one, two, three = make_key("2026-11"), make_key("2026-05"), make_key("2025-11")

    keys = parse_keys(f"{one}, {two}\n{three}\n")

    assert [key.key_id for key in keys] == ["2026-11", "2026-05", "2025-11"]
    assert {len(key.key) for key in keys} == {32}


_GOOD = make_key("good")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "key 1 is not written as name:base64"),
        ("hushhush", "key 1 is not written as name:base64"),
        (f"{_GOOD} hushhush", "key 2 is not written as name:base64"),
        ("a/b:AAAA", "key 1 is not written as name:base64"),
        ("a:hushhush!", "key a is not base64"),
        ("a:aHVzaGh1c2g=", "key a has 8 bytes, and must have 32"),
        (f"a:{'A' * 43}=", "key a is not random"),
        (f"{_GOOD},{_GOOD}", "two keys are named good"),
    ],
    # The keys are new each time, and tests that run side by side must have the same names.
    ids=["none", "text", "good and text", "name", "base64", "short", "zeros", "twice"],
)
def test_keys_that_can_not_be_used_are_told_without_themselves(text: str, told: str) -> None:
    """The message says which and why."""
    with pytest.raises(EncryptionKeysError, match=told) as refused:
        parse_keys(text)

    assert "hushhush" not in str(refused.value)


def test_a_key_hides_itself() -> None:
    """Wherever it is printed."""
    assert repr(OLD) == "EncryptionKey(key_id='old')"


def test_there_must_be_a_key() -> None:
    """Nothing is ever written unsealed."""
    with pytest.raises(EncryptionKeysError):
        Sealer([])
