"""The service's main stories, played against real processes and a real browser."""

from pathlib import Path

import pytest

from tests import transcript
from tests.stack import running_stack


@pytest.mark.browser
@pytest.mark.timeout(180)
async def test_the_main_stories_end_as_they_should(tmp_path: Path, chromium_path: str) -> None:
    """Charge, Bind, Balance, Pay, Refund, Unbind and WatchPayment, to the ledger's last rupiah."""
    async with running_stack(tmp_path) as stack:
        await transcript.play(stack, chromium_path, print)
        assert await stack.stop() == 0
        log = stack.log()
    assert "Traceback" not in log
    for secret in (transcript.NORMAL_PHONE[1:], transcript.LINKED_PHONE[1:]):
        assert secret not in log, "no phone number reaches the log"
