"""Writes payments durably for a while, in a process of its own; tells how many a second.

Grouped: the store as the service uses it, with so many writers at once. One by one: the same
statements by a plain loop on a connection, each payment its own transaction, with no event loop
and no other thread in its way.
"""

import argparse
import asyncio
import sys
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import uvloop

from ovo_payments.domain.payment import Payment, PaymentState
from ovo_payments.domain.ports import Leased, RequestRecord
from ovo_payments.storage import sqlite
from ovo_payments.storage.sqlite.connection import connect
from ovo_payments.storage.sqlite.writer import SqliteTransaction
from ovo_payments.storage.units import payments
from tests.benchmarks.harness.generator import numbered
from tests.benchmarks.harness.seeding import database_url, pattern_payment, pattern_request
from tests.sealing import KEYS, a_sealer

_LEASE: Final = Leased(lease="benchmark", until=datetime.max.replace(tzinfo=UTC))


class _Payments:
    """Makes one new payment after another."""

    def __init__(self) -> None:
        self._pattern = pattern_payment(1, PaymentState.PENDING)
        self._request = pattern_request(self._pattern)
        self._number = 0

    def next(self) -> tuple[Payment, RequestRecord]:
        number, self._number = self._number, self._number + 1
        payment = replace(
            self._pattern,
            payment_id=numbered(self._pattern.payment_id, number),
            order_id=numbered(self._pattern.order_id, number),
        )
        request = replace(
            self._request,
            request_id=numbered(self._request.request_id, number),
            subject_id=payment.payment_id,
        )
        return payment, request


async def grouped(file: Path, seconds: float, writers: int) -> float:
    """Writes by the store; gives payments a second."""
    store = await sqlite.SqliteStore.open(database_url(file), KEYS)
    made, count = _Payments(), 0
    began = time.perf_counter()

    async def write() -> None:
        nonlocal count
        while time.perf_counter() - began < seconds:
            payment, request = made.next()
            await store.create_payment(payment, request, _LEASE)
            count += 1

    await asyncio.gather(*[write() for _ in range(writers)])
    elapsed_s = time.perf_counter() - began
    await store.close()
    return count / elapsed_s


def one_by_one(file: Path, seconds: float) -> float:
    """Writes by a connection; gives payments a second."""
    sqlite.migrate(database_url(file))
    made, count = _Payments(), 0
    with closing(connect(file, busy_timeout_s=1.0)) as connection:
        transaction = SqliteTransaction(connection, a_sealer())
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            payment, request = made.next()
            connection.execute("BEGIN IMMEDIATE")
            payments.create(transaction, payment, request, _LEASE)
            connection.execute("COMMIT")
            count += 1
        return count / (time.perf_counter() - began)


def main() -> None:
    """Writes the figure to standard output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--writers", type=int, default=0, help="0 for one by one")
    given = parser.parse_args()
    if given.writers:
        per_s = uvloop.run(grouped(given.database, given.seconds, given.writers))
    else:
        per_s = one_by_one(given.database, given.seconds)
    sys.stdout.write(f"{per_s}\n")


if __name__ == "__main__":
    main()
