"""What one order's customer and shop do: the calls, and how they repeat, mix up and break off."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any, Final

from google.type import money_pb2

from ovo.payments.v1 import ovo_payments_pb2 as messages
from tests.torture.real.calling import Caller, Request, Told

_MOODS: Final = (
    *("628249134000", "628271939753", "628242014881", "628237435829", "628215023424"),
    "628242974268",
)
"""Midtrans' numbers that decline, have no account, or never answer."""
_SHARE_OF_MOODS: Final = 0.12
_SHARE_OF_PAYS: Final = 0.4
_AMOUNT_MAX_RUPIAH: Final = 400_000
_WATCHED_FOR_S: Final = (2.0, 5.0)
_FOLLOWED_FOR_S: Final = 15.0
_FOLLOWED_AT_ONCE_S: Final = 12.0
"""Longer than a change may take to arrive, and less than until a heartbeat looks for it."""
_RECONNECTED_AFTER_S: Final = 0.1
_UNLINKED_IN: Final = 5
"""Attempts: a payment that is open holds its link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How often something is done otherwise than once and well."""

    twice_at_once: float = 0.12
    double_click: float = 0.08
    other_content: float = 0.06
    cancels: float = 0.1
    short_deadline: float = 0.12
    repeats_later: float = 0.12
    watches: float = 0.25
    looks: float = 0.2
    regrets: float = 0.25
    snoops: float = 0.03
    uses_same_names: float = 0.05
    follows: float = 0.0
    """A watcher beside, who comes back from every broken stream until the payment's end."""
    unlinks: float = 0.0
    """Takes a link away while payments begin on it."""


MANNERS: Final = Manners()
MANNERS_TO_SEVERAL_NODES: Final = Manners(twice_at_once=0.25, follows=0.3, unlinks=0.04)


class Shopper:
    """Places orders one after the other; several work side by side."""

    def __init__(
        self,
        caller: Caller,
        other: Caller,
        bindings: Sequence[str],
        spare_bindings: Sequence[str],
        manners: Manners,
    ) -> None:
        """Shops as `caller`; `other` is another merchant's. Spare links may be taken away."""
        self._caller = caller
        self._other = other
        self._bindings = bindings
        self._spare_bindings = list(spare_bindings)
        self._manners = manners
        self._watchers = count(1)

    async def shop(self, random: Random, name: str) -> None:
        """Places one order and does with it whatever the seed says."""
        manners, request = self._manners, self._request(random, name)
        side_shows = [asyncio.create_task(one) for one in self._beside(random, name, request)]
        told = await self._caller.insist(request)
        if side_shows:
            await asyncio.wait(side_shows)
        payment_id = told.get("payment_id", "")
        async with asyncio.TaskGroup() as group:
            # What one node alone is not asked for draws nothing, and so changes nothing else.
            if manners.follows and payment_id and random.random() < manners.follows:
                group.create_task(self._follow(payment_id))
            if manners.unlinks and self._spare_bindings and random.random() < manners.unlinks:
                group.create_task(self._unlink(name, self._spare_bindings.pop()))
            if payment_id:
                await self._shop_on(random, name, request, payment_id)

    def _beside(
        self, random: Random, name: str, request: Request
    ) -> list[Coroutine[Any, Any, Told]]:
        """What is asked at the same time, by whoever is impatient, mistaken or gone soon."""
        manners = self._manners
        beside: list[Coroutine[Any, Any, Told]] = []
        if random.random() < manners.twice_at_once:
            beside += [self._caller.ask(request) for _ in range(random.choice((1, 2, 4)))]
        if random.random() < manners.double_click:
            beside.append(self._caller.insist(_with(request, f"{name}-again")))
        if random.random() < manners.other_content:
            beside.append(self._caller.ask(_dearer(request)))
        if random.random() < manners.uses_same_names:
            beside.append(self._other.ask(request))
        if random.random() < manners.cancels:
            gone_after_s = random.choice((0.0, 0.005, 0.02, 0.05, 0.2))
            beside.append(self._caller.ask(request, cancel_after_s=gone_after_s))
        if random.random() < manners.short_deadline:
            deadline_s = random.choice((0.02, 0.4, 1.05, 1.1, 1.3))
            beside.append(self._caller.ask(request, deadline_s=deadline_s))
        return beside

    async def _follow(self, payment_id: str) -> None:
        """Watches from the first version on, again and again, until the end or for long enough."""
        watcher = self._new_watcher()
        loop = asyncio.get_running_loop()
        gives_up_at, seen = loop.time() + _FOLLOWED_FOR_S, 0
        while (left_s := gives_up_at - loop.time()) > 0:
            for_s = min(left_s, _FOLLOWED_AT_ONCE_S)
            told = await self._caller.watch(payment_id, seen, for_s, watcher=watcher)
            if told["ended"] == "done":
                return
            seen = told["version"]
            await asyncio.sleep(_RECONNECTED_AFTER_S)

    def _new_watcher(self) -> str:
        return f"{self._caller.history.writer}-{next(self._watchers)}"

    async def _unlink(self, name: str, binding_id: str) -> None:
        """Pays and unlinks at once, until it is unlinked, and pays once more."""
        caller = self._caller
        for attempt in range(_UNLINKED_IN):
            pays = [
                messages.PayRequest(
                    request_id=f"{name}-unlink-{attempt}-{number}",
                    order_id=f"order-{name}-unlink-{attempt}-{number}",
                    binding_id=binding_id,
                    amount=_rupiah(1000 + number),
                    merchant_initiated=True,
                )
                for number in range(4)
            ]
            told, *_ = await asyncio.gather(
                caller.unbind(binding_id), *(caller.insist(pay) for pay in pays[:-1])
            )
            if told["outcome"] == "ok":
                await caller.insist(pays[-1])
                return
            await asyncio.sleep(1.0)

    async def _shop_on(self, random: Random, name: str, request: Request, payment_id: str) -> None:
        manners, caller = self._manners, self._caller
        state = ""
        if random.random() < manners.watches:
            state = await self._watch(random, payment_id)
        if random.random() < manners.looks:
            told = await caller.status(payment_id, refresh=random.random() < 0.5)
            state = told.get("state", "") or state
        elif isinstance(request, messages.PayRequest) and not state:
            state = (await caller.status(payment_id)).get("state", "")
        if random.random() < manners.snoops:
            await self._other.status(payment_id)
        if random.random() < manners.repeats_later:
            await caller.ask(request)
        if state == "SUCCEEDED" and random.random() < manners.regrets:
            await self._regret(random, name, payment_id)
        if state in {"FAILED", "EXPIRED"} and random.random() < manners.regrets:
            await caller.insist(_with(request, f"{name}-anew"))

    async def _watch(self, random: Random, payment_id: str) -> str:
        """Watches in several streams, each from where the last one broke off."""
        seen = random.choice((None, 0))
        state, watcher = "", self._new_watcher()
        for _ in range(random.choice((1, 2, 3))):
            for_s = random.choice(_WATCHED_FOR_S)
            told = await self._caller.watch(payment_id, seen, for_s, watcher=watcher)
            seen, state = told["version"], told["state"] or state
            if told["ended"] == "done":
                break
            await asyncio.sleep(0.5 * random.random())
        return state

    async def _regret(self, random: Random, name: str, payment_id: str) -> None:
        request = messages.RefundRequest(
            request_id=f"{name}-refund", payment_id=payment_id, reason="regret"
        )
        beside: list[Coroutine[Any, Any, Told]] = []
        if random.random() < 0.3:
            beside.append(self._caller.ask(request))
        if random.random() < 0.2:
            beside.append(self._caller.insist(_with(request, f"{name}-refund-too")))
        if random.random() < 0.1:
            beside.append(self._caller.ask(request, cancel_after_s=0.02 * random.random()))
        side_shows = [asyncio.create_task(coroutine) for coroutine in beside]
        await self._caller.insist(request)
        if side_shows:
            await asyncio.wait(side_shows)

    def _request(self, random: Random, name: str) -> messages.ChargeRequest | messages.PayRequest:
        amount = _rupiah(1 + random.randrange(_AMOUNT_MAX_RUPIAH))
        if self._bindings and random.random() < _SHARE_OF_PAYS:
            return messages.PayRequest(
                request_id=name,
                order_id=f"order-{name}",
                binding_id=random.choice(self._bindings),
                amount=amount,
                merchant_initiated=True,
            )
        phone_number = f"62811{random.randrange(10**7):07d}"
        if random.random() < _SHARE_OF_MOODS:
            phone_number = random.choice(_MOODS)
        return messages.ChargeRequest(
            request_id=name, order_id=f"order-{name}", phone_number=phone_number, amount=amount
        )


def _rupiah(units: int) -> money_pb2.Money:
    return money_pb2.Money(currency_code="IDR", units=units)


def _with(request: Request, request_id: str) -> Request:
    again = type(request).FromString(request.SerializeToString())
    again.request_id = request_id
    return again


def _dearer(request: Request) -> Request:
    dearer = type(request).FromString(request.SerializeToString())
    dearer.amount.units += 1
    return dearer
