"""Bundles what every provider's stand-in builds on, and says what a provider is.

How to write a provider's folder: `create(context: Sandbox) -> Provider` declares its switches
(`context.switches.declare`), registers its NotificationSource (`context.delivery.register`) and
returns an object with `name`, `routes`, `start` and `console`. `app.py` lists the factories.

 - State lives in `context.store`, as documents by kind and key; prefix kinds with the provider's
   name ("doku.payment"). Several writes that belong together go inside `with
   context.store.transaction():`, with no `await` inside; `wallet.debit`, `wallet.refund` and
   `delivery.notify` join that transaction.
 - Money moves by `context.wallet` alone, which writes the ledger.
 - Business times come from `context.clock.now()`, timestamps that a transport signs from
   `context.clock.wall_now()`; nothing else tells the time. What happens later is a timer of
   `context.scheduler` under a unique name ("doku.expire:<reference>"); `start` sets again every
   timer that the store says is still due. An action changes state before its first `await`.
 - A handler asks `context.faults.take(name, operation, reference=…, phone=…)` once, phone
   normalised. Stage BEFORE: return `refusal(fault, context.scheduler)` (or an error in the
   provider's own shape) and do nothing. AFTER: act, then return `spoil(fault, answer,
   context.scheduler)`. LATER: answer as ever and move the money `fault.seconds` later. QUERY: deny
   knowing the payment. TOKEN: refuse the token as expired. WEBHOOK faults are the delivery
   engine's; it asks `NotificationSource.write` for a wrong copy by `notification.tampering`.
   Operations are named charge, pay, status, cancel, expire, refund, bind, unbind, balance,
   token_b2b, token_b2b2c.
 - Pages: `context.pages.page("doku/binding.html", **values)`; templates extend "base.html".
 - Randomness comes from `context.random`, so that a seeded run repeats itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

from starlette.routing import BaseRoute

from ovo_sandbox.clock import Clock, Scheduler
from ovo_sandbox.config import SandboxConfig
from ovo_sandbox.delivery import Delivery
from ovo_sandbox.faults import Faults
from ovo_sandbox.keys import KeyPairs
from ovo_sandbox.ledger import Ledger
from ovo_sandbox.outgoing import HttpSender
from ovo_sandbox.pages import Pages
from ovo_sandbox.store import Store
from ovo_sandbox.switches import Switches
from ovo_sandbox.wallet import Wallet


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """Is the context that every part of one sandbox shares; two sandboxes share nothing."""

    config: SandboxConfig
    clock: Clock
    scheduler: Scheduler
    store: Store
    ledger: Ledger
    wallet: Wallet
    faults: Faults
    switches: Switches
    delivery: Delivery
    sender: HttpSender
    pages: Pages
    keys: KeyPairs
    random: Random


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """Is what the index page shows of a provider."""

    title: str
    summary: str
    # What a client must be told: ("Base URL", "http://…"). No secret.
    settings: Sequence[tuple[str, str]] = ()
    # Pages for people: ("OVO app", "/app").
    pages: Sequence[tuple[str, str]] = ()
    # Numbers with a meaning of their own: ("0824…", "not an OVO user").
    magic: Sequence[tuple[str, str]] = ()
    counts: Sequence[tuple[str, int]] = ()
    # A command to paste that shows the provider at work.
    example: str = ""


class Provider(Protocol):
    """Is one provider's stand-in."""

    @property
    def name(self) -> str:
        """The provider's name in the ledger, in faults and in switches."""

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """The provider's paths, pages included."""

    async def start(self) -> None:
        """Sets the timers that the store says are still due; called once the loop runs."""

    def reset(self) -> None:
        """Forgets what is held in memory; the store and the scheduler are cleared already."""

    def console(self) -> Console:
        """Tells what the index page shows."""
