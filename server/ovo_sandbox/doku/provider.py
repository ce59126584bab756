"""Puts DOKU's stand-in together."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from ovo_sandbox.doku.binding_page import BindingPages
from ovo_sandbox.doku.bindings import Bindings
from ovo_sandbox.doku.control import ACCOUNTS_PAGE, DokuControl
from ovo_sandbox.doku.gate import Gate
from ovo_sandbox.doku.magic import MAGIC_NUMBERS
from ovo_sandbox.doku.notifications import DokuNotifications
from ovo_sandbox.doku.operations import Operations
from ovo_sandbox.doku.payment_page import PaymentPages
from ovo_sandbox.doku.payments import Payments
from ovo_sandbox.doku.repeats import Repeats
from ovo_sandbox.doku.scope import Scopes
from ovo_sandbox.doku.switches import PROVIDER, Choices
from ovo_sandbox.doku.token_api import TokenApi
from ovo_sandbox.doku.tokens import Tokens
from ovo_sandbox.phone import local_phone
from ovo_sandbox.sandbox import Console, Sandbox

_STYLE_SHEET: Final = Path(__file__).parent / "hosted.css"


class Doku:
    """Is DOKU SNAP as far as OVO goes."""

    name = PROVIDER

    def __init__(self, context: Sandbox) -> None:
        """Builds the parts on one context."""
        choices = Choices(context.switches)
        context.delivery.register(DokuNotifications(context, choices))
        tokens = Tokens(context, choices)
        self.bindings = Bindings(context, choices, tokens)
        self.payments = Payments(context, choices)
        repeats = Repeats(context, choices)
        scopes = Scopes(self.bindings, self.payments.book, tokens)
        gate = Gate(context, choices, tokens, repeats, scopes)
        operations = Operations(
            context, choices, bindings=self.bindings, payments=self.payments, repeats=repeats
        )
        token_api = TokenApi(context, choices, tokens=tokens, bindings=self.bindings, scopes=scopes)
        self._context = context
        self.routes: Sequence[BaseRoute] = [
            *token_api.routes(),
            *(gate.route(operation) for operation in operations.all()),
            *BindingPages(context, self.bindings).routes(),
            *PaymentPages(context, choices, self.payments).routes(),
            *DokuControl(context, self.bindings, self.payments).routes(),
            Route("/doku/hosted.css", _style_sheet, methods=["GET"]),
        ]

    async def start(self) -> None:
        """Sets the timers of what is still open."""
        self.bindings.start()
        self.payments.start()

    def reset(self) -> None:
        """Forgets nothing: all state is in the store."""

    def console(self) -> Console:
        """Tells what the index page shows."""
        config, bindings = self._context.config, self.bindings.all()
        return Console(
            title="DOKU SNAP",
            summary="Links OVO accounts, and debits them with or without the customer present.",
            settings=(
                ("Base URL", config.public_url),
                ("Client ID", config.doku_client_id),
                ("Payment notifications", config.doku_payment_notification_url or "off"),
                ("Binding notifications", config.doku_binding_notification_url or "off"),
            ),
            pages=(("Linked accounts", ACCOUNTS_PAGE),),
            magic=tuple(
                (local_phone(number), magic.meaning) for number, magic in MAGIC_NUMBERS.items()
            ),
            counts=(
                ("bindings", len(bindings)),
                ("linked accounts", sum(binding.state == "SUCCESS" for binding in bindings)),
                ("payments", self._context.store.count("doku.payment")),
            ),
        )


def create(context: Sandbox) -> Doku:
    """Makes the stand-in; see `sandbox.py` for what that takes."""
    return Doku(context)


async def _style_sheet(_: Request) -> Response:
    return FileResponse(_STYLE_SHEET, media_type="text/css")
