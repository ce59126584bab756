"""Debits through a DOKU that answers by a script: what each end of a call comes to."""

import asyncio
from collections.abc import Mapping

import pytest

from ovo_payments.domain.binding import Binding
from ovo_payments.domain.errors import NotSupportedByProviderError
from ovo_payments.domain.failure import FailureReason
from ovo_payments.domain.money import Money
from ovo_payments.domain.provider import CallClass, DebitOutcome
from ovo_payments.domain.secret import Secret
from ovo_payments.domain.update import BindingClaim, Claim, Source
from ovo_payments.providers.doku.signing import (
    transaction_string_to_sign,
    verify_with_public_key,
    verify_with_secret,
)
from tests.unit.providers.doku.merchant import (
    AUTH_CODE,
    CLIENT_ID,
    CLIENT_SECRET,
    PAYMENT_ID,
    binding,
    config,
    merchant_key,
    payment,
    rupiah,
    with_token,
)
from tests.unit.providers.doku.scripted_doku import (
    B2B,
    B2B2C,
    PAY,
    STATUS,
    Line,
    customer_token,
    hangs,
    merchant_token,
    resets,
    says,
    says_raw,
    scene,
)

ACCEPTED = says("2005400", referenceNo="DOKU1", webRedirectUrl="https://sandbox.doku.com/pay/1")
CORE = "/direct-debit/core/v1"


def status(latest: str, amount: int = 15_000) -> Line:
    """Answers a status query."""
    return says(
        "2005500",
        originalPartnerReferenceNo=PAYMENT_ID,
        latestTransactionStatus=latest,
        transAmount=rupiah(amount),
    )


async def pays(
    *lines: Line, link: Binding | None = None, others: Mapping[str, Line] | None = None
) -> DebitOutcome:
    """Debits once, in front of a script."""
    async with scene({PAY: lines, **(others or {})}) as at:
        return await at.adapter.pay(payment(), link or with_token())


async def test_a_debit_of_a_present_customer_waits_for_the_page() -> None:
    """Accepted is pending: the customer has to confirm."""
    outcome = await pays(ACCEPTED)
    assert outcome.payment.claim is Claim.PENDING
    assert outcome.payment.redirect_url == "https://sandbox.doku.com/pay/1"
    assert outcome.payment.provider_reference == "DOKU1"
    assert outcome.binding is None


async def test_a_debit_is_signed_and_carries_both_tokens() -> None:
    """What DOKU needs to verify it: headers, signature over exactly the bytes that were sent."""
    async with scene({PAY: ACCEPTED}) as at:
        await at.adapter.pay(payment(), with_token("kept"))
        (asked,) = at.doku.of(PAY)
    assert asked.path == f"{CORE}/debit/payment-host-to-host"
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["authorization"] == "Bearer merchant-1"
    assert asked.headers["authorization-customer"] == "Bearer kept"
    assert asked.headers["x-partner-id"] == CLIENT_ID
    assert asked.headers["x-external-id"] == f"{1:032}"
    assert asked.headers["x-timestamp"] == "2026-01-02T03:04:05Z"
    text = transaction_string_to_sign(
        method="POST",
        target=asked.path,
        access_token="merchant-1",
        minified_body=asked.body,
        timestamp=asked.headers["x-timestamp"],
    )
    assert verify_with_secret(CLIENT_SECRET, text, asked.headers["x-signature"])


@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        (B2B, {"grantType": "client_credentials"}),
        (B2B2C, {"grantType": "authorization_code", "authCode": AUTH_CODE}),
    ],
)
async def test_token_calls_are_signed_with_our_key(endpoint: str, body: dict[str, str]) -> None:
    """Client id and time, under RSA, and no bearer."""
    async with scene({PAY: ACCEPTED}) as at:
        await at.adapter.pay(payment(), binding())
        (asked,) = at.doku.of(endpoint)
    assert asked.path == f"/authorization/v1/access-token/{endpoint}"
    assert asked.headers["x-client-key"] == CLIENT_ID
    assert "authorization" not in asked.headers
    assert asked.document == body
    assert verify_with_public_key(
        merchant_key().public_key(),
        f"{CLIENT_ID}|2026-01-02T03:04:05Z",
        asked.headers["x-signature"],
    )


async def test_a_debit_without_a_customer_has_no_page() -> None:
    """RECURRING is processed directly; its result comes by status or notification."""
    async with scene({PAY: says("2005400", referenceNo="DOKU1")}) as at:
        asked_for = payment(merchant_initiated=True, points_amount=Money(15_000))
        outcome = await at.adapter.pay(asked_for, with_token())
        (asked,) = at.doku.of(PAY)
    assert (outcome.payment.claim, outcome.payment.redirect_url) == (Claim.PENDING, "")
    assert asked.document["additionalInfo"]["paymentType"] == "RECURRING"
    assert [one["payMethod"] for one in asked.document["payOptionDetails"]] == ["POINTS"]


async def test_the_prefix_of_paths_is_a_setting_and_signed() -> None:
    """Older merchants may be served elsewhere."""
    async with scene({PAY: ACCEPTED}, config(path_prefix="/direct-debit/ovo/v1.0")) as at:
        outcome = await at.adapter.pay(payment(), with_token())
        (asked,) = at.doku.of(PAY)
    assert asked.path == "/direct-debit/ovo/v1.0/debit/payment-host-to-host"
    assert outcome.payment.claim is Claim.PENDING


@pytest.mark.parametrize(
    ("line", "claim", "reason"),
    [
        (says("2025400"), Claim.PENDING, None),
        (says("4035414"), Claim.FAILED, FailureReason.INSUFFICIENT_FUNDS),
        (says("4035402"), Claim.FAILED, FailureReason.LIMIT_EXCEEDED),
        (says("4035405"), Claim.FAILED, FailureReason.ACCOUNT_RESTRICTED),
        (says("4035414", 200), Claim.FAILED, FailureReason.INSUFFICIENT_FUNDS),
        (says("4045418"), Claim.FAILED, FailureReason.REJECTED_BY_PROVIDER),
        (says("4015400"), Claim.NOT_SENT, None),
        (says("4295400"), Claim.NOT_SENT, None),
        (says("5005400"), Claim.UNKNOWN, None),
        (says("5045400"), Claim.UNKNOWN, None),
        (says("2005400", 500), Claim.UNKNOWN, None),
        (says("4035499"), Claim.UNKNOWN, None),
        (says_raw(b"<html>", 502), Claim.UNKNOWN, None),
        (says_raw(b'{"responseCode":', 200), Claim.UNKNOWN, None),
        (resets, Claim.UNKNOWN, None),
        (hangs, Claim.UNKNOWN, None),
    ],
)
async def test_every_end_of_a_debit_claims_what_is_known(
    line: Line, claim: Claim, reason: FailureReason | None
) -> None:
    """Refused, not processed, unknown: and it is sent once, whatever comes."""
    async with scene({PAY: line}) as at:
        outcome = await at.adapter.pay(payment(), with_token())
        assert len(at.doku.of(PAY)) == 1
    update = outcome.payment
    assert update.claim is claim
    assert (update.failure.reason if update.failure is not None else None) is reason


@pytest.mark.parametrize(
    "line",
    [says("5007300"), says("4007301"), says_raw(b"", 503), says("2007300")],
)
async def test_without_our_token_nothing_is_sent(line: Line) -> None:
    """The debit never left, and its order is free again."""
    async with scene({B2B: line, PAY: ACCEPTED}) as at:
        outcome = await at.adapter.pay(payment(), with_token())
        assert at.doku.of(PAY) == []
    assert outcome.payment.claim is Claim.NOT_SENT
    assert outcome.payment.source is Source.TRANSPORT


@pytest.mark.parametrize("line", [says("5007400"), says_raw(b"", 503), says("2007400"), resets])
async def test_without_the_customer_s_token_nothing_is_sent(line: Line) -> None:
    """And nothing is said of the link."""
    async with scene({B2B2C: line, PAY: ACCEPTED}) as at:
        outcome = await at.adapter.pay(payment(), binding())
        assert at.doku.of(PAY) == []
    assert outcome.payment.claim is Claim.NOT_SENT
    assert outcome.binding is None


@pytest.mark.parametrize("code", ["4015401", "4015403"])
async def test_a_stale_token_of_ours_is_fetched_anew_and_the_debit_sent_once_more(
    code: str,
) -> None:
    """A 401 proves that nothing was processed; signed anew, under another X-EXTERNAL-ID."""
    lines = {PAY: [says(code), ACCEPTED], B2B: [merchant_token("old"), merchant_token("new")]}
    async with scene(lines) as at:
        outcome = await at.adapter.pay(payment(), with_token())
        first, second = at.doku.of(PAY)
    assert outcome.payment.claim is Claim.PENDING
    assert first.headers["authorization"] == "Bearer old"
    assert second.headers["authorization"] == "Bearer new"
    assert first.headers["x-external-id"] != second.headers["x-external-id"]
    assert first.headers["x-signature"] != second.headers["x-signature"]
    assert first.body == second.body


async def test_a_second_refusal_of_our_token_ends_it() -> None:
    """Twice is enough: not one of the two was processed."""
    async with scene({PAY: says("4015401")}) as at:
        outcome = await at.adapter.pay(payment(), with_token())
        assert len(at.doku.of(PAY)) == 2
    assert outcome.payment.claim is Claim.NOT_SENT


async def test_what_comes_of_the_second_send_counts() -> None:
    """Lost after a refused token is as lost as any."""
    outcome = await pays(says("4015401"), resets)
    assert outcome.payment.claim is Claim.UNKNOWN


async def test_fifty_debits_with_a_stale_token_fetch_one() -> None:
    """All hear of the refusal, one fetches, all are sent once more."""

    def fresh(number: int) -> Line:
        return says("4015401") if number < 50 else ACCEPTED

    lines = {
        PAY: [fresh(number) for number in range(51)],
        B2B: [merchant_token("old"), merchant_token("new")],
    }
    async with scene(lines) as at:
        debits = [at.adapter.pay(payment(), with_token()) for _ in range(50)]
        outcomes = await asyncio.gather(*debits)
        assert len(at.doku.of(B2B)) == 2
        assert len(at.doku.of(PAY)) == 100
    assert {one.payment.claim for one in outcomes} == {Claim.PENDING}


async def test_a_token_that_was_exchanged_is_told_for_the_link_to_keep() -> None:
    """So that the next debit needs no exchange."""
    outcome = await pays(ACCEPTED, link=binding())
    assert outcome.binding is not None
    assert outcome.binding.claim is BindingClaim.ACTIVE
    assert outcome.binding.credentials is not None
    assert outcome.binding.credentials["customer_token"] == Secret("customer-1")


@pytest.mark.parametrize("code", ["4015402", "4015404", "4017400"])
async def test_a_refused_customer_token_is_exchanged_and_the_debit_sent_once_more(
    code: str,
) -> None:
    """It may only have been old; the exchange tells whether the account is linked."""
    async with scene({PAY: [says(code), ACCEPTED], B2B2C: customer_token("new")}) as at:
        outcome = await at.adapter.pay(payment(), with_token("old"))
        first, second = at.doku.of(PAY)
    assert outcome.payment.claim is Claim.PENDING
    assert first.headers["authorization-customer"] == "Bearer old"
    assert second.headers["authorization-customer"] == "Bearer new"
    assert outcome.binding is not None
    assert outcome.binding.credentials is not None
    assert outcome.binding.credentials["customer_token"] == Secret("new")


@pytest.mark.parametrize("link", [binding(), with_token()], ids=["none kept", "one kept"])
async def test_a_revoked_link_fails_the_debit_and_ends_the_link(link: Binding) -> None:
    """4017400: the customer unlinked in the OVO app."""
    async with scene({PAY: says("4015402"), B2B2C: says("4017400")}) as at:
        outcome = await at.adapter.pay(payment(), link)
    assert outcome.payment.claim is Claim.FAILED
    assert outcome.payment.failure is not None
    assert outcome.payment.failure.reason is FailureReason.BINDING_REVOKED
    assert outcome.payment.failure.provider_code == "4017400"
    assert outcome.binding is not None
    assert outcome.binding.claim is BindingClaim.NOT_LINKED


async def test_a_customer_token_refused_twice_ends_the_link() -> None:
    """A new token that is worth nothing either: the link is."""
    outcome = await pays(says("4015402"))
    assert outcome.payment.claim is Claim.FAILED
    assert outcome.binding is not None
    assert outcome.binding.claim is BindingClaim.NOT_LINKED


async def test_a_wrong_key_of_ours_never_ends_a_link() -> None:
    """The exchange's 4017400 has two meanings, and one of them is our own fault."""
    wrong_key = says_raw(
        b'{"responseCode":"4017400","responseMessage":"Unauthorized. [Signature]"}', 401
    )
    async with scene({PAY: ACCEPTED, B2B2C: wrong_key}) as at:
        outcome = await at.adapter.pay(payment(), binding())
        assert at.adapter.available_for(CallClass.TOKEN) > 0
    assert outcome.payment.claim is Claim.NOT_SENT
    assert "our key, secret or clock is wrong" in outcome.payment.detail
    assert outcome.binding is None


async def test_an_exchange_that_fails_after_a_refusal_proves_that_nothing_was_done() -> None:
    """The first debit was refused, the second never left."""
    outcome = await pays(says("4015402"), others={B2B2C: says("5007400")})
    assert outcome.payment.claim is Claim.NOT_SENT
    assert outcome.binding is None


async def test_a_wrong_signature_stops_all_debits_at_once() -> None:
    """Each would end so: the breaker opens, and what operators read says why."""
    async with scene({PAY: says("4015400")}) as at:
        assert at.adapter.available_for(CallClass.MUTATE) == 0
        outcome = await at.adapter.pay(payment(), with_token())
        assert "our key, secret or clock is wrong" in outcome.payment.detail
        assert at.adapter.available_for(CallClass.MUTATE) > 0
        later = await at.adapter.pay(payment(), with_token())
        assert len(at.doku.of(PAY)) == 1
    assert later.payment.claim is Claim.NOT_SENT


@pytest.mark.parametrize(
    "conflict",
    [
        says("4095400"),
        says("4095401"),
        says("4005403"),
        says("2005400", 409, webRedirectUrl="https://sandbox.doku.com/pay/1"),
        says_raw(b"", 409),
    ],
)
@pytest.mark.parametrize(
    ("line", "claim"),
    [
        (status("00"), Claim.SUCCEEDED),
        (status("01"), Claim.PENDING),
        (status("06"), Claim.FAILED),
        (status("07"), Claim.UNKNOWN),
        (says("4045501"), Claim.UNKNOWN),
        (says("5005500"), Claim.UNKNOWN),
    ],
)
async def test_what_exists_already_is_asked_for(conflict: Line, line: Line, claim: Claim) -> None:
    """A conflict is no failure: DOKU has it, so DOKU is asked, and nothing is sent again."""
    async with scene({PAY: conflict, STATUS: line}) as at:
        outcome = await at.adapter.pay(payment(), with_token())
        assert len(at.doku.of(PAY)) == 1
    assert (outcome.payment.claim, outcome.payment.source) == (claim, Source.ANSWER)


async def test_what_exists_with_another_amount_is_told_as_it_is() -> None:
    """The amount is for the domain to compare: it makes a misfit."""
    outcome = await pays(says("4095401"), others={STATUS: status("00", amount=1)})
    assert outcome.payment.amount == Money(1)


async def test_doku_pushes_to_no_phone() -> None:
    """A charge is not supported."""
    async with scene({}) as at:
        with pytest.raises(NotSupportedByProviderError) as raised:
            await at.adapter.charge(payment())
    assert (raised.value.provider, raised.value.capability) == ("doku", "push_to_phone")
