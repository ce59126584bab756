"""DOKU's own Python library runs its OVO flow against the sandbox; only its host is changed."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from doku_python_library.src.commons.config import _Development
from doku_python_library.src.model.direct_debit.account_binding_additional_info_request import (
    AccountBindingAdditionalInfoRequest,
)
from doku_python_library.src.model.direct_debit.account_binding_request import (
    AccountBindingRequest,
)
from doku_python_library.src.model.direct_debit.account_unbinding_additional_info_request import (
    AccountUnbindingAdditionalInfoRequest,
)
from doku_python_library.src.model.direct_debit.account_unbinding_request import (
    AccountUnbindingRequest,
)
from doku_python_library.src.model.direct_debit.balance_inquiry_additional_info import (
    BalanceInquiryAdditionalInfo,
)
from doku_python_library.src.model.direct_debit.balance_inquiry_request import (
    BalanceInquiryRequest,
)
from doku_python_library.src.model.direct_debit.check_status_additional_info_request import (
    CheckStatusAdditionalInfoRequest,
)
from doku_python_library.src.model.direct_debit.check_status_request import CheckStatusRequest
from doku_python_library.src.model.direct_debit.pay_option_detail import PayOptionDetail
from doku_python_library.src.model.direct_debit.payment_additional_info_request import (
    PaymentAdditionalInfoRequest,
)
from doku_python_library.src.model.direct_debit.payment_request import PaymentRequest
from doku_python_library.src.model.direct_debit.refund_additional_info import RefundAdditionalInfo
from doku_python_library.src.model.direct_debit.refund_request import RefundRequest
from doku_python_library.src.model.va.total_amount import TotalAmount
from doku_python_library.src.services.token_service import TokenService
from doku_python_library.src.snap import DokuSNAP

from ovo_sandbox.keys import KeyPairs
from tests.integration.live_doku import live_merchant
from tests.unit.sandbox.doku.merchant import FAILED_URL, PHONE, SUCCESS_URL, Merchant

CHANNEL = "EMONEY_OVO_SNAP"
ADDRESS = "127.127.127.1"


@pytest.fixture(scope="module")
def key_pairs() -> KeyPairs:
    """Both sides' keys, made once."""
    return KeyPairs(None)


@pytest.fixture
async def merchant(key_pairs: KeyPairs) -> AsyncIterator[Merchant]:
    """A sandbox behind a socket, with answers that the library can read."""
    async with live_merchant(key_pairs) as live:
        live.set(response_profile="lean")
        yield live


@pytest.fixture
def base_url(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> str:
    """The host that the library calls; it must be set before the library's client is made."""
    url = str(merchant.http.base_url).rstrip("/")
    monkeypatch.setattr(_Development, "BASE_URL", url)
    return url


class Library:
    """Is DOKU's client, each call of which runs in a thread beside the sandbox."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - the library has no types
        self._client = client

    async def call(self, method: str, *arguments: object) -> Any:  # noqa: ANN401
        """Calls a method of the client."""
        return await asyncio.to_thread(getattr(self._client, method), *arguments)


@pytest.fixture
async def library(merchant: Merchant, base_url: str) -> Library:
    """The library's client, which fetches its token while it is made."""
    assert base_url.startswith("http://127.0.0.1:")
    keys, config = merchant.sandbox.keys, merchant.sandbox.config
    client = await asyncio.to_thread(
        DokuSNAP,
        private_key=private_pem(keys.merchant_private_key),
        client_id=config.doku_client_id,
        is_production=False,
        public_key=public_pem(keys.doku_private_key.public_key()),
        issuer="merchant",
        secret_key=config.doku_client_secret,
        merchant_public_key=public_pem(keys.merchant_public_key),
    )
    return Library(client)


def private_pem(key: RSAPrivateKey) -> str:
    """The private key as the library wants it: PKCS #8."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def public_pem(key: RSAPublicKey) -> str:
    """The public key as the library wants it."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def binding() -> AccountBindingRequest:
    """A binding as the library writes it, with nulls for what it leaves out."""
    info = AccountBindingAdditionalInfoRequest(
        channel=CHANNEL,
        success_registration_url=SUCCESS_URL,
        failed_registration_url=FAILED_URL,
        cust_id_merchant="cust-1",
    )
    return AccountBindingRequest(phone_no=PHONE, additional_info=info)


def payment(reference: str, payment_type: str, value: str = "15000.00") -> PaymentRequest:
    """A payment in cash."""
    option = PayOptionDetail(
        pay_method="CASH", trans_amount=TotalAmount(value), fee_amount=TotalAmount("0.00")
    )
    info = PaymentAdditionalInfoRequest(
        channel=CHANNEL,
        remarks='Café  "Senja"',
        success_payment_url=SUCCESS_URL,
        failed_payment_url=FAILED_URL,
        payment_type=payment_type,
    )
    return PaymentRequest(
        partner_reference_no=reference,
        amount=TotalAmount(value),
        additional_info=info,
        fee_type="OUR",
        pay_option_detail=[option.json()],
    )


def question(reference: str) -> CheckStatusRequest:
    """A status query, in which the library insists on 55."""
    info = CheckStatusAdditionalInfoRequest(channel=CHANNEL)
    return CheckStatusRequest(
        service_code="55", original_partner_reference_no=reference, additional_info=info
    )


async def test_the_library_runs_its_whole_ovo_flow(merchant: Merchant, library: Library) -> None:
    """Token, binding, customer token, balance, both payments, status, refund and unbinding."""
    bound = await library.call("do_account_binding", binding(), "device", ADDRESS)
    assert bound.response_code == "2000700", bound.response_message
    auth_code = bound.additional_info["authCode"]

    too_early = await library.call("get_token_b2b2c", auth_code)
    assert too_early.response_code == "4017400"
    await (await merchant.visit(bound.redirect_url)).go_through("111111", "123456")
    granted = await library.call("get_token_b2b2c", auth_code)
    assert granted.response_code == "2007400", granted.response_message

    asked = BalanceInquiryRequest(BalanceInquiryAdditionalInfo(CHANNEL))
    balance = await library.call("do_balance_inquiry", asked, ADDRESS, auth_code)
    assert balance.response_code == "2001100", balance.response_message
    assert balance.account_infos[0]["amount"]["value"] == "10000000.00"

    sale = await library.call("do_payment", payment("order-1", "SALE"), ADDRESS, auth_code)
    assert sale.response_code == "2005400", sale.response_message
    assert (await library.call("do_check_status", question("order-1"))).json()[
        "latestTransactionStatus"
    ] == "01"
    await (await merchant.visit(sale.web_redirect_url)).go_through("123456")
    paid = (await library.call("do_check_status", question("order-1"))).json()
    assert (paid["responseCode"], paid["latestTransactionStatus"]) == ("2005500", "00")

    recurring = payment("order-2", "RECURRING")
    debited = await library.call("do_payment", recurring, ADDRESS, auth_code)
    assert (debited.response_code, debited.web_redirect_url) == ("2005400", None)

    asked_back = RefundRequest(
        original_partner_reference_no="order-2",
        refund_amount=TotalAmount("15000.00"),
        partner_refund_no="refund-1",
        additional_info=RefundAdditionalInfo(CHANNEL),
        reason="did not fit",
    )
    refunded = await library.call("do_refund", asked_back, ADDRESS, auth_code, "device")
    assert refunded.response_code == "2005800", refunded.response_message
    told = (await library.call("do_check_status", question("order-2"))).json()
    assert told["latestTransactionStatus"] == "04"

    unbinding = AccountUnbindingRequest(
        library._client.token_b2b2c,  # noqa: SLF001 - where the library keeps it
        AccountUnbindingAdditionalInfoRequest(CHANNEL),
    )
    unbound = await library.call("do_account_unbinding", unbinding, ADDRESS)
    assert unbound.response_code == "2000900", unbound.response_message
    gone = await library.call("get_token_b2b2c", auth_code)
    assert gone.response_code == "4017400"

    moved = merchant.sandbox.ledger.entries(provider="doku")
    assert [(one.kind, one.merchant_reference, one.amount_rupiah) for one in moved] == [
        ("debit", "order-1", 15_000),
        ("debit", "order-2", 15_000),
        ("refund", "order-2", 15_000),
    ]


async def test_the_library_hears_of_refusals(merchant: Merchant, library: Library) -> None:
    """Too little money, and a payment that is not known."""
    auth_code = await merchant.linked()
    await library.call("get_token_b2b2c", auth_code)
    much = payment("order-1", "RECURRING", "99000000.00")
    refused = await library.call("do_payment", much, ADDRESS, auth_code)
    assert (refused.response_code, refused.reference_no) == ("4035414", "")
    unknown = await library.call("do_check_status", question("order-1"))
    assert unknown.response_code == "4045501"


async def test_the_library_accepts_the_sandboxs_signatures(merchant: Merchant) -> None:
    """DOKU's token call and its notification verify with DOKU's own code."""
    await merchant.linked()
    await merchant.pass_time()
    [asked], [told] = merchant.inbox.token_requests, merchant.inbox.notifications
    assert TokenService.compare_signatures(
        f"{asked.headers['X-CLIENT-KEY']}|{asked.headers['X-TIMESTAMP']}",
        asked.headers["X-SIGNATURE"],
        public_pem(merchant.sandbox.keys.doku_private_key.public_key()),
    )
    expected = TokenService.generate_symmetric_signature(
        http_method="POST",
        endpoint="/webhooks/doku/binding",
        token_b2b=told.headers["Authorization"].removeprefix("Bearer "),
        request=json.loads(told.body),
        timestamp=told.headers["X-TIMESTAMP"],
        secret_key=merchant.sandbox.config.doku_client_secret,
    )
    assert told.headers["X-SIGNATURE"] == expected


async def test_the_library_reads_the_sandboxs_tokens(merchant: Merchant) -> None:
    """They are JSON Web Tokens that DOKU's public key verifies."""
    token = await merchant.token()
    key = public_pem(merchant.sandbox.keys.doku_private_key.public_key())
    claims = TokenService.validate_token_b2b(token, key)
    assert claims is not None
    assert claims["clientId"] == merchant.sandbox.config.doku_client_id
