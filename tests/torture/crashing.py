"""One call's story, told once for every step after which its server may die.

A step is what a process does between two awaits, so that every await of an RPC's path is a crash
point; so is every named one (before and after a commit, before and after bytes leave, …). Both
sides die: the service, which opens the same database again, and the provider.
"""

import argparse
import asyncio
import gc
import multiprocessing
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Final

from ovo_payments.application.call import (
    BindRequest,
    ChargeRequest,
    PayRequest,
    RefundRequest,
)
from ovo_payments.domain.money import MoneyInput
from ovo_payments.storage import rows
from ovo_payments.storage.statements import bindings as binding_sql
from tests.torture import databases
from tests.torture.calling import Caller, ended
from tests.torture.checker import check
from tests.torture.customers import Customers
from tests.torture.databases import SEALER, Database, opened
from tests.torture.long_run import LongRun
from tests.torture.observed import Observed
from tests.torture.report import Report
from tests.torture.sim import Outcome, findings, prepare, tell
from tests.torture.simulation import collect, heal_and_drain
from tests.torture.world import World, seeded

_LOOK_S: Final = 0.25
_AFTERMATH_S: Final = 90.0
_AMOUNT: Final = MoneyInput(currency_code="IDR", units=15_000, nanos=0)
SERVICE: Final = "service"
PROVIDER: Final = "provider"
_STORIES_PER_COLLECTION: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """When who dies: after a number of steps, or at the nth passing of a named point."""

    victim: str = SERVICE
    step: int = 0
    point: str = ""
    passing: int = 1

    def __str__(self) -> str:
        """Writes it as the command takes it."""
        if self.point:
            return f"--point {self.point} --passing {self.passing}"
        return f"--victim {self.victim} --crash-at-step {self.step}"


class Scene:
    """A merchant with a customer, whose call is interrupted."""

    def __init__(self, world: World) -> None:
        self.world = world
        seed = world.observed.seed
        self.caller = Caller(world, "shop-a", seeded(seed, "caller"))
        self.customers = Customers(world, seeded(seed, "customers"))
        self.binding_id = ""
        self.payment_id = ""

    async def links(self) -> None:
        """Links an account, by a call that is repeated until it is known what became of it."""
        request = BindRequest(
            request_id="bind-1",
            customer_id="customer-1",
            phone_number="081234567890",
            success_url="https://shop.example/ok",
            failure_url="https://shop.example/no",
        )
        bound = await self.caller.insisting(self.caller.bind, request)  # type: ignore[arg-type] # a bind
        self.binding_id = bound.binding_id
        for _ in range(20):
            told = await self.caller.status(binding_id=bound.binding_id, refresh=True)
            found = self.world.database.execute(
                binding_sql.FIND, {"binding_id": bound.binding_id}
            ).fetchone()
            page = rows.to_binding(found, SEALER).redirect_url if found else ""
            if page:
                await self.customers.link(page)
            if told.state not in {"PENDING", ""}:
                return
            await asyncio.sleep(5)

    async def charges(self) -> None:
        """Charges a phone, and watches until the customer has answered."""
        await self.orders()
        if self.payment_id:
            await self.caller.watch(self.payment_id)

    async def pays(self) -> None:
        """Debits the linked account."""
        request = PayRequest(
            request_id="pay-1",
            order_id="order-1",
            binding_id=self.binding_id,
            amount=_AMOUNT,
            merchant_initiated=True,
        )
        paid = await self.caller.insisting(self.caller.pay, request)  # type: ignore[arg-type] # a payment
        self.payment_id = paid.payment_id
        if paid.payment_id:
            await self.caller.watch(paid.payment_id)

    async def refunds(self) -> None:
        """Gives the payment back."""
        request = RefundRequest(request_id="refund-1", payment_id=self.payment_id, reason="regret")
        await self.caller.insisting(self.caller.refund, request)  # type: ignore[arg-type] # a refund
        await self.caller.watch(self.payment_id)

    async def orders(self) -> None:
        """Charges a phone, and does not wait for the customer."""
        request = ChargeRequest(
            request_id="charge-1",
            order_id="order-1",
            phone_number="081234567890",
            amount=_AMOUNT,
        )
        charged = await self.caller.insisting(self.caller.charge, request)  # type: ignore[arg-type] # a charge
        self.payment_id = charged.payment_id

    async def looks(self) -> None:
        """Reads the payment, and has the provider asked about it."""
        for refresh in (True, False):
            await self.caller.status(payment_id=self.payment_id, refresh=refresh)

    async def watches(self) -> None:
        """Watches the payment from its first version on."""
        await self.caller.watch(self.payment_id, after_version=0)

    async def counts(self) -> None:
        """Reads what the account holds."""
        await self.caller.balance(self.binding_id)

    async def unlinks(self) -> None:
        """Unlinks the account."""
        await self.caller.unbind(self.binding_id)


Act = Callable[[Scene], Awaitable[None]]

STORIES: Final[Mapping[str, tuple[tuple[Act, ...], Act]]] = {
    "Charge": ((), Scene.charges),
    "Pay": ((Scene.links,), Scene.pays),
    "Refund": ((Scene.charges,), Scene.refunds),
    "RefundOfPay": ((Scene.links, Scene.pays), Scene.refunds),
    "Bind": ((), Scene.links),
    "Unbind": ((Scene.links,), Scene.unlinks),
    "Balance": ((Scene.links,), Scene.counts),
    "GetStatus": ((Scene.orders,), Scene.looks),
    "WatchPayment": ((Scene.orders,), Scene.watches),
}
"""What comes before, undisturbed, and what is interrupted."""


def tell_story(
    rpc: str, death: Death | None, seed: int, database: Database
) -> tuple[Observed, World]:
    """Plays one story with at most one death in it."""
    observed = Observed(
        mode="sim",
        seed=seed,
        command=f"python -m tests.torture crashes --rpc {rpc} --seed {seed} {death or ''}"
        + (" --database postgres" if database.shared else ""),
    )
    world = World(observed, database)

    async def story(world: World) -> None:
        await _story(world, rpc, death)

    world.run(story)
    collect(world)
    return observed, world


async def _story(world: World, rpc: str, death: Death | None) -> None:
    await world.service.start()
    before, act = STORIES[rpc]
    scene = Scene(world)
    for step in before:
        await step(scene)
    if act not in (Scene.looks, Scene.watches):
        await asyncio.sleep(_AFTERMATH_S)
    _condemn(world, death)
    reviving = asyncio.ensure_future(_revive(world))
    await act(scene)
    await asyncio.sleep(_AFTERMATH_S)
    world.counted_steps = {
        SERVICE: _steps(world, SERVICE),
        PROVIDER: _steps(world, PROVIDER),
    }
    reviving.cancel()
    await ended(reviving)
    if not world.provider_node.alive:
        world.restart_provider()
    await heal_and_drain(world)


def _condemn(world: World, death: Death | None) -> None:
    node = world.service.node
    assert node is not None
    node.steps = world.provider_node.steps = 0
    world.crash_names.clear()
    if death is None:
        return
    if death.point:
        world.crash_at, world.crash_passing = death.point, death.passing
    elif death.victim == SERVICE:
        node.crash_at_step = death.step
    else:
        world.provider_node.crash_at_step = death.step


def _steps(world: World, victim: str) -> int:
    node = world.service.node if victim == SERVICE else world.provider_node
    return node.steps if node is not None else 0


async def _revive(world: World) -> None:
    while True:
        await asyncio.sleep(_LOOK_S)
        if not world.service.alive:
            await world.service.start()
        if not world.provider_node.alive:
            world.restart_provider()


def deaths_of(rpc: str, seed: int, server_url: str) -> Iterator[Death]:
    """Every death that a story can be interrupted by."""
    with opened(server_url, f"{rpc}_{seed}") as database:
        _, world = tell_story(rpc, None, seed, database)
    for victim, steps in world.counted_steps.items():
        for step in range(1, steps + 1):
            yield Death(victim=victim, step=step)
    for point, passings in sorted(world.crash_names.items()):
        for passing in range(1, passings + 1):
            yield Death(point=point, passing=passing)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Says what the command takes."""
    parser.add_argument("--rpc", choices=[*STORIES, "all"], default="all")
    parser.add_argument("--seed", type=int, default=1, help="the first seed: an order of steps")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds")
    parser.add_argument("--victim", choices=[SERVICE, PROVIDER], default=SERVICE)
    parser.add_argument("--crash-at-step", type=int, default=0, help="only this death")
    parser.add_argument("--point", default="", help="only the death at this named point")
    parser.add_argument("--passing", type=int, default=1)
    databases.add_argument(parser)
    parser.add_argument("--jobs", type=int, default=1, help="processes, each with its own seeds")
    parser.add_argument("--report", type=Path, help="where results are kept, and gone on from")


def run(arguments: argparse.Namespace) -> int:
    """Runs it; the exit status is 1 where an invariant is violated."""
    what = f"crashes, {arguments.rpc}{databases.told(arguments)}"
    long_run = LongRun(arguments.report, first=arguments.seed, what=what)
    with databases.server_for(arguments) as server_url:
        for told in _reports(arguments, long_run, server_url):
            long_run.add(told.report)
            for line in told.told:
                tell(line)
            # A seed is many deaths.
            long_run.write()
    for line in long_run.report.lines():
        tell(line)
    return 0 if long_run.report.tally.holds else 1


def _reports(
    arguments: argparse.Namespace, long_run: LongRun, server_url: str
) -> Iterator[Outcome]:
    seeds = range(long_run.next_seed, arguments.seed + arguments.seeds)
    if arguments.jobs == 1:
        prepare()
        for seed in seeds:
            yield interrupt(arguments, seed, server_url)
        return
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(arguments.jobs, spawning, initializer=prepare) as processes:
        yield from processes.map(interrupt, repeat(arguments), seeds, repeat(server_url))


def interrupt(arguments: argparse.Namespace, seed: int, server_url: str) -> Outcome:
    """Plays one seed's stories, each once for every death that is asked for."""
    report, began = Report(), time.process_time()
    told: list[str] = []
    for rpc in STORIES if arguments.rpc == "all" else (arguments.rpc,):
        count = 0
        for death in _asked_for(arguments, rpc, seed, server_url):
            with opened(server_url, f"{rpc}_{seed}_{count}") as database:
                observed, world = tell_story(rpc, death, seed, database)
            sheets = check(observed)
            report.tally.add(sheets)
            report.add(observed, struck=world.network.struck, steps=world.loop.steps)
            report.deaths += world.provider_deaths
            told.extend(findings(observed, sheets))
            count += 1
            if count % _STORIES_PER_COLLECTION == 0:
                gc.collect()
        told.append(f"{rpc}, seed {seed}: {count} deaths")
    # One seed of the run, however many worlds it took.
    report.seeds = 1
    report.cpu_s = time.process_time() - began
    return Outcome(report=report, told=told, trace=[])


def _asked_for(
    arguments: argparse.Namespace, rpc: str, seed: int, server_url: str
) -> Iterator[Death]:
    if arguments.point:
        yield Death(point=arguments.point, passing=arguments.passing)
    elif arguments.crash_at_step:
        yield Death(victim=arguments.victim, step=arguments.crash_at_step)
    else:
        yield from deaths_of(rpc, seed, server_url)
