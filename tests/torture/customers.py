"""The providers' customers: they finish pages by posting forms, refuse, or never come."""

import asyncio
from random import Random
from urllib.parse import urlencode, urlsplit

from ovo_sandbox.doku.binding_page import BindingPages
from ovo_sandbox.doku.payment_page import PaymentPages
from ovo_sandbox.doku.provider import Doku
from tests.torture.network import Message, http_scope
from tests.torture.service import set_once
from tests.torture.world import World

_OTP, _PIN = "111111", "123456"


class Customers:
    """Whoever holds the phones."""

    def __init__(self, world: World, random: Random) -> None:
        self._world = world
        self._random = random
        found = [made for made in world.app.providers if isinstance(made, Doku)]
        self._doku = found[0]

    async def link(self, redirect_url: str) -> None:
        """Goes through the linking page to its end."""
        await asyncio.sleep(1 + 5 * self._random.random())
        for step, entry in (("review", ""), ("otp", _OTP), ("pin", _PIN)):
            await self._post(redirect_url, step=step, entry=entry)
            await asyncio.sleep(self._random.random())

    async def answer_payment(self, redirect_url: str) -> None:
        """Approves a payment on its page, refuses it, or never comes."""
        await asyncio.sleep(1 + 10 * self._random.random())
        mood = self._random.random()
        if mood < 0.15:
            return
        if mood < 0.3:
            await self._post(redirect_url, action="cancel")
            return
        for step, entry in (("review", ""), ("pin", _PIN)):
            await self._post(redirect_url, step=step, entry=entry)
            await asyncio.sleep(self._random.random())

    async def _post(self, url: str, **form: str) -> None:
        path = urlsplit(url).path
        node = self._world.provider_node
        if not node.alive:
            return
        token = self._form_token(path)
        body = urlencode({**form, "form_token": token}).encode()
        done: asyncio.Future[None] = self._world.loop.create_future()
        node.on_death.append(set_once(done))
        node.spawn(self._posted(path, body, done))
        await done

    async def _posted(self, path: str, body: bytes, done: "asyncio.Future[None]") -> None:
        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(_: Message) -> None:
            return

        headers = [(b"content-type", b"application/x-www-form-urlencoded")]
        await self._world.app.router(http_scope("POST", path.encode(), headers, {}), receive, send)
        set_once(done)()

    def _form_token(self, path: str) -> str:
        """Reads what the page's form would bring along."""
        code = path.rpartition("/")[2]
        if path.startswith(BindingPages.path):
            binding = self._doku.bindings.find(code)
            return binding.form_token if binding else ""
        assert path.startswith(PaymentPages.path)
        payment = self._doku.payments.book.find_by_page(code)
        return payment.form_token if payment else ""
