"""The whole application with both adapters, payments in every state, and truthful providers."""

import sqlite3
import traceback
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field, replace
from logging import ERROR
from pathlib import Path
from typing import Final

import structlog
from structlog.typing import EventDict, WrappedLogger

from ovo_payments.application.call import GetStatusRequest
from ovo_payments.application.providers import Providers
from ovo_payments.application.use_cases import Application, assemble
from ovo_payments.domain.binding import Binding
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.provider import Provider
from ovo_payments.domain.secret import Secret
from ovo_payments.providers import doku, midtrans
from ovo_payments.providers.doku.config import DokuConfig
from ovo_payments.providers.http import Surroundings
from ovo_payments.providers.midtrans import MidtransConfig
from ovo_payments.storage.feed import LocalFeed
from ovo_payments.storage.sqlite import SqliteStore
from tests.fuzz.truthful import MERCHANT_ID, Truth
from tests.sealing import KEYS
from tests.unit.application.bench import BIND, CALL, CHARGE, PAY
from tests.unit.application.scripted import ManualClock
from tests.unit.providers.doku.merchant import CountedIdentifiers
from tests.unit.providers.doku.merchant import config as doku_config

MIDTRANS: Final = MidtransConfig(
    server_key=Secret("SB-Mid-server-fuzz"),
    base_url="http://midtrans.test",
    merchant_id=MERCHANT_ID,
)


def doku_settings() -> DokuConfig:
    """Makes DOKU's settings; the keys are made once."""
    return doku_config(base_url="http://doku.test")


@dataclass
class Alarms:
    """What was logged that no stranger may cause."""

    broke: list[str] = field(default_factory=list)

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """Notes bugs of ours, and lets nothing be written."""
        if "broke" in str(event["event"]):
            self.broke.append(f"{event}\n{traceback.format_exc()}")
        raise structlog.DropEvent


@contextmanager
def alarms() -> Iterator[Alarms]:
    """Listens to the log instead of writing it."""
    before = structlog.get_config()
    listening = Alarms()
    structlog.configure(
        processors=[listening],
        wrapper_class=structlog.make_filtering_bound_logger(ERROR),
        cache_logger_on_first_use=False,
    )
    try:
        yield listening
    finally:
        structlog.configure(**before)


@dataclass
class Arena:
    """The application, the providers' truth, and a look at the database beside both."""

    application: Application
    store: SqliteStore
    clock: ManualClock
    truth: Truth
    providers: Mapping[str, Provider]
    database: sqlite3.Connection
    alarms: Alarms
    pushes: Mapping[str, Payment]
    """Payments at Midtrans by what truly became of them."""
    debits: Mapping[str, Payment]
    """Payments at DOKU by what truly became of them."""
    bindings: Mapping[str, Binding]

    def writes(self) -> int:
        """A number that changes with every commit to the database."""
        number: int = self.database.execute("PRAGMA data_version").fetchone()[0]
        return number

    def states(self) -> list[tuple[object, ...]]:
        """All that is held of payments, refunds and bindings, but how far the asking is."""
        return [
            *self.database.execute("SELECT payment_id, state, version, document FROM payments"),
            *self.database.execute("SELECT payment_id, count(*) FROM payment_events GROUP BY 1"),
            *self.database.execute("SELECT binding_id, state, version, document FROM bindings"),
            *self.database.execute("SELECT payment_id, document FROM refunds"),
            *self.database.execute("SELECT * FROM requests"),
            *self.database.execute("SELECT * FROM order_claims"),
        ]

    def inbox(self) -> dict[str, int]:
        """Counts the webhooks that were stored, by what was made of them."""
        rows = self.database.execute("SELECT state, count(*) FROM inbox GROUP BY state")
        return {str(state): int(count) for state, count in rows}

    async def work_off(self) -> None:
        """Works on every webhook that waits."""
        while await self.application.resolve.run_once():
            pass


@asynccontextmanager
async def arena(folder: Path) -> AsyncIterator[Arena]:
    """Puts everything together and lets payments of every state come to be."""
    clock, truth, identifiers = ManualClock(), Truth(), CountedIdentifiers()
    surroundings = Surroundings(transport_for=lambda _provider, _call_class: truth)
    theirs = doku_settings()
    providers: dict[str, Provider] = {
        doku.NAME: doku.DokuAdapter(
            theirs, doku.http_clients(theirs, surroundings), clock, identifiers
        ),
        midtrans.NAME: midtrans.MidtransAdapter(
            MIDTRANS, midtrans.http_clients(MIDTRANS, surroundings)
        ),
    }
    url = f"sqlite:///{folder}/fuzz.db"
    store = await SqliteStore.open(url, KEYS)
    application = assemble(
        store=store,
        feed=LocalFeed(),
        clock=clock,
        identifiers=identifiers,
        providers=Providers(providers),
    )
    with alarms() as listening, closing(sqlite3.connect(folder / "fuzz.db")) as database:
        made = _Made(application, truth)
        bindings = {
            "ACTIVE": await made.linked("customer-1"),
            "SPARE": await made.linked("customer-2"),
            "PENDING": await made.bound("customer-3"),
        }
        yield Arena(
            application=application,
            store=store,
            clock=clock,
            truth=truth,
            providers=providers,
            database=database,
            alarms=listening,
            pushes={status: await made.push(status) for status in _PUSHES},
            debits={status: await made.debit(status, bindings["ACTIVE"]) for status in _DEBITS},
            bindings=bindings,
        )
        await application.sends.drain(1.0)
        await store.close()


_PUSHES: Final = ("pending", "settlement", "expire", "deny")
_DEBITS: Final = ("03", "00", "06")


@dataclass
class _Made:
    """Makes payments and links as callers and customers do."""

    application: Application
    truth: Truth

    async def push(self, status: str) -> Payment:
        """Charges, and lets the provider come to a status."""
        request = replace(CHARGE, request_id=f"push-{status}", order_id=f"push-{status}")
        payment = (await self.application.use_cases.charge(CALL, request)).payment
        self.truth.midtrans[payment.payment_id] = status
        return await self._refreshed(payment)

    async def debit(self, status: str, binding: Binding) -> Payment:
        """Debits, and lets the provider come to a status."""
        request = replace(
            PAY,
            request_id=f"debit-{status}",
            order_id=f"debit-{status}",
            binding_id=binding.binding_id,
        )
        payment = (await self.application.use_cases.pay(CALL, request)).payment
        self.truth.doku[payment.payment_id] = status
        return await self._refreshed(payment)

    async def bound(self, customer_id: str) -> Binding:
        """Starts to link an account."""
        request = replace(BIND, request_id=f"bind-{customer_id}", customer_id=customer_id)
        return (await self.application.use_cases.bind(CALL, request)).binding

    async def linked(self, customer_id: str) -> Binding:
        """Links an account."""
        binding = await self.bound(customer_id)
        request = GetStatusRequest(binding_id=binding.binding_id, refresh=True)
        linked = await self.application.use_cases.get_status(CALL, request)
        assert isinstance(linked, Binding)
        return linked

    async def _refreshed(self, payment: Payment) -> Payment:
        request = GetStatusRequest(payment_id=payment.payment_id, refresh=True)
        refreshed = await self.application.use_cases.get_status(CALL, request)
        assert isinstance(refreshed, Payment)
        return refreshed
