"""Reads what a run left behind: histories, database, ledger, the providers' books, logs."""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from ovo_payments.domain.evidence import Evidence
from ovo_payments.domain.payment import Payment
from ovo_payments.storage import rows
from ovo_sandbox.ledger import LedgerEntry
from ovo_sandbox.midtrans.transaction import Status
from tests.sealing import a_sealer
from tests.torture.observed import Observed
from tests.torture.real.arena import Arena
from tests.torture.real.database import Database
from tests.torture.real.history import read_history
from tests.torture.real.node import Node

_PAYMENTS: Final = (
    "SELECT payment_id, document, sealed, next_check_time_us, sending, not_found_count,"
    " not_found_time_us FROM payments ORDER BY sequence"
)
_EVENTS: Final = (
    "SELECT payment_id, version, document, sealed FROM payment_events ORDER BY payment_id, version"
)
_EVIDENCE: Final = (
    "SELECT payment_id, refund_id, observe_time_us, source, claim, provider_code, detail, version"
    " FROM evidence ORDER BY sequence"
)
_REQUESTS: Final = (
    "SELECT scope, method, request_id, sealed, subject_id FROM requests ORDER BY sequence"
)
_INBOX: Final = (
    "SELECT inbox_id, provider, kind, target, headers, sealed, receive_time_us, state,"
    " attempt_count, next_attempt_time_us, note FROM inbox ORDER BY sequence"
)
_BINDINGS: Final = (
    "SELECT binding_id, document, sealed, next_check_time_us, sending FROM bindings"
    " ORDER BY sequence"
)
_REFUNDS: Final = "SELECT payment_id, refund_id, state, amount_rupiah FROM refunds"
_CLAIMS: Final = "SELECT scope, order_id, payment_id FROM order_claims"
_TRACEBACK: Final = "Traceback (most recent call last)"
_MIDTRANS: Final[Mapping[Status, str]] = {
    Status.PENDING: "PENDING",
    Status.SETTLEMENT: "SUCCEEDED",
    Status.DENY: "FAILED",
    Status.FAILURE: "FAILED",
    Status.CANCEL: "FAILED",
    Status.EXPIRE: "EXPIRED",
    Status.REFUND: "REFUNDED",
}
_DOKU: Final[Mapping[str, str]] = {
    "00": "SUCCEEDED",
    "01": "PENDING",
    "03": "PENDING",
    "04": "REFUNDED",
    "05": "FAILED",
    "06": "FAILED",
}


async def collect_ledger(arena: Arena) -> None:
    """Asks the sandbox, while it runs, what money moved."""
    arena.observed.ledger = [
        LedgerEntry(**(entry | {"at": datetime.fromisoformat(entry["at"])}))
        for entry in await arena.control.ledger()
    ]


def collect(arena: Arena, histories: Iterable[Path]) -> None:
    """Reads everything else, once all processes have ended."""
    observed = arena.observed
    observed.operations, observed.watches = read_history(histories, arena.passed.began_at)
    _name_nodes(observed, arena.nodes)
    _collect_store(observed, arena.database)
    observed.logs = list(_logs(arena.directory))
    observed.failures = list(_failures(arena.directory))
    observed.attempts = _attempts(observed)
    with closing(sqlite3.connect(_sandbox_file(arena))) as connection:
        observed.truth = dict(_truth(connection))


def _name_nodes(observed: Observed, nodes: Sequence[Node]) -> None:
    """Says which life of its node a watcher was connected to: the one that was lived then."""
    for watch in observed.watches:
        lives = [life for life in nodes[watch.target].lives if life.began_at <= watch.began_at]
        watch.node = lives[-1].node if lives else ""


def _collect_store(observed: Observed, database: Database) -> None:
    sealer = a_sealer()
    payments = [rows.to_payment(row, sealer) for row in database.rows(_PAYMENTS)]
    observed.payments = {payment.payment_id: payment for payment in payments}
    events: dict[str, list[Payment]] = {payment_id: [] for payment_id in observed.payments}
    for row in database.rows(_EVENTS):
        events[row[0]].append(rows.to_event(row, sealer))
    observed.events = events
    evidence: dict[str, list[Evidence]] = {payment_id: [] for payment_id in observed.payments}
    for row in database.rows(_EVIDENCE):
        evidence[row[0]].append(rows.to_evidence(row))
    observed.evidence = evidence
    observed.requests = [rows.to_request(row, sealer) for row in database.rows(_REQUESTS)]
    observed.refunds = database.rows(_REFUNDS)
    observed.claims = database.rows(_CLAIMS)
    bindings = [rows.to_binding(row, sealer) for row in database.rows(_BINDINGS)]
    observed.bindings = {binding.binding_id: binding for binding in bindings}
    observed.inbox = [rows.to_webhook(row, sealer) for row in database.rows(_INBOX)]


def _attempts(observed: Observed) -> Mapping[str, int]:
    """Counts what left by class; which of it is a repetition only the service knows."""
    counted = Counter[str]()
    for call in observed.calls:
        if call.moves_money:
            counted["mutate"] += 1
        else:
            counted["token" if call.operation.startswith("token") else "query"] += 1
    return counted


def _logs(directory: Path) -> Iterator[Mapping[str, Any]]:
    for file in sorted(directory.glob("service-*.log")):
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("{") and line.endswith("}"):
                yield json.loads(line)


def _failures(directory: Path) -> Iterator[str]:
    for file in sorted(directory.glob("*.log")):
        text = file.read_text(encoding="utf-8", errors="replace")
        for before, after in pairwise(text.split(_TRACEBACK)):
            yield f"{file.name}: {before[-300:]}{_TRACEBACK}{after[:1500]}"


def _sandbox_file(arena: Arena) -> Path:
    return next((arena.directory / "sandbox").glob("*.db"))


def _truth(database: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """What each provider holds of each payment at the end."""
    kinds: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for kind, body in database.execute("SELECT kind, body FROM documents"):
        kinds[kind].append(json.loads(body))
    for one in kinds["midtrans.transaction"]:
        yield one["order_id"], _MIDTRANS[Status(one["status"])]
    for one in kinds["doku.payment"]:
        yield one["partner_reference"], _DOKU[one["state"]]
