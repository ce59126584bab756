"""What tests of whole processes share."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.integration.shop import Shop, audited, open_shop


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop_of_module(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """One service, one sandbox and one linked wallet for all tests of a module."""
    async with open_shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest_asyncio.fixture(loop_scope="module")
async def shop(shop_of_module: Shop) -> AsyncIterator[Shop]:
    """The shop, whose books are checked after the test; needs the module's event loop."""
    async with audited(shop_of_module):
        yield shop_of_module
