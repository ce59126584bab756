"""Whatever a provider answers: an update, never a crash, and no money that nobody told of."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovo_payments.domain import binding as bindings
from ovo_payments.domain.binding import Binding, BindingState
from ovo_payments.domain.decide import decide
from ovo_payments.domain.errors import ProviderUnavailableError
from ovo_payments.domain.evidence import Evidence
from ovo_payments.domain.payment import Payment, PaymentState
from ovo_payments.domain.provider import BalanceOutcome
from ovo_payments.domain.update import BindingUpdate, PaymentUpdate, RefundUpdate
from ovo_payments.providers import doku, midtrans
from ovo_payments.providers.http import Surroundings
from ovo_payments.storage import documents, rows
from ovo_payments.transport.grpc.codec import encode
from tests.fuzz.answers import HTTP_STATUS, Anything, bodies
from tests.fuzz.arena import MIDTRANS, alarms, doku_settings
from tests.fuzz.attacks import CONFIRMED
from tests.fuzz.examples import fuzzed
from tests.fuzz.truthful import AUTH_CODE, Truth
from tests.unit.application.scripted import ManualClock
from tests.unit.domain.makers import NOW, payment, refund
from tests.unit.providers.doku.merchant import CountedIdentifiers
from tests.unit.providers.doku.merchant import binding as doku_binding
from tests.unit.providers.doku.merchant import payment as debit
from tests.unit.providers.http.raw_server import at_once

TIMES: Final = (
    *("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026-01-02T10:04:05"),
    *("2026-01-02T10:04:05.123456789+07:00", "2026-02-30T00:00:00Z", "now", "", "20260102T100405Z"),
)
URLS: Final = (
    "http://[",
    "https://[::1",
    "http://a:b:c",
    "ftp://x",
    "//x",
    "https://\u2100.x",
    " ",
)
LATER: Final = NOW + timedelta(minutes=30)
PUSH: Final = payment()
PUSHES: Final = (
    PUSH,
    payment(state=PaymentState.IN_DOUBT),
    payment(state=PaymentState.SUCCEEDED, acknowledged=True, refund=refund(refund_id="rfd1")),
)
DEBITS: Final = (
    debit(),
    debit(state=PaymentState.SUCCEEDED, acknowledged=True, refund=refund(refund_id="rfd1")),
)
TRANSACTION: Final = Truth().transaction(PUSH.payment_id, "settlement")
MIDTRANS_ANSWERS: Final = bodies(
    TRANSACTION,
    {
        "transaction_status": ("settlement", "SETTLEMENT", "expire", "deny", "refund", "pending"),
        "status_code": ("200", "201", "202", "407", "404", "406", "412", "999"),
        "fraud_status": ("accept", "deny", "challenge"),
        "expiry_time": ("9999-12-31 23:59:59", "0001-01-01 00:00:00", "2026-01-02T10:04:05Z"),
        "settlement_time": ("9999-12-31 23:59:59", "0001-01-01 00:00:00", "now"),
        "gross_amount": ("15000.00", "15000", "15000.50", "15001.00"),
        "refund_key": ("rfd1", "rfd2"),
        "refund_amount": ("15000.00", "1.00"),
        "refunds": ([CONFIRMED],),
    },
)


def doku_answers(code: str) -> st.SearchStrategy[bytes]:
    """Makes answers around the one that says a code."""
    return bodies(
        {
            "responseCode": code,
            "responseMessage": "Successful",
            "partnerReferenceNo": debit().payment_id,
            "accessToken": "token",
            "expiresIn": 900,
            "accessTokenExpiryTime": "2036-01-17T10:04:05+07:00",
            "refundTime": "2026-01-02T10:04:05+07:00",
            "accountInfos": [{"balanceType": "CASH", "availableBalance": {"value": "1.00"}}],
            **Truth().debit(debit().payment_id, "00"),
            "transAmount": {"value": "15000.00", "currency": "IDR"},
            "additionalInfo": {"custIdMerchant": "customer-1", "authCode": AUTH_CODE},
            "redirectUrl": "https://page.example",
            "webRedirectUrl": "https://page.example",
        },
        {
            "responseCode": ("2025400", "4015401", "4017400", "4045501", "4095400", "20054000"),
            "latestTransactionStatus": ("00", "01", "03", "04", "05", "06", "07", "08", ""),
            "redirectUrl": URLS,
            "webRedirectUrl": URLS,
            "expiresIn": (0, -1, 10**12, 10**40, "900", "999999999", "9" * 40, "٩"),
            "accessTokenExpiryTime": (*TIMES, 10**12),
            "refundTime": TIMES,
            "paidTime": TIMES,
        },
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An operation, and what its provider answers to it or to the calls before it."""

    operation: str
    status: int
    body: bytes
    tokens_too: bool


MONEY: Final = {"pay": "2005400", "query": "2005500", "refund": "2005800"}
LINKS: Final = {
    "bind": "2000700",
    "query_binding": "2007400",
    "unbind": "2000900",
    "balance": "2001100",
}


def said(codes: Mapping[str, str]) -> st.SearchStrategy[Said]:
    """Makes answers to one of some operations, or to the token calls that it needs."""

    def answers(operation: str, token_code: str) -> st.SearchStrategy[Said]:
        code = token_code or codes[operation]
        return st.builds(
            Said,
            operation=st.just(operation),
            status=HTTP_STATUS,
            body=doku_answers(code),
            tokens_too=st.just(bool(token_code) or operation == "query_binding"),
        )

    token_codes = st.sampled_from(("", "", "2007300", "2007400"))
    return st.tuples(st.sampled_from(list(codes)), token_codes).flatmap(
        lambda chosen: answers(*chosen)
    )


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Keeps thousands of warnings out of the test's output."""
    with alarms():
        yield


def take_in(before: Payment, update: PaymentUpdate | RefundUpdate) -> Payment:
    """Does all that the service does with an update: decides, stores, tells."""
    decision = decide(before, update, LATER, MIDTRANS_PATIENCE)
    after = decision.payment
    evidence = Evidence.of(
        update, payment_id=before.payment_id, version=after.version, now=LATER, note=decision.note
    )
    for value in rows.of_evidence(evidence).values():
        str(value).encode()
    document = documents.encode_payment(after)
    document.text.encode()
    assert documents.decode_payment(*document, after.checks) == after
    assert encode.payment_message(after).SerializeToString()
    return after


def take_in_link(before: Binding, update: BindingUpdate) -> Binding:
    """Does all that the service does with an update of a link."""
    after = bindings.apply(before, update, LATER)
    document = documents.encode_binding(after)
    document.text.encode()
    assert documents.decode_binding(*document) == after
    assert encode.binding_message(after).SerializeToString()
    return after


MIDTRANS_PATIENCE: Final = midtrans.spec(MIDTRANS).patience


def read(body: bytes) -> dict[str, Any]:
    """Reads a body as leniently as can be."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def is_ours(amount: object) -> bool:
    """Whether an amount is Rp15.000, however it is written."""
    try:
        return Decimal(str(amount)) == Decimal(15_000)
    except ArithmeticError:
        return False


def hold_midtrans(before: Payment, after: Payment, status: int, body: bytes) -> None:
    """Holds that a state was told of, for the right money."""
    found = read(body)
    word = str(found.get("transaction_status")).lower()
    if after.state is before.state:
        return
    if after.state in {PaymentState.SUCCEEDED, PaymentState.REFUNDED}:
        # The answer to a refund may leave its amount out.
        asked_for_a_refund = before.refund is not None
        assert is_ours(found.get("gross_amount")) or asked_for_a_refund
        assert word in {"settlement", "capture", "refund", "partial_refund"}
        assert status in {200, 201}
    if after.state is PaymentState.EXPIRED:
        assert word == "expire"


@fuzzed(200)
@given(
    st.sampled_from(("charge", "query", "refund")),
    st.sampled_from(PUSHES),
    HTTP_STATUS,
    MIDTRANS_ANSWERS,
)
async def test_midtrans_may_answer_anything(
    operation: str, before: Payment, status: int, body: bytes
) -> None:
    """Charge, query and refund each make an update that can be decided on, stored and told."""
    network = Anything()
    network.status, network.body = status, body
    surroundings = Surroundings(sleep=at_once, transport_for=lambda _provider, _class: network)
    adapter = midtrans.MidtransAdapter(MIDTRANS, midtrans.http_clients(MIDTRANS, surroundings))
    update: PaymentUpdate | RefundUpdate
    if operation == "charge":
        update = await adapter.charge(before)
    elif operation == "query":
        update = await adapter.query(before)
    elif before.refund is not None:
        update = (await adapter.refund(before, None)).refund
    else:
        return
    assert isinstance(update, PaymentUpdate | RefundUpdate)
    hold_midtrans(before, take_in(before, update), status, body)


def hold_doku(before: Payment, after: Payment, body: bytes) -> None:
    """Holds that a state was told of, for the right money."""
    found = read(body)
    if after.state is before.state:
        return
    if after.state in {PaymentState.SUCCEEDED, PaymentState.REFUNDED}:
        code = str(found.get("responseCode"))
        told_of_refund = code[3:5] == "58" and before.refund is not None
        amount = found.get("transAmount")
        assert told_of_refund or found.get("latestTransactionStatus") in {"00", "04"}
        assert told_of_refund or (isinstance(amount, dict) and is_ours(amount.get("value")))


@fuzzed(200)
@given(said(MONEY), st.sampled_from(DEBITS))
async def test_doku_may_answer_anything_about_money(told: Said, before: Payment) -> None:
    """Pay, query and refund, and the two token calls before each."""
    adapter = _doku(told)
    update: PaymentUpdate | RefundUpdate
    learnt: BindingUpdate | None = None
    if told.operation == "query":
        update = await adapter.query(before)
    elif told.operation == "pay":
        debited = await adapter.pay(before, doku_binding())
        update, learnt = debited.payment, debited.binding
    elif before.refund is not None:
        refunded = await adapter.refund(before, doku_binding())
        update, learnt = refunded.refund, refunded.binding
    else:
        return
    hold_doku(before, take_in(before, update), told.body)
    if learnt is not None:
        take_in_link(doku_binding(), learnt)


@fuzzed(200)
@given(said(LINKS))
async def test_doku_may_answer_anything_about_links(told: Said) -> None:
    """Links and balances: an update, or that the provider is not to be had."""
    adapter = _doku(told)
    if told.operation == "balance":
        try:
            outcome = await adapter.balance(doku_binding())
        except ProviderUnavailableError:
            return
        assert isinstance(outcome, BalanceOutcome)
        assert all(entry.available.rupiah >= 0 for entry in outcome.balances)
        return
    linking = told.operation == "bind"
    before = doku_binding({}, state=BindingState.PENDING) if linking else doku_binding()
    calls = {
        "bind": adapter.bind,
        "query_binding": adapter.query_binding,
        "unbind": adapter.unbind,
    }
    update = await calls[told.operation](before)
    assert isinstance(update, BindingUpdate)
    take_in_link(before, update)


def _doku(told: Said) -> doku.DokuAdapter:
    network = Anything()
    network.status, network.body = told.status, told.body
    network.tokens_too = told.tokens_too
    settings = doku_settings()
    surroundings = Surroundings(sleep=at_once, transport_for=lambda _provider, _class: network)
    http = doku.http_clients(settings, surroundings)
    return doku.DokuAdapter(settings, http, ManualClock(), CountedIdentifiers())
