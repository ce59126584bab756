"""The planted faults fit the present source, and what is to see them sees them."""

from pathlib import Path

import pytest

from tests.attacks.planted.__main__ import PAGE, judged
from tests.attacks.planted.faults import FAULTS
from tests.torture.planted.bug import Bug
from tests.torture.planted.copies import CHECKOUT, edited_sources


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_fits_the_present_source(fault: Bug) -> None:
    """Each of its texts stands in its file exactly once, and the result is still Python."""
    for file, source in edited_sources(fault).items():
        compile(source, file, "exec")


def test_each_fault_is_its_own() -> None:
    """No two do the same, and what is to see each is there."""
    assert len({fault.name for fault in FAULTS}) == len({fault.what for fault in FAULTS}) >= 10
    for fault in FAULTS:
        assert (CHECKOUT / fault.test.partition("::")[0]).is_file()


def test_the_page_tells_of_every_fault() -> None:
    """Each has its row, and was seen."""
    page = PAGE.read_text("utf-8")
    assert [fault.name for fault in FAULTS if f"| `{fault.name}` |" not in page] == []
    assert "**not seen**" not in page


@pytest.mark.timeout(300)
async def test_a_planted_fault_is_seen(tmp_path: Path) -> None:
    """And without it, what sees it has nothing to tell."""
    clean, verdicts = await judged(["body-without-a-time"], tmp_path)
    assert clean.found == "nothing found"
    assert verdicts["body-without-a-time"].tests == ["test_a_body_that_trickles_is_refused_in_time"]
