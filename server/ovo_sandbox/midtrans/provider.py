"""Puts Midtrans' stand-in together."""

from collections.abc import Sequence
from typing import Final

from starlette.routing import BaseRoute

from ovo_sandbox.midtrans.api import MidtransApi
from ovo_sandbox.midtrans.app_page import AppPage
from ovo_sandbox.midtrans.bodies import Bodies
from ovo_sandbox.midtrans.magic import SCENARIOS
from ovo_sandbox.midtrans.notifications import MidtransNotifications
from ovo_sandbox.midtrans.switches import PROVIDER, SWITCHES
from ovo_sandbox.midtrans.transactions import Transactions
from ovo_sandbox.phone import local_phone
from ovo_sandbox.sandbox import Console, Sandbox

_EXAMPLE: Final = """\
curl {url}/v2/charge \\
  -u "$MIDTRANS_SERVER_KEY:" -d '{{
  "payment_type": "ovo",
  "transaction_details": {{
    "order_id": "kopi-1", "gross_amount": 15000}},
  "ovo": {{"payer_phone_number": "081111111111"}}}}'"""


class Midtrans:
    """Is Midtrans, as a Provider of the sandbox."""

    name = PROVIDER

    def __init__(self, sandbox: Sandbox) -> None:
        """Declares the switches and registers the notifications."""
        sandbox.switches.declare(SWITCHES)
        config = sandbox.config
        bodies = Bodies(
            server_key=config.midtrans_server_key,
            merchant_id=config.midtrans_merchant_id,
            switches=sandbox.switches,
        )
        sandbox.delivery.register(MidtransNotifications(bodies, sandbox.switches, sandbox.random))
        self._sandbox = sandbox
        self._transactions = Transactions(sandbox, bodies)
        self._api = MidtransApi(sandbox, self._transactions, bodies)
        self._page = AppPage(sandbox, self._transactions)

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """The API's paths, and the OVO app page."""
        return [*self._api.routes(), *self._page.routes()]

    async def start(self) -> None:
        """Takes up the payments that an earlier run left open."""
        self._transactions.restore()

    def reset(self) -> None:
        """Forgets what the API holds in memory."""
        self._api.reset()

    def console(self) -> Console:
        """Tells what the index page shows."""
        config = self._sandbox.config
        return Console(
            title="Midtrans",
            summary="Core API with payment_type “ovo”: each charge is a push to the payer's phone.",
            settings=(
                ("Base URL", config.public_url),
                ("Merchant id", config.midtrans_merchant_id),
                ("Notifies", config.midtrans_notification_url or "nobody"),
            ),
            example=_EXAMPLE.format(url=config.public_url),
            pages=(("OVO app", "/app"),),
            magic=tuple(
                (local_phone(phone), scenario.summary) for phone, scenario in SCENARIOS.items()
            ),
            counts=(
                ("transactions", self._transactions.book.count()),
                ("open pushes", len(self._transactions.open_pushes())),
            ),
        )


def create(sandbox: Sandbox) -> Midtrans:
    """Makes Midtrans' stand-in for a sandbox."""
    return Midtrans(sandbox)
