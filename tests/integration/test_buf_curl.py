"""`buf curl` lists the service and calls it, knowing nothing but its address."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Final

import pytest

from ovo_payments.domain.errors import InvalidRequestError, Violation
from tests.integration.running_grpc import SERVICE, SOON_S, Running, running
from tests.unit.transport.samples import PAYMENT

BUF: Final = Path(sys.executable).with_name("buf")


async def buf_curl(*arguments: str, cache: Path) -> tuple[int, str]:
    """Runs it; gives its exit status and what it wrote."""
    process = await asyncio.create_subprocess_exec(
        *(str(BUF), "curl", "--protocol", "grpc", "--http2-prior-knowledge", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={"HOME": str(cache), "BUF_CACHE_DIR": str(cache)},
        cwd=cache,
    )
    async with asyncio.timeout(SOON_S):
        output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


def shop_call(service: Running, method: str, body: object) -> list[str]:
    """The arguments of a call as the shop."""
    url = f"http://{service.target}/{SERVICE}/{method}"
    return ["--header", "authorization: Bearer shop token", "--data", json.dumps(body), url]


@pytest.mark.parametrize("version", ["grpc-v1", "grpc-v1alpha"])
async def test_buf_curl_lists_the_methods(tmp_path: Path, version: str) -> None:
    """By either version of reflection."""
    async with running(reflection=True) as service:
        status, output = await buf_curl(
            *("--reflect-protocol", version, "--list-methods", f"http://{service.target}"),
            cache=tmp_path,
        )
    assert status == 0, output
    methods = {line for line in output.split() if line.startswith(SERVICE)}
    money = {"Bind", "Unbind", "Balance", "Pay", "Charge", "Refund"}
    reading = {"GetStatus", "WatchPayment", "WatchPayments"}
    assert methods == {f"{SERVICE}/{name}" for name in money | reading}


async def test_buf_curl_charges(tmp_path: Path) -> None:
    """It writes the request from JSON and reads the answer into JSON."""
    body = {"request_id": "r-1", "amount": {"currency_code": "IDR", "units": 15000}}
    async with running(reflection=True) as service:
        status, output = await buf_curl(*shop_call(service, "Charge", body), cache=tmp_path)

    assert status == 0, output
    payment = json.loads(output)["payment"]
    assert payment["paymentId"] == "pay_2"
    assert payment["state"] == "STATE_PENDING"
    assert payment["amount"] == {"currencyCode": "IDR", "units": "15000"}
    assert payment["phoneNumber"] == "*********7890"


async def test_buf_curl_watches(tmp_path: Path) -> None:
    """One JSON document for each message, until the stream ends."""
    async with running(reflection=True) as service:
        for event in (PAYMENT, None):
            service.use_cases.watch_payment.events.put_nowait(event)
        body = {"payment_id": "pay_2"}
        status, output = await buf_curl(*shop_call(service, "WatchPayment", body), cache=tmp_path)
    assert status == 0, output
    assert json.loads(output)["payment"]["version"] == "1"


async def test_buf_curl_names_the_details_of_an_error(tmp_path: Path) -> None:
    """By their types, beside status and message."""
    async with running(reflection=True) as service:
        wrong = InvalidRequestError((Violation("amount.units", "must be positive"),))
        service.use_cases.charge.fail_with(wrong)
        status, output = await buf_curl(*shop_call(service, "Charge", {}), cache=tmp_path)

    assert status != 0
    error = json.loads(output)
    assert error["code"] == "invalid_argument"
    assert error["message"] == "The request is wrong: amount.units."
    types = [detail["type"] for detail in error["details"]]
    assert types == ["google.rpc.ErrorInfo", "google.rpc.BadRequest"]
