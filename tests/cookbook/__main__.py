"""Writes into the page what its commands print now: `python -m tests.cookbook`."""

import asyncio
import tempfile
from pathlib import Path

from tests.cookbook.page import PAGE, blocks, rewritten
from tests.cookbook.playing import outputs
from tests.stack import running_stack


async def written() -> str:
    """The page as it should be."""
    with tempfile.TemporaryDirectory() as state, tempfile.TemporaryDirectory() as folder:
        async with running_stack(Path(state)) as stack:
            return rewritten(await outputs(blocks(), stack, Path(folder)))


PAGE.write_text(asyncio.run(written()), encoding="utf-8")
