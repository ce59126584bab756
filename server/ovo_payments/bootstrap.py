"""Joins the rooms: the one place that knows them all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, TypeVar

import structlog
from prometheus_client import CollectorRegistry

from ovo_payments.application.clock import SystemClock
from ovo_payments.application.identifiers import SystemIdentifiers
from ovo_payments.application.providers import Providers
from ovo_payments.application.use_cases import Application, assemble
from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.domain.ports import Clock, Identifiers
from ovo_payments.doors import Doors
from ovo_payments.encryption import encryption_keys, key_files, tell_missing_keys
from ovo_payments.metrics import PaymentMetrics, ProviderMetrics
from ovo_payments.provider_configs import provider_configs
from ovo_payments.providers import registry
from ovo_payments.providers.http import Surroundings
from ovo_payments.rereading import Rereading
from ovo_payments.settings import Address, DatabaseSettings, Settings, SettingsError
from ovo_payments.storage.database import DATABASE_ERRORS, Database, open_database, open_store
from ovo_payments.storage.database import migrate as migrate_database
from ovo_payments.storage.keys import EncryptionKey, EncryptionKeysError
from ovo_payments.storage.sql_store import SqlStore
from ovo_payments.transport.grpc.server import GrpcServer, ListenError
from ovo_payments.transport.http.metrics import make_registry
from ovo_payments.transport.http.server import ListenError as HttpListenError
from ovo_payments.transport.http.server import Sidecar

START_ERRORS: Final = (SettingsError, ListenError, HttpListenError)
"""What an operator can mend: told in words, without a traceback."""

_log = structlog.get_logger(__name__)

_Opened = TypeVar("_Opened")


class Service:
    """Everything that runs in one process."""

    def __init__(
        self,
        *,
        settings: Settings,
        database: Database,
        providers: Providers,
        application: Application,
        grpc_server: GrpcServer,
        sidecar: Sidecar,
        rereading: Rereading,
    ) -> None:
        """Takes over parts that are put together; `start` is the usual way."""
        self._settings = settings
        self._database = database
        self._providers = providers
        self._application = application
        self._grpc_server = grpc_server
        self._sidecar = sidecar
        self._rereading = rereading
        self._reading: asyncio.Task[None] | None = None
        self._resolving: asyncio.Task[None] | None = None
        self.grpc_address = ""
        self.http_address = ""

    @classmethod
    async def start(cls, settings: Settings, clock: Clock | None = None) -> "Service":
        """Puts everything together and takes calls. Raises one of START_ERRORS.

        `clock` is the machine's where none is given.
        """
        clock, identifiers = clock or SystemClock(), SystemIdentifiers()
        counted = make_registry()
        # What is wrong in the settings is told before anything is touched.
        doors = Doors.of(settings)
        providers = _providers(settings, counted, clock, identifiers)
        database = await _usable(open_database, settings)
        store = database.store
        # Where no other node serves from it, what a lease there held went with the last process.
        # Elsewhere another node may hold it, and it runs out by itself.
        recovered = 0 if database.shared else await store.recover(clock.now())
        _tell_missing(await store.asked_of(), providers)
        application = assemble(
            store=store,
            feed=database.feed,
            clock=clock,
            identifiers=identifiers,
            providers=providers,
            observer=PaymentMetrics(counted),
            return_urls=doors.return_urls,
        )
        grpc_server = GrpcServer(
            use_cases=application.use_cases,
            callers=doors.callers,
            registry=counted,
            listen=str(settings.grpc_listen),
            certificate=doors.grpc_certificate,
            reflection=settings.serves_reflection,
            limits=doors.limits,
        )
        sidecar = Sidecar(
            receive_webhook=application.use_cases.receive_webhook,
            checks=(store.ping, grpc_server.check_serving),
            registry=counted,
            listen=str(settings.http_listen),
            certificate=doors.http_certificate,
            senders=doors.senders,
        )
        service = cls(
            settings=settings,
            database=database,
            providers=providers,
            application=application,
            grpc_server=grpc_server,
            sidecar=sidecar,
            rereading=Rereading(
                [*doors.files, *key_files(store)], partial(tell_missing_keys, store)
            ),
        )
        try:
            await service._open()
        except BaseException:
            await service.stop()
            raise
        _log.info(
            "service.started",
            grpc=service.grpc_address,
            http=service.http_address,
            providers=[provider.spec.name for provider in providers],
            recovered=recovered,
        )
        return service

    async def wait(self, stop: asyncio.Event) -> bool:
        """Waits for `stop`, or until a worker breaks; tells whether one did."""
        workers = {task for task in (self._resolving, self._reading) if task is not None}
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({stopping, *workers}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
        broken = [task for task in workers if task.done()]
        for task in broken:
            _log.error("service.worker_broke", exc_info=task.exception())
        return bool(broken)

    async def stop(self) -> None:
        """Stops in the order in which nothing is lost.

        Callers are told first; then calls finish; then sends, whose answers are stored. All of
        it shares one grace: what does not finish in time is asked for at the next start.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._settings.shutdown_grace_s

        def left_s() -> float:
            return max(deadline - loop.time(), 0.0)

        self._application.resolve.stop()
        await self._grpc_server.stop(left_s())
        await self._sidecar.stop(left_s())
        sends_left = await self._application.sends.drain(left_s())
        if self._resolving is not None:
            await asyncio.wait({self._resolving}, timeout=left_s())
            self._resolving.cancel()
        if self._reading is not None:
            self._reading.cancel()
        for provider in self._providers:
            await provider.close()
        await self._database.close()
        _log.info("service.stopped", sends_left=sends_left)

    async def _open(self) -> None:
        self._resolving = asyncio.create_task(self._application.resolve.run())
        self._reading = asyncio.create_task(self._rereading.run())
        http_port = await self._sidecar.start()
        grpc_port = await self._grpc_server.start()
        self.http_address = str(Address(self._settings.http_listen.host, http_port))
        self.grpc_address = str(Address(self._settings.grpc_listen.host, grpc_port))


def migrate(database_url: str) -> Sequence[str]:
    """Brings a database up to date; gives what was applied. Raises one of START_ERRORS."""
    try:
        return migrate_database(database_url)
    except DATABASE_ERRORS as error:
        raise _unusable(error) from error


@asynccontextmanager
async def opened_store(settings: DatabaseSettings) -> AsyncIterator[SqlStore]:
    """Opens the database for a command, beside whoever serves from it.

    Raises one of START_ERRORS.
    """
    store = await _usable(open_store, settings)
    try:
        yield store
    finally:
        await store.close()


async def _usable(
    open_it: Callable[[str, Sequence[EncryptionKey]], Awaitable[_Opened]],
    settings: DatabaseSettings,
) -> _Opened:
    keys = encryption_keys(settings)
    try:
        return await open_it(settings.database_url.get_secret_value(), keys)
    except EncryptionKeysError as error:
        raise SettingsError([f"OVO_ENCRYPTION_KEYS: {error}"]) from error
    except DATABASE_ERRORS as error:
        raise _unusable(error) from error


def _unusable(error: Exception) -> SettingsError:
    # That the store is away says nothing of the cause; what was raised first does.
    cause = error.__cause__ if isinstance(error, StoreUnavailableError) else error
    return SettingsError([f"OVO_DATABASE_URL: {cause}"])


def _tell_missing(asked_of: Sequence[str], providers: Providers) -> None:
    """Tells of providers that are asked no more, since the settings don't name them."""
    for name in sorted(set(asked_of) - {provider.spec.name for provider in providers}):
        # Nobody would notice else: what is open there stays open until it is named again.
        _log.error("provider.missing", provider=name)


def _providers(
    settings: Settings, counted: CollectorRegistry, clock: Clock, identifiers: Identifiers
) -> Providers:
    outside = registry.Outside(
        clock=clock,
        identifiers=identifiers,
        http=Surroundings(observe=ProviderMetrics(counted).observe),
    )
    return Providers(registry.build(provider_configs(settings), outside))
