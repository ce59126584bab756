"""`serve`: the service by its settings."""

import asyncio
import gc
import signal
import sys
from typing import Final

import structlog
import typer
import uvloop

from ovo_payments import logs, settings
from ovo_payments.bootstrap import START_ERRORS, Service
from ovo_payments.domain.ports import Clock

_GARBAGE_MIN: Final = 10_000
"""Objects, after which new ones are looked through; a call makes some hundreds, and few stay."""

_log = structlog.get_logger(__name__)


def run(clock: Clock | None = None) -> int:
    """Serves until a signal, by default on the machine's clock; gives the exit status."""
    try:
        loaded = settings.load()
    except settings.SettingsError as error:
        typer.echo(f"ovo-payments can't start:\n{error}", err=True)
        return 2
    logs.configure(loaded.log_format, loaded.log_level)
    try:
        return uvloop.run(_serve(loaded, clock))
    except START_ERRORS as error:
        typer.echo(f"ovo-payments can't start: {error}", err=True)
        return 2


async def _serve(loaded: settings.Settings, clock: Clock | None) -> int:
    stop = stop_signal()
    service = await Service.start(loaded, clock)
    # What stands now stays: the collector need not go through it again and again, while all
    # streams wait for it.
    gc.freeze()
    gc.set_threshold(_GARBAGE_MIN)
    # For whoever started this with port 0.
    typer.echo(f"gRPC on {service.grpc_address}, HTTP on {service.http_address}")
    sys.stdout.flush()
    try:
        failed = await service.wait(stop)
    finally:
        await service.stop()
    return 1 if failed else 0


def stop_signal() -> asyncio.Event:
    """Gives an event that SIGTERM and SIGINT set; a second one ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stopping(name: str) -> None:
        _log.info("service.asked_to_stop", signal=name)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
            # Python's own handler of SIGINT would unwind the stop that is under way.
            signal.signal(number, signal.SIG_DFL)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping, number.name)
    return stop
