"""Links and balances through a DOKU that answers by a script."""

import pytest

from ovo_payments.domain.binding import Binding
from ovo_payments.domain.errors import ProviderUnavailableError
from ovo_payments.domain.failure import FailureReason
from ovo_payments.domain.money import Money
from ovo_payments.domain.provider import AccountBalance
from ovo_payments.domain.secret import Secret
from ovo_payments.domain.update import BindingClaim
from tests.unit.providers.doku.merchant import AUTH_CODE, binding, rupiah, with_token
from tests.unit.providers.doku.scripted_doku import (
    B2B,
    B2B2C,
    BALANCE,
    BIND,
    PAY,
    UNBIND,
    Line,
    customer_token,
    hangs,
    merchant_token,
    resets,
    says,
    says_raw,
    scene,
)

PAGE = "https://sandbox.doku.com/direct-debit/ui/binding/core/2238"
BOUND = says(
    "2000700",
    redirectUrl=PAGE,
    additionalInfo={
        "custIdMerchant": "customer-1",
        "accountStatus": "PENDING",
        "authCode": AUTH_CODE,
    },
)


def balances(*accounts: dict[str, object]) -> Line:
    """Answers a balance inquiry."""
    return says("2001100", accountInfos=list(accounts))


async def test_linking_leads_to_a_page() -> None:
    """The request carries the reference by which its notification will name it, and no customer."""
    async with scene({BIND: BOUND}) as at:
        update = await at.adapter.bind(binding({}))
        (asked,) = at.doku.of(BIND)
    assert update.claim is BindingClaim.PENDING
    assert update.redirect_url == PAGE
    assert update.credentials == {"auth_code": Secret(AUTH_CODE)}
    assert asked.path == "/direct-debit/core/v1/registration-account-binding"
    assert asked.headers["x-external-id"] == "1" * 32
    assert "authorization-customer" not in asked.headers
    assert asked.document["phoneNo"] == "6281111111111"


async def test_linking_with_a_stale_token_keeps_its_reference() -> None:
    """The refused request used nothing up, and the notification will name this one."""
    lines = {BIND: [says("4010701"), BOUND], B2B: [merchant_token("old"), merchant_token("new")]}
    async with scene(lines) as at:
        update = await at.adapter.bind(binding({}))
        first, second = at.doku.of(BIND)
    assert update.claim is BindingClaim.PENDING
    assert first.headers["x-external-id"] == second.headers["x-external-id"] == "1" * 32


@pytest.mark.parametrize(
    ("line", "claim"),
    [
        (says("4030715"), BindingClaim.FAILED),
        (says("4090700"), BindingClaim.UNKNOWN),
        (says("5000700"), BindingClaim.UNKNOWN),
        (hangs, BindingClaim.UNKNOWN),
        (resets, BindingClaim.UNKNOWN),
        (says("4010700"), BindingClaim.NOT_SENT),
        (says("4290700"), BindingClaim.NOT_SENT),
    ],
)
async def test_every_end_of_linking_claims_what_is_known(line: Line, claim: BindingClaim) -> None:
    """And it is asked for once."""
    async with scene({BIND: line}) as at:
        update = await at.adapter.bind(binding({}))
        assert len(at.doku.of(BIND)) == 1
    assert update.claim is claim


async def test_without_our_token_no_link_is_asked_for() -> None:
    """The request never left."""
    async with scene({B2B: says("5007300"), BIND: BOUND}) as at:
        update = await at.adapter.bind(binding({}))
        assert at.doku.of(BIND) == []
    assert update.claim is BindingClaim.NOT_SENT


@pytest.mark.parametrize(
    ("line", "claim"),
    [
        (customer_token("new"), BindingClaim.ACTIVE),
        (says("4017400"), BindingClaim.NOT_LINKED),
        (says("5007400"), BindingClaim.UNKNOWN),
        (resets, BindingClaim.UNKNOWN),
        (says_raw(b"", 404), BindingClaim.UNKNOWN),
    ],
)
@pytest.mark.parametrize("link", [binding(), with_token("kept")], ids=["none kept", "one kept"])
async def test_the_exchange_tells_whether_an_account_is_linked(
    link: Binding, line: Line, claim: BindingClaim
) -> None:
    """Also where a token is kept: it says nothing of now."""
    async with scene({B2B2C: line}) as at:
        update = await at.adapter.query_binding(link)
        assert at.doku.of(B2B2C)
    assert update.claim is claim
    assert (update.credentials is not None) is (claim is BindingClaim.ACTIVE)


async def test_a_link_without_an_auth_code_is_not_linked() -> None:
    """Nothing is asked, for there is nothing to ask with."""
    async with scene({}) as at:
        update = await at.adapter.query_binding(binding({}))
        assert at.doku.asked == []
    assert update.claim is BindingClaim.NOT_LINKED


async def test_unlinking_names_the_customer_s_token() -> None:
    """In the body, not in a header."""
    async with scene({UNBIND: says("2000900")}) as at:
        update = await at.adapter.unbind(with_token("kept"))
        (asked,) = at.doku.of(UNBIND)
    assert update.claim is BindingClaim.UNBOUND
    assert asked.document["tokenId"] == "kept"
    assert "authorization-customer" not in asked.headers


async def test_unlinking_with_an_old_token_gets_a_new_one() -> None:
    """A refused token is not yet an unlinked account."""
    async with scene(
        {UNBIND: [says("4010902"), says("2000900")], B2B2C: customer_token("new")}
    ) as at:
        update = await at.adapter.unbind(with_token("old"))
        first, second = at.doku.of(UNBIND)
    assert update.claim is BindingClaim.UNBOUND
    assert (first.document["tokenId"], second.document["tokenId"]) == ("old", "new")


@pytest.mark.parametrize(
    ("line", "exchange", "claim"),
    [
        (says("4010902"), says("4017400"), BindingClaim.UNBOUND),
        (says("4010902"), customer_token("new"), BindingClaim.UNBOUND),
        (says("4010902"), says("5007400"), BindingClaim.NOT_SENT),
        (says("4000901"), customer_token("new"), BindingClaim.FAILED),
        (says("5000900"), customer_token("new"), BindingClaim.UNKNOWN),
        (hangs, customer_token("new"), BindingClaim.UNKNOWN),
        (resets, customer_token("new"), BindingClaim.UNKNOWN),
    ],
)
async def test_every_end_of_unlinking_claims_what_is_known(
    line: Line, exchange: Line, claim: BindingClaim
) -> None:
    """Unlinked already is unlinked; a lost answer is not."""
    async with scene({UNBIND: line, B2B2C: exchange}) as at:
        assert (await at.adapter.unbind(with_token())).claim is claim


async def test_unlinking_what_the_customer_unlinked_succeeds() -> None:
    """The exchange says so, and nothing else is sent."""
    async with scene({B2B2C: says("4017400")}) as at:
        update = await at.adapter.unbind(binding())
        assert at.doku.of(UNBIND) == []
    assert update.claim is BindingClaim.UNBOUND


async def test_a_balance_has_cash_and_points() -> None:
    """What can be spent; kinds that nobody knows are left out."""
    line = balances(
        {"balanceType": "CASH", "amount": rupiah(9), "availableBalance": rupiah(100_000)},
        {"balanceType": "POINTS", "amount": rupiah(0)},
        {"balanceType": "CRYPTO", "amount": rupiah(1)},
    )
    async with scene({BALANCE: line}) as at:
        outcome = await at.adapter.balance(with_token("kept"))
        (asked,) = at.doku.of(BALANCE)
    assert outcome.balances == (
        AccountBalance(type="CASH", available=Money(100_000)),
        AccountBalance(type="POINTS", available=Money(0)),
    )
    assert outcome.binding is None
    assert asked.headers["authorization-customer"] == "Bearer kept"
    assert asked.document == {"additionalInfo": {"channel": "EMONEY_OVO_SNAP"}}


async def test_a_balance_teaches_the_link_its_token() -> None:
    """So that the next call needs no exchange."""
    async with scene({BALANCE: balances({"balanceType": "CASH", "amount": rupiah(1)})}) as at:
        outcome = await at.adapter.balance(binding())
    assert outcome.binding is not None
    assert outcome.binding.claim is BindingClaim.ACTIVE


@pytest.mark.parametrize(
    "line",
    [
        says("5001100"),
        says("4031118"),
        says("4011100"),
        resets,
        balances(),
        balances({"balanceType": "CASH"}),
        balances({"balanceType": "CASH", "amount": {"value": "1.50", "currency": "IDR"}}),
        balances(
            {"balanceType": "CASH", "amount": rupiah(1)}, {"balanceType": "POINTS", "amount": 5}
        ),
    ],
)
async def test_a_balance_that_can_t_be_read_is_no_balance(line: Line) -> None:
    """It is refused as unavailable, with the link that was asked for."""
    async with scene({BALANCE: line}) as at:
        with pytest.raises(ProviderUnavailableError) as raised:
            await at.adapter.balance(with_token())
    assert (raised.value.provider, raised.value.binding_id) == ("doku", "bnd1")
    assert raised.value.retry_after_s >= 1


@pytest.mark.parametrize("link", [binding(), with_token()], ids=["none kept", "one kept"])
async def test_the_balance_of_a_revoked_link_is_none(link: Binding) -> None:
    """And the link is told to be gone."""
    async with scene({BALANCE: says("4011102"), B2B2C: says("4017400")}) as at:
        outcome = await at.adapter.balance(link)
    assert outcome.balances == ()
    assert outcome.binding is not None
    assert outcome.binding.claim is BindingClaim.NOT_LINKED


async def test_a_refused_link_names_its_reason() -> None:
    """The words of 4030715 decide."""
    line = says_raw(
        b'{"responseCode":"4030715","responseMessage":'
        b'"Transaction Not Permitted. OVO account already registered by another customer"}',
        403,
    )
    async with scene({BIND: line, PAY: line}) as at:
        update = await at.adapter.bind(binding({}))
    assert update.failure is not None
    assert update.failure.reason is FailureReason.ALREADY_BOUND
