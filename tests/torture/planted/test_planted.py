"""The planted bugs fit the present source, and the checker sees them."""

from pathlib import Path

import pytest

from tests.torture.planted.bug import Bug, DriftError, Edit, edited
from tests.torture.planted.catalogue import BUGS
from tests.torture.planted.command import PAGE
from tests.torture.planted.copies import CHECKOUT, copy_checkout, edited_sources, plant
from tests.torture.planted.judging import Search, judge

_SEARCH = Search(seeds=6, payments_per_seed=60)
_SEEN_AT_ONCE = {
    "send-before-commit": "I-5",
    "lost-debit-is-repeated": "I-6",
    "lost-means-failed": "I-7",
    "another-s-payment-is-shown": "I-14",
    "midtrans-signature-is-not-checked": "I-22",
}


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout without any bug."""
    copy = tmp_path_factory.mktemp("planted") / "pristine"
    copy_checkout(copy)
    return copy


@pytest.mark.parametrize("name", BUGS)
def test_a_bug_fits_the_present_source(name: str) -> None:
    """Each of its texts stands in its file exactly once, and the result is still Python."""
    for file, source in edited_sources(BUGS[name]).items():
        assert source != _read(file)
        if file.endswith(".py"):
            compile(source, file, "exec")


def test_a_bug_that_fits_no_more_is_noticed() -> None:
    """A text that is gone, or that stands twice, is no place to plant anything."""
    bug = Bug(name="old", what="", breaks="", edits=(edit := Edit("a.py", "x = 1", "x = 2"),))
    for source in ("y = 1", "x = 1; x = 1"):
        with pytest.raises(DriftError):
            edited(source, bug, edit)


def test_there_is_a_bug_for_each_kind_of_mistake() -> None:
    """No two do the same, and each says which invariant it is aimed at."""
    assert len({bug.what for bug in BUGS.values()}) == len(BUGS) >= 36
    assert all(bug.breaks for bug in BUGS.values())
    assert all(bool(bug.test) == bool(bug.unseen_because) for bug in BUGS.values())


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", _SEEN_AT_ONCE)
async def test_a_planted_bug_is_caught(name: str, pristine: Path, tmp_path: Path) -> None:
    """The invariant that it is aimed at is among those that a short run finds violated."""
    plant(BUGS[name], pristine, tmp_path / "copy")
    verdict = await judge(BUGS[name], tmp_path / "copy", _SEARCH)
    assert not verdict.trouble
    assert _SEEN_AT_ONCE[name] in verdict.catch.by


@pytest.mark.timeout(300)
async def test_nothing_is_found_where_nothing_is_planted(pristine: Path) -> None:
    """The same seeds are clean without a bug."""
    verdict = await judge(None, pristine, _SEARCH)
    assert verdict.found == "nothing found"


def test_the_page_tells_of_every_bug() -> None:
    """Each has its row; what caught it, or that nothing did, is the command's to write."""
    page = PAGE.read_text("utf-8")
    assert [name for name in BUGS if f"| `{name}` |" not in page] == []


def _read(file: str) -> str:
    return (CHECKOUT / "server" / file).read_text("utf-8")
