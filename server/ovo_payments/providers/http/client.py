"""One client for one provider and one class of call."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from random import SystemRandom
from time import monotonic
from typing import Final, TypeAlias

import httpx
import structlog

from ovo_payments.domain.provider import CallClass
from ovo_payments.providers.http.breaker import BreakerSettings, BreakerState, CircuitBreaker
from ovo_payments.providers.http.journey import EXTENSION, Journey
from ovo_payments.providers.http.outcome import Answered, Lost, NotSent, Outcome, Phase, Timeouts
from ovo_payments.providers.http.repetition import RetryBudget, pause_s

Headers: TypeAlias = Mapping[str, str] | Callable[[], Mapping[str, str]]
"""Headers, or what makes them anew for each attempt: times, nonces and signatures."""

_log = structlog.get_logger("ovo_payments.providers.http")
_SERVER_ERROR: Final = 500
_SENT_BY_US: Final = {"user-agent": "ovo-payments", "accept-encoding": "identity"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """How one client behaves."""

    timeouts: Timeouts
    in_flight_max: int
    """The bulkhead: calls beyond it wait, and are turned away after `queue_s`."""
    attempts_max: int = 3
    breaker: BreakerSettings = field(default_factory=BreakerSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt of a call, for whoever counts and measures; holds no secret and no person."""

    provider: str
    call_class: CallClass
    operation: str
    number: int
    outcome: Outcome
    elapsed_s: float


def _random() -> float:
    return SystemRandom().random()


# Reading a URL costs a tenth of a call, and most calls go to few of them.
_url = lru_cache(maxsize=64)(httpx.URL)


def server_error(answered: Answered) -> bool:
    """Whether an answer tells that the provider is unwell."""
    return answered.status >= _SERVER_ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Time, randomness and the network, passed in so that tests can hold them.

    And who is told of attempts.
    """

    monotonic: Callable[[], float] = monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = _random
    observe: Callable[[Attempt], None] | None = None
    transport_for: Callable[[str, CallClass], httpx.AsyncBaseTransport] | None = None
    """Makes another network than the real one, for a provider's class of calls."""


class HttpClient:
    """Sends one class of calls to one provider: its own pool, bulkhead and circuit breaker.

    Safe calls are repeated within a budget. Calls that may move money are repeated only with
    proof that nothing was sent.
    """

    def __init__(
        self,
        *,
        provider: str,
        call_class: CallClass,
        base_url: str,
        transport: httpx.AsyncBaseTransport,
        settings: ClientSettings,
        surroundings: Surroundings,
        unwell: Callable[[Answered], bool] = server_error,
    ) -> None:
        self._provider = provider
        self._call_class = call_class
        self._base_url = base_url.rstrip("/")
        self._host = httpx.URL(base_url).netloc.decode("ascii")
        self._origin = _origin_of(_url(self._base_url))
        self._transport = transport
        self._settings = settings
        self._surroundings = surroundings
        self._unwell = unwell
        self._bulkhead = asyncio.Semaphore(settings.in_flight_max)
        self._budget = RetryBudget()
        self._trial: asyncio.Lock = asyncio.Lock()
        self.breaker = CircuitBreaker(settings.breaker, surroundings.monotonic)
        self.probe: Callable[[], Awaitable[bool]] | None = None
        """For calls that move money: asks by a safe call whether the provider is well again."""
        self.on_success: Callable[[], None] | None = None
        self.untold_count = 0
        """Attempts of which neither the log nor the observer could be told all."""

    def available_in_s(self) -> float:
        """Seconds until calls have a chance again: 0 now."""
        return self.breaker.available_in_s()

    async def send(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        headers: Headers,
        content: bytes = b"",
        timeouts: Timeouts | None = None,
    ) -> Outcome:
        """Sends a request to a path (with its query) under the base URL.

        `operation` names the call in logs and metrics. `timeouts.total_s` bounds everything,
        repetitions included.
        """
        if not self._is_of_origin(path):
            # What is joined here may hold ids of others: none may name another host.
            _log.error("provider.path_leads_away", provider=self._provider, operation=operation)
            return NotSent(phase=Phase.QUEUE, cause="the path leads away from the provider")
        limits = timeouts or self._settings.timeouts
        loop = asyncio.get_running_loop()
        deadline = loop.time() + limits.total_s
        self._budget.earn()
        number = 1
        while True:
            outcome = await self._attempt(
                operation, number, self._request(method, path, headers, content), limits, deadline
            )
            if number >= self._settings.attempts_max or not self._repeatable(outcome):
                return outcome
            pause = pause_s(number, self._surroundings.random())
            if loop.time() + pause >= deadline or not self._affordable():
                return outcome
            await self._surroundings.sleep(pause)
            number += 1

    def _is_of_origin(self, path: str) -> bool:
        try:
            return _origin_of(_url(self._base_url + path)) == self._origin
        except httpx.InvalidURL:
            return False

    async def close(self) -> None:
        """Gives up the connections."""
        await self._transport.aclose()

    def _request(self, method: str, path: str, headers: Headers, content: bytes) -> httpx.Request:
        made = headers() if callable(headers) else headers
        # httpx would add these two itself, by a way that costs a twentieth of a call.
        framing = {"host": self._host}
        if content:
            framing["content-length"] = str(len(content))
        return httpx.Request(
            method,
            _url(self._base_url + path),
            headers={**framing, **_SENT_BY_US, **made},
            content=content or None,
        )

    async def _attempt(
        self,
        operation: str,
        number: int,
        request: httpx.Request,
        timeouts: Timeouts,
        deadline: float,
    ) -> Outcome:
        start = self._surroundings.monotonic()
        outcome = await self._guarded(request, timeouts, deadline)
        elapsed_s = self._surroundings.monotonic() - start
        if isinstance(outcome, Answered):
            outcome = replace(outcome, elapsed_s=elapsed_s)
        attempt = Attempt(
            provider=self._provider,
            call_class=self._call_class,
            operation=operation,
            number=number,
            outcome=outcome,
            elapsed_s=elapsed_s,
        )
        self._tell(attempt)
        return outcome

    def _tell(self, attempt: Attempt) -> None:
        try:
            _log_attempt(attempt)
            if self._surroundings.observe is not None:
                self._surroundings.observe(attempt)
        except Exception:  # noqa: BLE001 - a full disk under the log must not lose the answer to a debit
            self.untold_count += 1

    async def _guarded(
        self, request: httpx.Request, timeouts: Timeouts, deadline: float
    ) -> Outcome:
        match self.breaker.state:
            case BreakerState.CLOSED:
                return self._judged(await self._exchanged(request, timeouts, deadline))
            case BreakerState.OPEN:
                return NotSent(phase=Phase.QUEUE, cause="the circuit breaker is open")
            case BreakerState.HALF_OPEN if self._call_class is CallClass.MUTATE:
                return await self._after_probe(request, timeouts, deadline)
            case BreakerState.HALF_OPEN:
                return await self._as_trial(request, timeouts, deadline)

    async def _as_trial(
        self, request: httpx.Request, timeouts: Timeouts, deadline: float
    ) -> Outcome:
        """Lets one safe call through, by which the breaker decides."""
        if self._trial.locked():
            return NotSent(phase=Phase.QUEUE, cause="the circuit breaker waits for a trial call")
        async with self._trial:
            return self._judged(await self._exchanged(request, timeouts, deadline))

    async def _after_probe(
        self, request: httpx.Request, timeouts: Timeouts, deadline: float
    ) -> Outcome:
        """Asks by a safe call first: a debit is never the call by which a breaker decides."""
        async with self._trial:
            if self.breaker.state is BreakerState.HALF_OPEN:
                if self.probe is not None and await self.probe():
                    self.breaker.succeeded()
                else:
                    self.breaker.failed()
        if self.breaker.state is not BreakerState.CLOSED:
            return NotSent(phase=Phase.QUEUE, cause="the circuit breaker's probe failed")
        return self._judged(await self._exchanged(request, timeouts, deadline))

    async def _exchanged(
        self, request: httpx.Request, timeouts: Timeouts, deadline: float
    ) -> Outcome:
        journey = Journey(timeouts, deadline)
        request.extensions = {EXTENSION: journey}
        try:
            async with journey.timer, self._bulkhead:
                return await self._answered(request)
        except TimeoutError:
            cause = "out of time"
        except (httpx.TransportError, OSError) as error:
            cause = f"{type(error).__name__}: {error}"
        if journey.phase.sent:
            return Lost(phase=journey.phase, cause=cause)
        return NotSent(phase=journey.phase, cause=cause)

    async def _answered(self, request: httpx.Request) -> Answered:
        response = await self._transport.handle_async_request(request)
        body = b"".join([part async for part in response.aiter_raw()])
        return Answered(
            status=response.status_code, headers=response.headers, body=body, elapsed_s=0.0
        )

    def _judged(self, outcome: Outcome) -> Outcome:
        if isinstance(outcome, Answered) and not self._unwell(outcome):
            self.breaker.succeeded()
            if self.on_success is not None:
                self.on_success()
        elif not (isinstance(outcome, NotSent) and outcome.phase is Phase.QUEUE):
            # A full bulkhead is our own doing, and says nothing of the provider.
            self.breaker.failed()
        return outcome

    def _repeatable(self, outcome: Outcome) -> bool:
        match outcome:
            case NotSent(phase=phase):
                return phase is not Phase.QUEUE
            case Lost():
                return self._call_class is not CallClass.MUTATE
            case Answered():
                return self._call_class is not CallClass.MUTATE and server_error(outcome)

    def _affordable(self) -> bool:
        return self._call_class is CallClass.MUTATE or self._budget.spend()


def _origin_of(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _log_attempt(attempt: Attempt) -> None:
    facts = {
        "provider": attempt.provider,
        "operation": attempt.operation,
        "attempt": attempt.number,
        "elapsed_ms": round(attempt.elapsed_s * 1000, 1),
    }
    match attempt.outcome:
        case Answered(status=status):
            _log.info("provider.answered", status=status, **facts)
        case NotSent(phase=phase, cause=cause):
            _log.warning("provider.not_sent", phase=phase.name, cause=cause, **facts)
        case Lost(phase=phase, cause=cause):
            _log.warning("provider.lost", phase=phase.name, cause=cause, **facts)
