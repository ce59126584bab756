"""The service as it is deployed, beside the yardsticks, each in a process of its own."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc
from google.type.money_pb2 import Money

from ovo.payments.v1 import ovo_payments_pb2 as messages
from tests.benchmarks.harness import processes
from tests.benchmarks.harness.bare_grpc import PUBLISH, SERVICE, UNARY, WATCH
from tests.benchmarks.harness.generator import LOAD, MARKER, Calls
from tests.benchmarks.harness.seeding import (
    AMOUNT_RUPIAH,
    PAYMENT_ID,
    PHONE_NUMBER,
    SERVER_KEY,
    database_url,
)
from tests.sealing import KEYS_TEXT

GET_STATUS: Final = "/ovo.payments.v1.OvoPayments/GetStatus"
CHARGE: Final = "/ovo.payments.v1.OvoPayments/Charge"
WATCH_PAYMENT: Final = "/ovo.payments.v1.OvoPayments/WatchPayment"
BARE_UNARY: Final = f"/{SERVICE}/{UNARY}"
BARE_WATCH: Final = f"/{SERVICE}/{WATCH}"
BARE_PUBLISH: Final = f"/{SERVICE}/{PUBLISH}"

_READY: Final = re.compile(r"gRPC on (?P<grpc>\S+), HTTP on (?P<http>\S+)")
_TIMEOUT_S: Final = 30.0
_CHANNEL_OPTIONS: Final = [
    ("grpc.enable_http_proxy", 0),
    ("grpc.use_local_subchannel_pool", 1),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A running service."""

    pid: int
    grpc: str
    http: str
    """The sidecar's address, `host:port`."""

    @property
    def midtrans_door(self) -> str:
        """Where Midtrans' notifications go."""
        return f"http://{self.http}/webhooks/midtrans"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bare:
    """A running yardstick."""

    pid: int
    address: str


@contextmanager
def running_service(
    database: Path, provider_url: str = "http://127.0.0.1:1", *, shared_url: str = ""
) -> Iterator[Service]:
    """Runs the service on a database; its log goes to a file beside it, as in production.

    With `shared_url` it is the database of several; the log still goes beside `database`.
    """
    settings = {
        "OVO_ENVIRONMENT": "development",
        "OVO_ALLOW_ANONYMOUS": "true",
        "OVO_GRPC_LISTEN": "127.0.0.1:0",
        "OVO_HTTP_LISTEN": "127.0.0.1:0",
        "OVO_DATABASE_URL": shared_url or database_url(database),
        "OVO_ENCRYPTION_KEYS": KEYS_TEXT,
        "OVO_MIDTRANS_SERVER_KEY": SERVER_KEY,
        "OVO_MIDTRANS_BASE_URL": provider_url,
        # One caller makes all the load here, and the service is measured, not its limits.
        "OVO_CALLER_CALLS_PER_SECOND_MAX": "1000000",
        "OVO_CALLER_CALLS_AT_ONCE_MAX": "2000",
        "OVO_CALLER_WATCHES_AT_ONCE_MAX": "20000",
        "OVO_STREAMS_PER_CONNECTION_MAX": "20000",
    }
    command = processes.python("ovo_payments", "serve")
    log = database.with_suffix(".log")
    with processes.running(command, log=log, settings=settings) as process:
        found = _READY.search(process.ready)
        assert found is not None, process.ready
        yield Service(pid=process.pid, grpc=found["grpc"], http=found["http"])


@contextmanager
def running_bare_grpc(directory: Path, answer_bytes: int) -> Iterator[Bare]:
    """Runs the yardstick of calls and streams, with messages of a size."""
    module = "tests.benchmarks.harness.bare_grpc"
    command = processes.python(module, "--answer-bytes", str(answer_bytes))
    with processes.running(command, log=directory / "bare-grpc.log") as process:
        yield Bare(pid=process.pid, address=process.ready)


@contextmanager
def running_bare_http(directory: Path) -> Iterator[Bare]:
    """Runs the yardstick of webhooks."""
    command = processes.python("tests.benchmarks.harness.bare_http")
    with processes.running(command, log=directory / "bare-http.log") as process:
        yield Bare(pid=process.pid, address=process.ready)


@contextmanager
def running_provider(directory: Path, latency_s: float = 0.0) -> Iterator[str]:
    """Runs the provider's stand-in; gives its address."""
    command = [str(LOAD), "provider", "-latency", f"{latency_s}s", "-amount", str(AMOUNT_RUPIAH)]
    with processes.running(command, log=directory / "provider.log") as process:
        found = re.search(r'"url":"([^"]+)"', process.ready)
        assert found is not None, process.ready
        yield found[1]


def call(address: str, method: str, request: bytes) -> bytes:
    """Makes one call with bytes, and gives the bytes of its answer."""
    with grpc.insecure_channel(address, options=_CHANNEL_OPTIONS) as channel:
        invoke = channel.unary_unary(method, _as_it_is, _as_it_is)
        return invoke(request, timeout=_TIMEOUT_S)


def with_cpu(pid: int, load: Callable[[], Calls]) -> tuple[Calls, float]:
    """Puts a load on a process; gives its figures, and the process' CPU per call in µs."""
    before_s = processes.cpu_s(pid)
    calls = load()
    return calls, (processes.cpu_s(pid) - before_s) / calls.calls * 1e6


def settled_memory_kib(pid: int, settle_s: float) -> int:
    """Reads the memory of a process that was left alone for a while, in KiB."""
    time.sleep(settle_s)
    return processes.resident_kib(pid)


def get_status_request() -> bytes:
    """A GetStatus with MARKER in the payment's id."""
    return messages.GetStatusRequest(payment_id=PAYMENT_ID).SerializeToString()


def charge_request() -> bytes:
    """A Charge with MARKER in its names."""
    return messages.ChargeRequest(
        request_id=f"charge-{MARKER}",
        order_id=f"charged-{MARKER}",
        phone_number=PHONE_NUMBER,
        amount=Money(currency_code="IDR", units=AMOUNT_RUPIAH),
    ).SerializeToString()


def watch_request() -> bytes:
    """A WatchPayment with MARKER in the payment's id, and heartbeats as rare as they may be."""
    request = messages.WatchPaymentRequest(payment_id=PAYMENT_ID)
    request.heartbeat_interval.seconds = 60
    return request.SerializeToString()


def _as_it_is(message: bytes) -> bytes:
    return message
