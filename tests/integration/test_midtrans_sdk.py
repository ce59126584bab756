"""Midtrans' own Python client works against the sandbox, unchanged but for the host."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from midtransclient import CoreApi
from midtransclient.error_midtrans import MidtransAPIError

from tests.integration.sandbox_process import (
    SERVER_KEY,
    Body,
    MerchantServer,
    SandboxProcess,
    running_merchant,
    running_sandbox,
)

PHONE = "081111111111"


@pytest.fixture(scope="module")
def merchant() -> Iterator[MerchantServer]:
    """The merchant's server."""
    with running_merchant() as running:
        yield running


@pytest.fixture(scope="module")
def sandbox(
    merchant: MerchantServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SandboxProcess]:
    """The sandbox, where payers wait until the test lets time pass."""
    directory = tmp_path_factory.mktemp("sandbox")
    with running_sandbox(directory, notification_url=merchant.url) as running:
        running.switch(settlement_delay_s=600, customer_window_s=3600, expiry_s=3600)
        yield running


class Client:
    """Is the official client with a fresh Idempotency-Key for each operation."""

    def __init__(self, url: str, server_key: str = SERVER_KEY) -> None:
        self.core = CoreApi(is_production=False, server_key=server_key, custom_headers={})
        self.core.api_config.CORE_SANDBOX_BASE_URL = url

    def with_key(self, key: str | None = None) -> Any:  # noqa: ANN401 - the client has no types
        """Sets the key of the next call."""
        self.core.api_config.custom_headers = {"Idempotency-Key": key or uuid4().hex}
        return self.core

    def charge(self, order_id: str, *, phone: str = PHONE, key: str | None = None) -> Body:
        """Charges a phone."""
        answer: Body = self.with_key(key).charge(
            {
                "payment_type": "ovo",
                "transaction_details": {"order_id": order_id, "gross_amount": 15000},
                "ovo": {"payer_phone_number": phone},
            }
        )
        return answer


@pytest.fixture
def client(sandbox: SandboxProcess) -> Client:
    """The client, pointed at the sandbox."""
    return Client(sandbox.url)


@pytest.fixture
def order_id() -> str:
    """An order of this test alone."""
    return f"order-{uuid4().hex[:12]}"


def settle(sandbox: SandboxProcess) -> None:
    """Lets the payers pay."""
    sandbox.advance(601)


def code_of(error: "pytest.ExceptionInfo[MidtransAPIError]") -> tuple[int, str]:
    """Returns the HTTP status and the body's code of what the client raised."""
    return error.value.http_status_code, error.value.api_response_dict["status_code"]


def test_a_charge_is_paid_and_refunded(
    sandbox: SandboxProcess, merchant: MerchantServer, client: Client, order_id: str
) -> None:
    """Charge, status, settlement, both clients' ways to read a notification, refund."""
    charged = client.charge(order_id)
    assert (charged["status_code"], charged["transaction_status"]) == ("201", "pending")
    assert client.with_key().transactions.status(order_id)["status_code"] == "201"
    settle(sandbox)
    told = [merchant.next_notification() for _ in range(2)]
    assert [body["transaction_status"] for body in told] == ["pending", "settlement"]
    # The client asks for the status of what it was told, with its headers as a query string.
    checked = client.with_key().transactions.notification(told[1])
    assert (checked["transaction_status"], checked["status_code"]) == ("settlement", "200")
    refunded = client.with_key().transactions.refund(order_id, {"refund_key": "r1"})
    assert (refunded["status_code"], refunded["refund_amount"]) == ("200", "15000.00")
    sandbox.advance(10)
    first, second = (merchant.next_notification() for _ in range(2))
    assert "bank_confirmed_at" not in first["refunds"][0]
    assert "bank_confirmed_at" in second["refunds"][0]
    assert [entry["kind"] for entry in sandbox.ledger(order_id)] == ["debit", "refund"]


def test_a_notification_names_its_sender(
    merchant: MerchantServer, client: Client, order_id: str
) -> None:
    """User-Agent Veritrans, over a real socket."""
    client.charge(order_id)
    headers, body = merchant.received.get(timeout=10)
    assert (headers["User-Agent"], body["order_id"]) == ("Veritrans", order_id)


def test_the_same_key_replays_the_first_answer(
    sandbox: SandboxProcess, client: Client, order_id: str
) -> None:
    """One transaction, one debit."""
    first = client.charge(order_id, key=f"key-{order_id}")
    assert client.charge(order_id, key=f"key-{order_id}") == first
    settle(sandbox)
    assert len(sandbox.ledger(order_id)) == 1


def test_a_repeated_order_raises_406(client: Client, order_id: str) -> None:
    """Under HTTP 200."""
    client.charge(order_id)
    with pytest.raises(MidtransAPIError) as raised:
        client.charge(order_id)
    assert code_of(raised) == (200, "406")


def test_a_paid_order_cannot_be_cancelled(
    sandbox: SandboxProcess, client: Client, order_id: str
) -> None:
    """412."""
    client.charge(order_id)
    settle(sandbox)
    with pytest.raises(MidtransAPIError) as raised:
        client.with_key().transactions.cancel(order_id)
    assert code_of(raised) == (200, "412")


def test_a_pending_order_is_cancelled(client: Client, order_id: str) -> None:
    """And stays so."""
    client.charge(order_id)
    assert client.with_key().transactions.cancel(order_id)["transaction_status"] == "cancel"
    assert client.with_key().transactions.status(order_id)["status_code"] == "200"


def test_an_expired_order_returns_407(
    sandbox: SandboxProcess, client: Client, order_id: str
) -> None:
    """The one code above 400 that the client does not raise."""
    client.charge(order_id, phone="+628242974268")
    sandbox.advance(3601)
    found = client.with_key().transactions.status(order_id)
    assert (found["status_code"], found["transaction_status"]) == ("407", "expire")


def test_the_merchant_s_expire_returns_407(client: Client, order_id: str) -> None:
    """It worked."""
    client.charge(order_id)
    assert client.with_key().transactions.expire(order_id)["status_code"] == "407"


def test_a_phone_without_account_raises_404(client: Client, order_id: str) -> None:
    """Under HTTP 200."""
    with pytest.raises(MidtransAPIError) as raised:
        client.charge(order_id, phone="+628249134000")
    assert code_of(raised) == (200, "404")


def test_an_unknown_order_raises_404(client: Client, order_id: str) -> None:
    """Under HTTP 200."""
    with pytest.raises(MidtransAPIError) as raised:
        client.with_key().transactions.status(order_id)
    assert code_of(raised) == (200, "404")


def test_an_invalid_charge_raises_http_400(client: Client) -> None:
    """With the validation messages."""
    with pytest.raises(MidtransAPIError) as raised:
        client.charge("")
    assert code_of(raised) == (400, "400")
    messages = raised.value.api_response_dict["validation_messages"]
    assert messages == ["transaction_details.order_id is required"]


def test_a_wrong_key_raises_http_401(sandbox: SandboxProcess, order_id: str) -> None:
    """Before anything else."""
    with pytest.raises(MidtransAPIError) as raised:
        Client(sandbox.url, "SB-Mid-server-wrong").charge(order_id)
    assert code_of(raised) == (401, "401")
