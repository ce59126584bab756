"""Circuit breakers: when nothing is sent any more, and what lets calls through again."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from ovo_payments.providers.http import (
    Answered,
    BreakerSettings,
    BreakerState,
    CircuitBreaker,
    ClientSettings,
    HttpClients,
    NotSent,
    Outcome,
    Phase,
    Surroundings,
)
from tests.unit.providers.http.raw_server import (
    QUICK,
    Conversation,
    RawServer,
    always,
    at_once,
    clients_of,
    closed_port,
    serving,
)

BREAKER = BreakerSettings(failures_max=3, cool_down_s=5, cool_down_s_max=15)


class Watch:
    """A stop watch that a test moves."""

    def __init__(self) -> None:
        self.time_s = 100.0

    def __call__(self) -> float:
        """Reads it."""
        return self.time_s


class Patient:
    """A provider that is well or unwell as a test says."""

    def __init__(self) -> None:
        self.status = 200

    async def __call__(self, conversation: Conversation) -> None:
        """Answers every request with the status of the hour."""
        while True:
            await conversation.request()
            await conversation.answer(status=self.status)


@pytest.fixture
def watch() -> Watch:
    """Makes a stop watch."""
    return Watch()


@pytest.fixture
def patient() -> Patient:
    """Makes a provider."""
    return Patient()


@pytest.fixture
async def server(patient: Patient) -> AsyncIterator[RawServer]:
    """Serves the provider."""
    async with serving(patient) as server:
        yield server


@pytest.fixture
async def clients(server: RawServer, watch: Watch) -> AsyncIterator[HttpClients]:
    """Connects to the provider, with a breaker that gives up soon and a watch of the test's."""
    settings = ClientSettings(timeouts=QUICK, in_flight_max=16, attempts_max=1, breaker=BREAKER)
    surroundings = Surroundings(monotonic=watch, sleep=at_once)
    async with clients_of(server.url, settings=settings, surroundings=surroundings) as clients:
        yield clients


async def debit(clients: HttpClients) -> Outcome:
    """Sends a call that may move money."""
    return await clients.mutate.send("charge", "POST", "/v2/charge", headers={}, content=b"{}")


async def ask(clients: HttpClients) -> Outcome:
    """Sends a safe call."""
    return await clients.query.send("status", "GET", "/v2/p1/status", headers={})


async def break_down(clients: HttpClients, patient: Patient) -> None:
    """Opens the breaker before calls that move money."""
    patient.status = 503
    for _ in range(BREAKER.failures_max):
        assert isinstance(await debit(clients), Answered)


def count_of(server: RawServer, method: bytes) -> int:
    """Counts the requests that a server got."""
    return sum(request.startswith(method) for request in server.requests)


async def test_an_open_breaker_sends_nothing(
    clients: HttpClients, patient: Patient, server: RawServer
) -> None:
    """After failures in a row a debit is refused before anything is sent (I-39)."""
    await break_down(clients, patient)
    outcome = await debit(clients)
    assert outcome == NotSent(phase=Phase.QUEUE, cause="the circuit breaker is open")
    assert len(server.requests) == BREAKER.failures_max
    assert clients.mutate.available_in_s() == 5


async def test_the_breaker_of_debits_is_not_the_breaker_of_queries(
    clients: HttpClients, patient: Patient
) -> None:
    """What became of payments can be asked for while nothing may be debited."""
    await break_down(clients, patient)
    patient.status = 200
    assert isinstance(await ask(clients), Answered)
    assert clients.query.available_in_s() == 0
    assert clients.mutate.available_in_s() == 5


async def test_failures_count_only_in_a_row(clients: HttpClients, patient: Patient) -> None:
    """A success in between starts the count anew."""
    for _ in range(3):
        patient.status = 503
        for _ in range(BREAKER.failures_max - 1):
            await debit(clients)
        patient.status = 200
        await debit(clients)
    assert clients.mutate.available_in_s() == 0


async def test_refused_connections_open_the_breaker(watch: Watch) -> None:
    """A provider that can't be reached is unwell too; each attempt counts."""
    settings = ClientSettings(timeouts=QUICK, in_flight_max=16, breaker=BREAKER)
    surroundings = Surroundings(monotonic=watch, sleep=at_once)
    url = await closed_port()
    async with clients_of(url, settings=settings, surroundings=surroundings) as clients:
        await debit(clients)
        assert clients.mutate.breaker.state is BreakerState.OPEN


async def test_an_answer_that_refuses_is_no_failure(clients: HttpClients, patient: Patient) -> None:
    """A provider that says no is well."""
    patient.status = 400
    for _ in range(10):
        await debit(clients)
    assert clients.mutate.breaker.state is BreakerState.CLOSED


async def test_a_query_after_the_cool_down_lets_debits_through(
    clients: HttpClients, patient: Patient, watch: Watch
) -> None:
    """The resolver's ordinary questions are the probes."""
    await break_down(clients, patient)
    patient.status = 200
    watch.time_s += 5
    assert clients.mutate.available_in_s() == 0
    await ask(clients)
    assert clients.mutate.breaker.state is BreakerState.CLOSED


async def test_a_query_during_the_cool_down_lets_nothing_through(
    clients: HttpClients, patient: Patient, watch: Watch
) -> None:
    """Queries may work where debits do not, so debits get their pause."""
    await break_down(clients, patient)
    patient.status = 200
    watch.time_s += 4
    await ask(clients)
    assert clients.mutate.available_in_s() == 1


async def test_no_debit_is_a_probe(
    clients: HttpClients, patient: Patient, server: RawServer, watch: Watch
) -> None:
    """Without a way to ask, a half-open breaker keeps debits back."""
    await break_down(clients, patient)
    watch.time_s += 5
    outcome = await debit(clients)
    assert outcome == NotSent(phase=Phase.QUEUE, cause="the circuit breaker's probe failed")
    assert count_of(server, b"POST") == BREAKER.failures_max


async def test_debits_after_the_cool_down_wait_for_one_probe(
    clients: HttpClients, patient: Patient, server: RawServer, watch: Watch
) -> None:
    """Many debits at once ask one question, and go out when it is answered well."""

    async def probe() -> bool:
        return isinstance(await ask(clients), Answered)

    clients.probe_with(probe)
    await break_down(clients, patient)
    patient.status = 200
    watch.time_s += 5
    outcomes = await asyncio.gather(*[debit(clients) for _ in range(8)])
    assert all(isinstance(outcome, Answered) for outcome in outcomes)
    assert count_of(server, b"GET") == 1


async def test_a_probe_in_vain_doubles_the_cool_down(
    clients: HttpClients, patient: Patient, server: RawServer, watch: Watch
) -> None:
    """An outage that goes on is asked about less and less often, up to a limit."""

    async def probe() -> bool:
        outcome = await ask(clients)
        return isinstance(outcome, Answered) and outcome.status < 500

    clients.probe_with(probe)
    await break_down(clients, patient)
    for cool_down_s in (5, 10, 15, 15):
        assert clients.mutate.available_in_s() == cool_down_s
        watch.time_s += cool_down_s
        outcomes = await asyncio.gather(*[debit(clients) for _ in range(4)])
        assert all(isinstance(outcome, NotSent) for outcome in outcomes)
    assert count_of(server, b"POST") == BREAKER.failures_max


async def test_the_breaker_of_queries_tries_one_query(
    clients: HttpClients, patient: Patient, server: RawServer, watch: Watch
) -> None:
    """Safe calls probe for themselves, one at a time."""
    patient.status = 503
    for _ in range(BREAKER.failures_max):
        await ask(clients)
    patient.status = 200
    watch.time_s += 5
    before = len(server.requests)
    outcomes = await asyncio.gather(*[ask(clients) for _ in range(5)])
    assert sum(isinstance(outcome, Answered) for outcome in outcomes) == 1
    assert len(server.requests) == before + 1
    assert clients.query.breaker.state is BreakerState.CLOSED


async def test_an_adapter_can_open_the_breaker() -> None:
    """Where our key is refused nothing else will work either."""
    async with serving(always) as server, clients_of(server.url) as clients:
        clients.mutate.breaker.trip()
        assert isinstance(await debit(clients), NotSent)
        assert server.requests == []


def test_a_late_success_does_not_close_an_open_breaker(watch: Watch) -> None:
    """A call that was under way when the breaker opened says nothing of now."""
    breaker = CircuitBreaker(BREAKER, watch)
    breaker.trip()
    breaker.succeeded()
    assert breaker.state is BreakerState.OPEN
    breaker.failed()
    assert breaker.available_in_s() == 5
