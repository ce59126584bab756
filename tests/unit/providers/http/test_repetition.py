"""Repetition: which calls are made again, how often, and never a debit that may have left."""

import asyncio
from collections.abc import Iterator

import pytest

from ovo_payments.domain.provider import CallClass
from ovo_payments.providers.http import (
    Answered,
    Attempt,
    BreakerSettings,
    ClientSettings,
    HttpClients,
    Lost,
    NotSent,
    Outcome,
    Surroundings,
    Timeouts,
)
from ovo_payments.providers.http.repetition import RetryBudget, pause_s
from tests.unit.providers.http.raw_server import (
    QUICK,
    Conversation,
    Script,
    always,
    clients_of,
    closed_port,
    serving,
    silent,
)

NEVER_OPENS = BreakerSettings(failures_max=10_000)


class Rest:
    """Notes how long was rested, and rests not at all."""

    def __init__(self) -> None:
        self.pauses_s: list[float] = []

    async def __call__(self, duration_s: float) -> None:
        """Notes a pause."""
        self.pauses_s.append(duration_s)


@pytest.fixture
def rest() -> Rest:
    """Makes pauses that take no time."""
    return Rest()


def surroundings(rest: Rest, random: float = 1.0) -> Surroundings:
    """Makes surroundings in which the jitter is known."""
    return Surroundings(sleep=rest, random=lambda: random)


def settings(timeouts: Timeouts = QUICK) -> ClientSettings:
    """Makes settings without a breaker."""
    return ClientSettings(timeouts=timeouts, in_flight_max=16, breaker=NEVER_OPENS)


async def debit(clients: HttpClients) -> Outcome:
    """Sends a call that may move money."""
    return await clients.mutate.send("charge", "POST", "/v2/charge", headers={}, content=b"{}")


async def ask(clients: HttpClients) -> Outcome:
    """Sends a safe call."""
    return await clients.query.send("status", "GET", "/v2/p1/status", headers={})


async def hang_up(conversation: Conversation) -> None:
    """Takes a request and closes the connection."""
    await conversation.request()


async def unwell(conversation: Conversation) -> None:
    """Answers every request with 503."""
    while True:
        await conversation.request()
        await conversation.answer(status=503)


@pytest.mark.parametrize("script", [hang_up, unwell, silent])
async def test_a_debit_that_may_have_left_is_never_repeated(script: Script, rest: Rest) -> None:
    """One debit asked for is one debit sent, whatever comes of it (I-6)."""
    async with (
        serving(script) as server,
        clients_of(server.url, settings=settings(), surroundings=surroundings(rest)) as clients,
    ):
        await debit(clients)
        assert len(server.requests) == 1
    assert rest.pauses_s == []


async def test_a_debit_with_proof_of_not_sent_is_tried_three_times(rest: Rest) -> None:
    """A refused connection is worth another try, with growing pauses."""
    url = await closed_port()
    async with clients_of(url, settings=settings(), surroundings=surroundings(rest)) as clients:
        assert isinstance(await debit(clients), NotSent)
    assert rest.pauses_s == [0.2, 0.4]


async def test_a_debit_is_sent_once_the_provider_is_back() -> None:
    """The second try reaches a provider that was restarting, and is the only one it sees."""
    url = await closed_port()
    port = int(url.rpartition(":")[2])
    arrived: list[bytes] = []

    async def restarted(_: float) -> None:
        async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            arrived.append(await reader.readuntil(b"{}"))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            writer.transport.abort()

        servers.append(await asyncio.start_server(converse, "127.0.0.1", port))

    servers: list[asyncio.Server] = []
    async with clients_of(
        url, settings=settings(), surroundings=Surroundings(sleep=restarted)
    ) as clients:
        assert isinstance(await debit(clients), Answered)
    for server in servers:
        server.close()
    assert len(arrived) == 1


@pytest.mark.parametrize("script", [hang_up, unwell])
async def test_a_query_is_tried_three_times(script: Script, rest: Rest) -> None:
    """Asking again is safe."""
    async with (
        serving(script) as server,
        clients_of(server.url, settings=settings(), surroundings=surroundings(rest)) as clients,
    ):
        await ask(clients)
        assert len(server.requests) == 3
    assert rest.pauses_s == [0.2, 0.4]


async def test_nothing_is_repeated_beyond_the_time_of_all(rest: Rest) -> None:
    """A pause that would end after the deadline is not begun."""
    timeouts = Timeouts(read_s=0.1, total_s=0.15)
    async with (
        serving(hang_up) as server,
        clients_of(
            server.url, settings=settings(timeouts), surroundings=surroundings(rest)
        ) as clients,
    ):
        assert isinstance(await ask(clients), Lost)
        assert len(server.requests) == 1


async def test_safe_calls_cost_a_tenth_more_at_most(rest: Rest) -> None:
    """In an outage the budget ends repetition before it multiplies the load (I-37)."""
    async with (
        serving(unwell) as server,
        clients_of(server.url, settings=settings(), surroundings=surroundings(rest)) as clients,
    ):
        for _ in range(200):
            await ask(clients)
        assert len(server.requests) <= 200 * 1.1 + 3


async def test_headers_are_made_anew_for_each_attempt(rest: Rest) -> None:
    """Signatures, times and nonces of the first attempt are not used again."""
    numbers: Iterator[int] = iter(range(10))
    async with (
        serving(unwell) as server,
        clients_of(server.url, settings=settings(), surroundings=surroundings(rest)) as clients,
    ):
        await clients.query.send(
            "status", "GET", "/", headers=lambda: {"x-external-id": str(next(numbers))}
        )
        assert [request.count(b"x-external-id: ") for request in server.requests] == [1, 1, 1]
        assert [f"x-external-id: {n}".encode() in server.requests[n] for n in range(3)] == [
            True
        ] * 3


async def test_every_attempt_is_observed_without_secrets(rest: Rest) -> None:
    """Whoever measures is told provider, operation, number and outcome of each attempt."""
    seen: list[Attempt] = []
    async with (
        serving(hang_up) as server,
        clients_of(
            server.url,
            settings=settings(),
            surroundings=Surroundings(sleep=rest, observe=seen.append),
        ) as clients,
    ):
        await clients.query.send(
            "status", "GET", "/v2/p1/status", headers={"authorization": "Basic c2VjcmV0"}
        )
    assert [(attempt.operation, attempt.number) for attempt in seen] == [
        ("status", 1),
        ("status", 2),
        ("status", 3),
    ]
    assert {attempt.call_class for attempt in seen} == {CallClass.QUERY}
    assert "c2VjcmV0" not in repr(seen)


async def test_an_observer_that_breaks_loses_no_answer(rest: Rest) -> None:
    """The answer to a debit is worth more than a line about it; what was not told is counted."""

    def full_disk(attempt: Attempt) -> None:
        raise OSError(f"no space left to tell of {attempt.operation}")

    observed = Surroundings(sleep=rest, observe=full_disk)
    async with (
        serving(always) as server,
        clients_of(server.url, settings=settings(), surroundings=observed) as clients,
    ):
        assert isinstance(await debit(clients), Answered)
        assert clients.mutate.untold_count == 1


async def test_an_answer_prints_without_its_body() -> None:
    """What a provider said reaches no log by accident."""
    async with serving(always) as server, clients_of(server.url) as clients:
        outcome = await ask(clients)
    assert "body" not in repr(outcome)


def test_the_budget_earns_a_tenth_and_keeps_little() -> None:
    """A reserve lets the first calls be repeated; quiet days save up no storm."""
    budget = RetryBudget()
    assert [budget.spend() for _ in range(4)] == [True, True, True, False]
    for _ in range(10):
        budget.earn()
    assert [budget.spend(), budget.spend()] == [True, False]
    for _ in range(10_000):
        budget.earn()
    assert sum(budget.spend() for _ in range(100)) == 10


def test_pauses_double_up_to_a_limit_and_jitter_down_to_nothing() -> None:
    """Full jitter spreads those who failed together."""
    assert [pause_s(attempt, 1.0) for attempt in range(1, 7)] == [0.2, 0.4, 0.8, 1.6, 2.0, 2.0]
    assert pause_s(3, 0.0) == 0.0
