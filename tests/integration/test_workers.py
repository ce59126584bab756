"""What runs beside the calls is missed when it breaks: the process ends and is started anew."""

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from ovo_payments.application.resolve import Resolve
from ovo_payments.bootstrap import Service
from ovo_payments.rereading import Rereading
from ovo_payments.settings import Address, Environment, Settings

SOON_S = 10.0


@pytest.mark.parametrize("worker", [Resolve, Rereading])
async def test_a_worker_that_breaks_ends_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, worker: type
) -> None:
    """With its traceback in the log: without it revocations, or payments, would wait for ever."""

    async def broken(_self: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(worker, "run", broken)
    settings = Settings(
        environment=Environment.DEVELOPMENT,
        allow_anonymous=True,
        grpc_listen=Address("127.0.0.1", 0),
        http_listen=Address("127.0.0.1", 0),
        database_url=SecretStr(f"sqlite:///{tmp_path}/ovo-payments.db"),
        midtrans_server_key=SecretStr("key"),
        # Nothing here ever calls it.
        midtrans_base_url="http://127.0.0.1:9",
    )
    service = await Service.start(settings)
    try:
        with capture_logs() as lines:
            async with asyncio.timeout(SOON_S):
                assert await service.wait(asyncio.Event())
    finally:
        await service.stop()
    (line,) = [line for line in lines if line["event"] == "service.worker_broke"]
    assert isinstance(line["exc_info"], ZeroDivisionError)
