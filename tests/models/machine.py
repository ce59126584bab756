"""What the state machines share: the real application on a real store, which can crash."""

import asyncio
import json
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ovo_payments.application.call import Call, Caller, GetStatusRequest
from ovo_payments.application.identifiers import SystemIdentifiers
from ovo_payments.application.providers import Providers
from ovo_payments.application.use_cases import Application, UseCases, assemble
from ovo_payments.domain.errors import PaymentServiceError
from ovo_payments.domain.payment import Payment, PaymentState
from ovo_payments.domain.provider import InboundRequest
from ovo_payments.domain.schedule import NOT_FOUND_COUNT
from ovo_payments.domain.update import Claim
from ovo_payments.storage.feed import LocalFeed
from ovo_payments.storage.sqlite import SqliteStore
from tests.fuzz.arena import alarms
from tests.fuzz.examples import LONG
from tests.models.outside import Fate, Outside
from tests.models.test_evidence import EVIDENCE_OF_THE_END, LISTED, NEVER_CHANGES
from tests.sealing import KEYS
from tests.unit.application.scripted import ManualClock

_Result = TypeVar("_Result")

CALLERS: Final = st.sampled_from(("shop", "stall"))
REQUEST_IDS: Final = st.sampled_from(("r1", "r2", "r3", "r4", "r5"))
FATES: Final = st.sampled_from(Fate)
JUMPS_S: Final = st.sampled_from((1, 3, 12, 70, 200, 4_000, 100_000))
_EVENTS_MAX: Final = 1_000


def steps(examples: int, count: int) -> settings:
    """How many histories of how many steps: the same ones each time, unless it is a long run."""
    long = settings.get_current_profile_name() == LONG
    return settings(
        max_examples=examples * (100 if long else 1),
        stateful_step_count=count,
        derandomize=not long,
        deadline=None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What a request id was used for, by the model's own account."""

    content: object
    subject_id: str


class Machine(RuleBasedStateMachine):
    """An application, a truthful provider, and what must hold after every step."""

    proves_state = False

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self._runner = asyncio.Runner()
        self._alarms = alarms()
        self.alarms = self._alarms.__enter__()
        self.clock = ManualClock()
        self.outside = Outside(webhook_proves_state=self.proves_state)
        url = f"sqlite:///{self._folder.name}/model.db"
        self.store = self.run(SqliteStore.open(url, KEYS))
        self.application = self._assembled()
        self.used: dict[tuple[str, str, str], Used] = {}
        self.owners: dict[str, str] = {}
        """Whose payment it is, by payment id."""
        self.seen: dict[str, Payment] = {}
        self.underway: dict[str, asyncio.Task[Any]] = {}
        """Calls whose answer from the provider is still to come, by what they made."""

    # Doing things

    def run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """Runs something to its end; what else waits goes on meanwhile."""
        return self._runner.run(work)

    def call(self, work: Coroutine[Any, Any, _Result]) -> _Result | PaymentServiceError | str:
        """Makes a call; gives its refusal where it is refused.

        A call whose provider hangs is left on its way: given is the name of what it made.
        """

        async def made() -> _Result | PaymentServiceError | str:
            hanging = set(self.outside.hanging)
            task = asyncio.ensure_future(work)
            hangs = asyncio.ensure_future(self.outside.hangs.wait())
            await asyncio.wait({task, hangs}, return_when=asyncio.FIRST_COMPLETED)
            hangs.cancel()
            self.outside.hangs.clear()
            for name in set(self.outside.hanging) - hanging:
                self.underway[name] = task
                return name
            try:
                return await task
            except PaymentServiceError as error:
                return error

        return self.run(made())

    @property
    def use_cases(self) -> UseCases:
        """The use cases."""
        return self.application.use_cases

    def webhook(self, path: str = "/webhooks/scripted", **body: object) -> None:
        """Delivers an authentic webhook, and works the inbox off."""
        request = InboundRequest(
            target=path, headers={"signature": "good"}, body=json.dumps(body).encode()
        )
        assert self.run(self.use_cases.receive_webhook(path, request)).status == 200
        self.poll()

    def payments(self) -> Iterator[Payment]:
        """Every payment that was made."""
        for payment_id in self.owners:
            yield self.payment(payment_id)

    def payment(self, payment_id: str) -> Payment:
        """A payment as it is."""
        found = self.run(self.store.find_payment(payment_id))
        assert found is not None, "a payment vanished"
        return found

    # What can happen to any of them

    @rule()
    def poll(self) -> None:
        """The workers do what is due."""
        self.run(self.application.resolve.run_once())

    @rule(seconds=JUMPS_S)
    def pass_time(self, seconds: int) -> None:
        """Time passes, and with it come the questions."""
        self.clock.advance(seconds)
        self.poll()

    @rule(silent=st.booleans())
    def falls_silent_or_speaks(self, silent: bool) -> None:  # noqa: FBT001 - one of two
        """The provider's questions go unanswered, or not any more."""
        self.outside.silent = silent

    @rule()
    def an_answer_comes(self) -> None:
        """What was on the way longest arrives."""
        for name, task in list(self.underway.items())[:1]:
            self.outside.hanging[name].set()
            with suppress(PaymentServiceError):
                self.run(_ended(task))
            del self.underway[name], self.outside.hanging[name]

    @rule()
    def crash(self) -> None:
        """The process is killed, and another starts on its database."""
        sends = self.application.sends._tasks  # noqa: SLF001 - nobody else can kill them
        for task in (*self.underway.values(), *sends):
            task.cancel()
        self.run(asyncio.sleep(0))
        self.underway.clear()
        self.outside.hanging.clear()
        self.application = self._assembled()
        self.run(self.store.recover(self.clock.now()))

    # What must hold

    @invariant()
    def nothing_breaks(self) -> None:
        """No step ever makes the service log a fault of its own."""
        assert not self.alarms.broke

    @invariant()
    def the_log_of_each_payment_tells_its_row(self) -> None:
        """I-7, I-8, I-17, I-19: versions, transitions, evidence, and what never changes."""
        for payment in self.payments():
            before = self.seen.get(payment.payment_id)
            if before is not None and payment == before:
                continue
            self.seen[payment.payment_id] = payment
            events = self.run(self.store.read_events(payment.payment_id, 0, _EVENTS_MAX))
            assert [event.version for event in events] == list(range(1, payment.version + 1))
            assert events[-1] == payment
            evidence = self.run(self.store.read_evidence(payment.payment_id))
            for earlier, later in pairwise(events):
                assert all(getattr(earlier, name) == getattr(later, name) for name in NEVER_CHANGES)
                if earlier.state is later.state:
                    continue
                assert (earlier.state, later.state) in LISTED
                claims = {one.claim for one in evidence if one.version == later.version}
                assert claims & EVIDENCE_OF_THE_END.get(later.state, claims)

    @invariant()
    def no_state_is_told_that_is_not_true(self) -> None:
        """I-1, I-3, I-6, I-7: at most one send, and no end without its cause outside."""
        for payment in self.payments():
            truth = self.outside.payments.get(payment.payment_id)
            history = truth.history if truth is not None else []
            assert truth is None or truth.sent_count <= 1
            assert truth is None or truth.debit_count <= 1
            if payment.state in {PaymentState.SUCCEEDED, PaymentState.REFUNDED}:
                assert Claim.SUCCEEDED in history
            if payment.state is PaymentState.EXPIRED:
                assert Claim.EXPIRED in history
            if payment.state is PaymentState.FAILED:
                assert Claim.FAILED in history or not history

    def teardown(self) -> None:
        """Heals everything, waits a while, and looks whether all is known."""
        try:
            self.outside.silent = False
            while self.underway:
                self.an_answer_comes()
            self.settle()
            while due := [one.checks.next_check_time for one in self.payments() if one.open]:
                times = [time for time in due if time is not None]
                if not times:
                    break
                self.clock.time = max(self.clock.time, *times)
                self.poll()
            self.hold_the_end()
            self.nothing_breaks()
            self.no_state_is_told_that_is_not_true()
        finally:
            self.run(self.store.close())
            self._runner.close()
            self._alarms.__exit__(None, None, None)
            self._folder.cleanup()

    def settle(self) -> None:
        """Brings what is open outside to its end."""

    def hold_the_end(self) -> None:
        """I-2: what is known is what is true."""
        for payment in self.payments():
            if payment.open:
                assert payment.needs_review, "open, and nobody is told"
                payment = self._looked_into(payment)  # noqa: PLW2901 - the same, later
            truth = self.outside.payments.get(payment.payment_id)
            last = truth.now if truth is not None else Claim.NOT_FOUND
            if truth is not None and truth.refunded:
                last = Claim.REFUNDED
            assert payment.state is _ENDS[last]

    def _looked_into(self, payment: Payment) -> Payment:
        """Does as a person does for whom a payment waits: asks until the provider was clear."""
        request = GetStatusRequest(payment_id=payment.payment_id, refresh=True)
        for _ in range(NOT_FOUND_COUNT):
            self.clock.advance(60)
            self.run(self.use_cases.get_status(caller(payment.scope), request))
        return self.payment(payment.payment_id)

    def _assembled(self) -> Application:
        return assemble(
            store=self.store,
            feed=LocalFeed(),
            clock=self.clock,
            identifiers=SystemIdentifiers(),
            providers=Providers({self.outside.name: self.outside}),
        )


_ENDS: Final[Mapping[Claim, PaymentState]] = {
    Claim.SUCCEEDED: PaymentState.SUCCEEDED,
    Claim.FAILED: PaymentState.FAILED,
    Claim.EXPIRED: PaymentState.EXPIRED,
    Claim.REFUNDED: PaymentState.REFUNDED,
    Claim.NOT_FOUND: PaymentState.FAILED,
}


def caller(name: str) -> Call:
    """A call of a caller with all the time in the world."""
    return Call(caller=Caller(name=name, scope=name))


async def _ended(task: asyncio.Task[_Result]) -> _Result:
    return await task
