"""Runs one seed: troubles for a while, then healing, then waiting until all is settled."""

import asyncio
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Final

from ovo_payments.storage import rows
from ovo_payments.storage.rows import Parameters, Row
from ovo_payments.storage.statements import payments as payment_sql
from ovo_payments.storage.verifying import verify
from ovo_sandbox.doku.provider import Doku
from ovo_sandbox.midtrans.transaction import Status
from tests.torture import quirks
from tests.torture.attackers import Attackers
from tests.torture.databases import SEALER, Database
from tests.torture.nemesis import Nemesis
from tests.torture.observed import Observed
from tests.torture.profile import PROFILES, Profile
from tests.torture.swarm import Swarm
from tests.torture.world import World, seeded

PAYMENTS_PER_SEED: Final = 100
_SPAN_S: Final = 240.0
_LOOK_S: Final = 60.0
_DRAIN_MAX_S: Final = 9 * 86400.0

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
_UNSETTLED: Final = (
    "SELECT (SELECT count(*) FROM payments WHERE next_check_time_us IS NOT NULL)"
    " + (SELECT count(*) FROM bindings WHERE next_check_time_us IS NOT NULL)"
    " + (SELECT count(*) FROM inbox WHERE state IN ('RECEIVED', 'WAITING'))"
)


def simulate(
    seed: int,
    database: Database,
    *,
    payments: int = PAYMENTS_PER_SEED,
    profile: str = "all",
    traced: bool = False,
) -> tuple[Observed, World]:
    """Runs one seed and gives what was seen."""
    observed = Observed(
        mode="sim",
        seed=seed,
        command=f"python -m tests.torture sim --seed {seed} --seeds 1"
        f" --payments-per-seed {payments} --profile {profile}"
        + (" --database postgres" if database.shared else ""),
    )
    world = World(observed, database, traced=traced)
    drawn = PROFILES[profile](seeded(seed, "profile"))

    async def story(world: World) -> None:
        await _story(world, drawn, payments)

    world.run(story)
    collect(world)
    return observed, world


async def _story(world: World, profile: Profile, payments: int) -> None:
    await world.service.start()
    world.set_profile(profile)
    nemesis = Nemesis(world)
    nemesis.start()
    attackers = Attackers(world)
    if profile.name != "calm":
        quirks.draw(world.app.sandbox, seeded(world.observed.seed, "quirks"))
        attackers.start()
    await Swarm(world).run(payments, _SPAN_S)
    await attackers.stop()
    await nemesis.stop()
    await heal_and_drain(world)


async def heal_and_drain(world: World) -> None:
    """Ends all troubles and waits until nothing is left to be learnt."""
    world.heal()
    if not world.service.alive:
        await world.service.start()
    observed, loop = world.observed, world.loop
    observed.healed_at = loop.time()
    world.recorder.tell("all", "is well")
    looks = 0
    while loop.time() - observed.healed_at < _DRAIN_MAX_S:
        # Nothing is settled by time alone: the next look is after something has happened.
        quiet_s = min(loop.next_moment() - observed.healed_at, _DRAIN_MAX_S)
        looks = max(looks + 1, ceil(quiet_s / _LOOK_S))
        await asyncio.sleep(observed.healed_at + looks * _LOOK_S - loop.time())
        left = world.database.execute(_UNSETTLED).fetchone()[0]
        if left == 0 and not world.app.sandbox.scheduler.timers():
            break
    observed.drained_at = loop.time()


def collect(world: World) -> None:
    """Reads what the service, its store and the providers hold at the end."""
    observed, database = world.observed, world.database
    found = [
        rows.to_payment(row, SEALER) for row in database.execute(_all(payment_sql.FIND)).fetchall()
    ]
    observed.payments = {payment.payment_id: payment for payment in found}
    events: dict[str, list[object]] = {payment_id: [] for payment_id in observed.payments}
    for row in database.execute(
        "SELECT payment_id, version, document, sealed FROM payment_events"
        " ORDER BY payment_id, version"
    ).fetchall():
        events[row[0]].append(rows.to_event(row, SEALER))
    observed.events = events  # type: ignore[assignment] # they are payments
    evidence: dict[str, list[object]] = {payment_id: [] for payment_id in observed.payments}
    for row in database.execute(
        "SELECT payment_id, refund_id, observe_time_us, source, claim, provider_code, detail,"
        " version FROM evidence ORDER BY sequence"
    ).fetchall():
        evidence[row[0]].append(rows.to_evidence(row))
    observed.evidence = evidence  # type: ignore[assignment] # they are evidence
    observed.requests = [
        rows.to_request(row, SEALER)
        for row in database.execute(
            "SELECT scope, method, request_id, sealed, subject_id FROM requests ORDER BY sequence"
        ).fetchall()
    ]
    observed.refunds = database.execute(
        "SELECT payment_id, refund_id, state, amount_rupiah FROM refunds"
    ).fetchall()
    observed.claims = database.execute(
        "SELECT scope, order_id, payment_id FROM order_claims"
    ).fetchall()
    observed.bindings = {
        binding.binding_id: binding
        for binding in (
            rows.to_binding(row, SEALER)
            for row in database.execute(
                "SELECT binding_id, document, sealed, next_check_time_us, sending FROM bindings"
                " ORDER BY sequence"
            ).fetchall()
        )
    }
    observed.inbox = [
        rows.to_webhook(row, SEALER)
        for row in database.execute(
            "SELECT inbox_id, provider, kind, target, headers, sealed, receive_time_us, state,"
            " attempt_count, next_attempt_time_us, note FROM inbox ORDER BY sequence"
        ).fetchall()
    ]
    fault = _audit_fault(world)
    assert not fault, f"the audit does not hold: {fault}"
    observed.event_times = _event_times(observed)
    observed.ledger = world.app.sandbox.ledger.entries()
    observed.truth = _truth(world)


def _audit_fault(world: World) -> str:
    """Checks the audit as its command does; the database is in memory, so nothing is waited for."""

    async def read(sql: str, parameters: Parameters) -> Sequence[Row]:
        return world.database.execute(sql, parameters).fetchall()

    verifying = verify(read, SEALER.database_secret, {})
    try:
        verifying.send(None)
    except StopIteration as ended:
        return str(ended.value.fault)
    raise AssertionError("a look into memory waited for something")


def _event_times(observed: Observed) -> dict[tuple[str, int], float]:
    times: dict[tuple[str, int], float] = {}
    for commit in observed.commits:
        if commit.outcome != "done":
            continue
        if commit.operation == "payments.create":
            times[commit.subject_id, 1] = commit.at
        elif "@" in commit.subject_id:
            payment_id, _, version = commit.subject_id.partition("@")
            times.setdefault((payment_id, int(version)), commit.at)
    return times


def _truth(world: World) -> dict[str, str]:
    """What each provider says of each payment at the end."""
    truth: dict[str, str] = {}
    for made in world.app.providers:
        if isinstance(made, Doku):
            truth |= {
                payment.partner_reference: _DOKU[payment.state]
                for payment in made.payments.book.all()
            }
        else:
            found = world.app.sandbox.store.documents("midtrans.transaction")
            truth |= {one["order_id"]: _MIDTRANS[Status(one["status"])] for one in found}
    return truth


def _all(find_one: str) -> str:
    return find_one.replace("WHERE payment_id = :payment_id", "ORDER BY sequence")
