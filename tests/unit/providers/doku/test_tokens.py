"""Tokens: one for us, fetched once for all who wait; one for each customer, kept in its link."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from ovo_payments.domain.binding import Binding
from ovo_payments.domain.secret import Secret
from ovo_payments.domain.update import BindingClaim
from ovo_payments.providers.doku.codes import Service, Verdict
from ovo_payments.providers.doku.reply import Reply, not_sent, read_answer
from ovo_payments.providers.doku.single_flight import SingleFlight
from ovo_payments.providers.doku.tokens import CustomerTokens, MerchantToken, MerchantTokens
from ovo_payments.providers.doku.wire import encode
from tests.unit.providers.doku.merchant import (
    AUTH_CODE,
    NOW,
    HandClock,
    binding,
    with_token,
)


def granted(service: Service, **fields: object) -> Reply:
    """Reads a granted token."""
    code = f"200{service}00"
    return read_answer(200, encode({"responseCode": code, **fields}), service)


@dataclass
class Desk:
    """Gives tokens, numbered, and holds them back as long as its gate is shut."""

    clock: HandClock = field(default_factory=HandClock)
    expires_in: object = 900
    down: bool = False
    fetches: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def fetch(self) -> Reply:
        """Gives the next B2B token."""
        self.fetches += 1
        number = self.fetches
        await self.gate.wait()
        if self.down:
            return not_sent("down")
        return granted(
            Service.MERCHANT_TOKEN, accessToken=f"token-{number}", expiresIn=self.expires_in
        )

    async def exchange(self, auth_code: Secret) -> Reply:
        """Gives the next token of a customer."""
        self.fetches += 1
        number = self.fetches
        await self.gate.wait()
        return granted(
            Service.CUSTOMER_TOKEN,
            accessToken=f"{auth_code.reveal()}-{number}",
            accessTokenExpiryTime="2026-01-17T10:04:05+07:00",
        )


async def current(tokens: MerchantTokens, refused: str = "") -> str:
    """Gives the text of the token that is used now."""
    token = await tokens.current(refused)
    assert isinstance(token, MerchantToken)
    return token.text


@pytest.fixture
def desk() -> Desk:
    """A desk whose gate is open."""
    made = Desk()
    made.gate.set()
    return made


@pytest.fixture
def tokens(desk: Desk) -> MerchantTokens:
    """Our tokens from that desk."""
    return MerchantTokens(desk.fetch, desk.clock)


async def test_a_hundred_callers_share_one_fetch() -> None:
    """A token that is fetched may end the one before it: nobody fetches a second one."""
    desk = Desk()
    tokens = MerchantTokens(desk.fetch, desk.clock)
    callers = [asyncio.create_task(current(tokens)) for _ in range(100)]
    await asyncio.sleep(0)
    desk.gate.set()
    assert set(await asyncio.gather(*callers)) == {"token-1"}
    assert desk.fetches == 1


async def test_a_hundred_callers_whose_token_was_refused_share_one_fetch(
    desk: Desk, tokens: MerchantTokens
) -> None:
    """Also those who hear of the refusal when the next token is there already."""
    assert await current(tokens) == "token-1"
    desk.gate.clear()
    callers = [asyncio.create_task(current(tokens, refused="token-1")) for _ in range(100)]
    await asyncio.sleep(0)
    desk.gate.set()
    assert set(await asyncio.gather(*callers)) == {"token-2"}
    assert await current(tokens, refused="token-1") == "token-2"
    assert desk.fetches == 2


async def test_a_token_is_kept_for_most_of_its_life(desk: Desk, tokens: MerchantTokens) -> None:
    """And fetched anew at four fifths of it, before any call can find it dead."""
    assert await current(tokens) == "token-1"
    desk.clock.move(719)
    assert await current(tokens) == "token-1"
    desk.clock.move(1)
    assert await current(tokens) == "token-2"


@pytest.mark.parametrize(
    ("expires_in", "life_s"), [(100, 100), ("100", 100), (None, 900), ("soon", 900)]
)
async def test_the_life_of_a_token_is_a_number_or_a_text(
    desk: Desk, tokens: MerchantTokens, expires_in: object, life_s: float
) -> None:
    """DOKU's pages show both; where it can't be read it is the documented one."""
    desk.expires_in = expires_in
    token = await tokens.current()
    assert isinstance(token, MerchantToken)
    assert token.expiry_time == NOW + timedelta(seconds=life_s)


async def test_a_token_that_lives_no_time_is_used_once(desk: Desk, tokens: MerchantTokens) -> None:
    """And fetched again by the next."""
    desk.expires_in = 0
    assert await current(tokens) == "token-1"
    assert not tokens.alive
    assert await current(tokens) == "token-2"


async def test_a_refresh_that_fails_leaves_the_token_in_use(
    desk: Desk, tokens: MerchantTokens
) -> None:
    """As long as it lives, and the next try waits a little; only then is there none."""
    assert await current(tokens) == "token-1"
    desk.down = True
    desk.clock.move(800)
    assert await current(tokens) == "token-1"
    assert await current(tokens) == "token-1"
    assert desk.fetches == 2
    desk.clock.move(15)
    assert await current(tokens) == "token-1"
    assert desk.fetches == 3
    desk.clock.move(85)
    assert not tokens.alive
    assert isinstance(await tokens.current(), Reply)


async def test_a_token_that_was_refused_is_never_used_again(
    desk: Desk, tokens: MerchantTokens
) -> None:
    """Also where no other can be had."""
    assert await current(tokens) == "token-1"
    desk.down = True
    assert isinstance(await tokens.current(refused="token-1"), Reply)
    assert not tokens.alive


async def test_a_grant_without_a_token_is_none(desk: Desk) -> None:
    """2007300 with nothing in it opens nothing."""

    async def empty() -> Reply:
        return granted(Service.MERCHANT_TOKEN)

    tokens = MerchantTokens(empty, desk.clock)
    assert isinstance(await tokens.current(), Reply)
    assert not tokens.alive


async def test_who_gives_up_waiting_takes_the_answer_from_nobody() -> None:
    """The question goes on for the others."""
    desk = Desk()
    tokens = MerchantTokens(desk.fetch, desk.clock)
    first = asyncio.create_task(current(tokens))
    second = asyncio.create_task(current(tokens))
    await asyncio.sleep(0)
    first.cancel()
    desk.gate.set()
    assert await second == "token-1"
    assert desk.fetches == 1


async def test_closing_gives_up_what_is_asked() -> None:
    """Nothing is left running."""

    async def never() -> None:
        await asyncio.Event().wait()

    flight: SingleFlight[None] = SingleFlight()
    waiting = asyncio.create_task(flight.join("key", never))
    await asyncio.sleep(0)
    await flight.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_token_does_not_show_itself() -> None:
    """Not in a repr."""
    token = MerchantToken(text="SECRET", refresh_time=NOW, expiry_time=NOW)
    assert "SECRET" not in repr(token)


# Customers' tokens


async def test_a_kept_token_needs_no_exchange(desk: Desk) -> None:
    """A debit costs no exchange while the link holds a living token."""
    access = await CustomerTokens(desk.exchange, desk.clock).access(with_token("kept"))
    assert access.token == Secret("kept")
    assert access.binding is None
    assert desk.fetches == 0


@pytest.mark.parametrize(
    "make",
    [
        binding,
        lambda: with_token("kept", life_s=60),
        lambda: binding({"auth_code": AUTH_CODE, "customer_token": "kept"}),
        lambda: binding(
            {"auth_code": AUTH_CODE, "customer_token": "kept", "customer_token_expiry": "soon"}
        ),
    ],
    ids=["none kept", "almost over", "without an end", "with an unreadable end"],
)
async def test_a_token_is_exchanged_where_none_is_kept(
    desk: Desk, make: Callable[[], Binding]
) -> None:
    """And what the link shall hold from now on is told, whole."""
    access = await CustomerTokens(desk.exchange, desk.clock).access(make())
    assert access.token == Secret(f"{AUTH_CODE}-1")
    assert access.binding is not None
    assert access.binding.claim is BindingClaim.ACTIVE
    assert access.binding.credentials == {
        "auth_code": Secret(AUTH_CODE),
        "customer_token": Secret(f"{AUTH_CODE}-1"),
        "customer_token_expiry": Secret("2026-01-17T03:04:05+00:00"),
    }


async def test_a_refused_customer_token_is_exchanged(desk: Desk) -> None:
    """A link that still holds it gets another."""
    customers = CustomerTokens(desk.exchange, desk.clock)
    access = await customers.access(with_token("kept"), refused=Secret("kept"))
    assert access.token == Secret(f"{AUTH_CODE}-1")


async def test_a_hundred_debits_of_one_link_share_one_exchange() -> None:
    """And debits of another link have their own: tokens never cross customers."""
    desk = Desk()
    customers = CustomerTokens(desk.exchange, desk.clock)
    other = binding({"auth_code": "other"}, binding_id="bnd2")
    ours = [asyncio.create_task(customers.access(binding())) for _ in range(100)]
    theirs = asyncio.create_task(customers.access(other))
    await asyncio.sleep(0)
    desk.gate.set()
    assert {one.token for one in await asyncio.gather(*ours)} == {Secret(f"{AUTH_CODE}-1")}
    assert (await theirs).token == Secret("other-2")
    assert desk.fetches == 2


async def test_no_customer_token_is_kept_beside_its_link(desk: Desk) -> None:
    """The next who comes with nothing asks anew: tokens live in bindings alone."""
    customers = CustomerTokens(desk.exchange, desk.clock)
    await customers.access(binding())
    access = await customers.access(binding())
    assert access.token == Secret(f"{AUTH_CODE}-2")


@pytest.mark.parametrize(("expiry", "life_s"), [("900", 900), (None, 900), ("soon", 900)])
async def test_an_end_in_seconds_or_none_at_all_is_read(
    desk: Desk, expiry: str | None, life_s: float
) -> None:
    """One of DOKU's own fixtures writes seconds where a time belongs."""

    async def exchange(_: Secret) -> Reply:
        return granted(Service.CUSTOMER_TOKEN, accessToken="x", accessTokenExpiryTime=expiry)

    access = await CustomerTokens(exchange, desk.clock).access(binding())
    assert access.binding is not None
    assert access.binding.credentials is not None
    end = access.binding.credentials["customer_token_expiry"].reveal()
    assert end == (NOW + timedelta(seconds=life_s)).isoformat()


async def test_a_revoked_link_gives_no_token(desk: Desk) -> None:
    """4017400 is the end of the link."""

    async def exchange(_: Secret) -> Reply:
        return read_answer(401, encode({"responseCode": "4017400"}), Service.CUSTOMER_TOKEN)

    access = await CustomerTokens(exchange, desk.clock).access(binding())
    assert access.token is None
    assert access.binding is not None
    assert access.binding.claim is BindingClaim.NOT_LINKED
    assert access.reply is not None
    assert access.reply.verdict is Verdict.CUSTOMER_TOKEN_STALE


@pytest.mark.parametrize(
    "reply",
    [
        read_answer(500, encode({"responseCode": "5007400"}), Service.CUSTOMER_TOKEN),
        read_answer(429, b"", Service.CUSTOMER_TOKEN),
        read_answer(200, encode({"responseCode": "2007400"}), Service.CUSTOMER_TOKEN),
        read_answer(400, encode({"responseCode": "4007401"}), Service.CUSTOMER_TOKEN),
        read_answer(
            401,
            encode({"responseCode": "4017400", "responseMessage": "Unauthorized. [Signature]"}),
            Service.CUSTOMER_TOKEN,
        ),
        not_sent("down"),
    ],
)
async def test_an_exchange_that_fails_says_nothing_of_the_link(desk: Desk, reply: Reply) -> None:
    """And the call that needed the token was never sent."""

    async def exchange(_: Secret) -> Reply:
        return reply

    access = await CustomerTokens(exchange, desk.clock).access(binding())
    assert (access.token, access.binding) == (None, None)
    assert access.reply is not None
    assert access.reply.verdict is Verdict.NOT_SENT


async def test_a_link_without_an_auth_code_is_none(desk: Desk) -> None:
    """There is nothing to exchange, and nothing is asked."""
    access = await CustomerTokens(desk.exchange, desk.clock).exchange(binding({}))
    assert access.binding is not None
    assert access.binding.claim is BindingClaim.NOT_LINKED
    assert desk.fetches == 0
