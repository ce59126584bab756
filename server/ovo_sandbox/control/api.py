"""Lets a tester look into the sandbox and change it: everything under /sandbox/."""

from collections.abc import Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from ovo_sandbox.control.changes import move_clock, reset
from ovo_sandbox.control.reading import (
    Handler,
    body_of,
    changed_account,
    not_found,
    phone_in,
    query_number,
    telling_errors,
)
from ovo_sandbox.faults import KINDS, InvalidFault
from ovo_sandbox.forms import BadField, read_json_object
from ovo_sandbox.sandbox import Provider, Sandbox
from ovo_sandbox.switches import InvalidSwitchValue, Switch, UnknownSwitch

# A hundred years: what lies beyond is a slip, and overflows dates.
_ADVANCE_MAX_S: Final = 3_155_760_000


class Control:
    """Answers the control API."""

    def __init__(self, sandbox: Sandbox, providers: Sequence[Provider]) -> None:
        """Controls one sandbox and its providers."""
        self._sandbox = sandbox
        self._providers = providers

    def routes(self) -> list[Route]:
        """Lists the paths."""
        paths: list[tuple[str, str, Handler]] = [
            ("GET", "/health", self.health),
            ("GET", "/state", self.state),
            ("POST", "/reset", self.reset),
            ("GET", "/ledger", self.ledger),
            ("GET", "/clock", self.clock),
            ("POST", "/clock", self.move_clock),
            ("GET", "/faults", self.faults),
            ("POST", "/faults", self.arm_fault),
            ("DELETE", "/faults", self.disarm_faults),
            ("DELETE", "/faults/{fault_id}", self.disarm_fault),
            ("GET", "/switches", self.switches),
            ("PATCH", "/switches", self.set_switches),
            ("GET", "/accounts", self.accounts),
            ("GET", "/accounts/{phone}", self.account),
            ("PATCH", "/accounts/{phone}", self.change_account),
            ("GET", "/webhooks", self.webhooks),
            ("GET", "/webhooks/{notification_id}", self.webhook),
            ("POST", "/webhooks/{notification_id}/resend", self.resend_webhook),
        ]
        return [
            Route(f"/sandbox{path}", telling_errors(handler), methods=[method])
            for method, path, handler in paths
        ]

    async def health(self, _: Request) -> JSONResponse:
        """Says that the sandbox runs."""
        return JSONResponse({"status": "serving"})

    async def state(self, _: Request) -> JSONResponse:
        """Sums the sandbox up."""
        sandbox = self._sandbox
        return JSONResponse(
            {
                "providers": {
                    provider.name: dict(provider.console().counts) for provider in self._providers
                },
                "clock": self._clock(),
                "faults_armed": len(sandbox.faults.armed()),
                "timers": [
                    {"name": timer.name, "at": timer.when.isoformat()}
                    for timer in sandbox.scheduler.timers()[:100]
                ],
            }
        )

    async def reset(self, _: Request) -> JSONResponse:
        """Makes the sandbox as new."""
        reset(self._sandbox, self._providers)
        return JSONResponse({"status": "reset"})

    async def ledger(self, request: Request) -> JSONResponse:
        """Lists the money that moved, by provider, reference, after (an entry id) and limit."""
        query = request.query_params
        entries = self._sandbox.ledger.entries(
            provider=query.get("provider"),
            reference=query.get("reference"),
            after=query_number(request, "after") or 0,
            limit=query_number(request, "limit"),
        )
        return JSONResponse({"entries": [entry.as_json() for entry in entries]})

    async def clock(self, _: Request) -> JSONResponse:
        """Tells the time."""
        return JSONResponse(self._clock())

    async def move_clock(self, request: Request) -> JSONResponse:
        """Moves the time by {"advance_s": …} or {"reset": true}.

        It answers when what became due has begun.
        """
        body = await body_of(request, {"advance_s", "reset"})
        if body.get("reset") is True and "advance_s" not in body:
            move_clock(self._sandbox, None)
        elif "advance_s" in body and "reset" not in body:
            seconds = body["advance_s"]
            if isinstance(seconds, bool) or not isinstance(seconds, int | float):
                raise BadField("advance_s", "must be a number of seconds")
            offset_s = self._sandbox.clock.offset.total_seconds()
            if not abs(offset_s + seconds) <= _ADVANCE_MAX_S:
                raise BadField("advance_s", "must stay within a hundred years")
            move_clock(self._sandbox, seconds)
        else:
            raise BadField("advance_s", 'must be given, or "reset": true instead')
        await self._sandbox.scheduler.run_due()
        return JSONResponse(self._clock())

    async def faults(self, _: Request) -> JSONResponse:
        """Lists the armed faults, and all kinds there are."""
        return JSONResponse(
            {
                "armed": [fault.as_json() for fault in self._sandbox.faults.armed()],
                "kinds": [
                    {"name": kind.name, "stage": kind.stage.value, "summary": kind.summary}
                    for kind in KINDS.values()
                ],
            }
        )

    async def arm_fault(self, request: Request) -> JSONResponse:
        """Arms a fault: name, and optionally provider, operation, reference, phone, count, ...."""
        try:
            fault = self._sandbox.faults.arm(await read_json_object(request))
        except InvalidFault as error:
            raise BadField(error.field, error.reason) from error
        return JSONResponse(fault.as_json(), status_code=201)

    async def disarm_faults(self, _: Request) -> JSONResponse:
        """Disarms all faults."""
        self._sandbox.faults.clear()
        return JSONResponse({"armed": []})

    async def disarm_fault(self, request: Request) -> JSONResponse:
        """Disarms one fault."""
        fault_id = request.path_params["fault_id"]
        if not self._sandbox.faults.disarm(fault_id):
            return not_found("fault_id", fault_id)
        return JSONResponse({"disarmed": fault_id})

    async def switches(self, _: Request) -> JSONResponse:
        """Lists the switches and what they stand at."""
        switches = self._sandbox.switches
        return JSONResponse({"switches": [self._switch(switch) for switch in switches.declared()]})

    async def set_switches(self, request: Request) -> JSONResponse:
        """Sets switches by name, all or none."""
        body = await read_json_object(request)
        for name, value in body.items():
            try:
                self._sandbox.switches.check(name, value)
            except UnknownSwitch as error:
                reason = "is no switch; GET /sandbox/switches lists them"
                raise BadField(name, reason) from error
            except InvalidSwitchValue as error:
                raise BadField(name, str(error)) from error
        for name, value in body.items():
            self._sandbox.switches.set(name, value)
        return await self.switches(request)

    async def accounts(self, _: Request) -> JSONResponse:
        """Lists the accounts that moved money or were changed."""
        accounts = self._sandbox.wallet.accounts()
        return JSONResponse({"accounts": [account.as_json() for account in accounts]})

    async def account(self, request: Request) -> JSONResponse:
        """Shows one account."""
        return JSONResponse(self._sandbox.wallet.account(phone_in(request)).as_json())

    async def change_account(self, request: Request) -> JSONResponse:
        """Changes one account's fields."""
        account = self._sandbox.wallet.account(phone_in(request))
        body = await read_json_object(request)
        for field, value in body.items():
            account = changed_account(account, field, value)
        self._sandbox.wallet.save(account)
        return JSONResponse(account.as_json())

    async def webhooks(self, request: Request) -> JSONResponse:
        """Lists the notifications and their attempts, filtered by reference."""
        notifications = self._sandbox.delivery.log(reference=request.query_params.get("reference"))
        return JSONResponse({"webhooks": [n.as_json() for n in notifications]})

    async def webhook(self, request: Request) -> JSONResponse:
        """Shows one notification."""
        notification_id = request.path_params["notification_id"]
        notification = self._sandbox.delivery.find(notification_id)
        if notification is None:
            return not_found("notification_id", notification_id)
        return JSONResponse(notification.as_json())

    async def resend_webhook(self, request: Request) -> JSONResponse:
        """Sends a notification once more, now, and answers with what came of it."""
        notification_id = request.path_params["notification_id"]
        try:
            notification = await self._sandbox.delivery.resend(notification_id)
        except KeyError:
            return not_found("notification_id", notification_id)
        return JSONResponse(notification.as_json())

    def _clock(self) -> dict[str, Any]:
        clock = self._sandbox.clock
        return {"now": clock.now().isoformat(), "offset_s": clock.offset.total_seconds()}

    def _switch(self, switch: Switch) -> dict[str, Any]:
        return {
            "name": switch.name,
            "provider": switch.provider,
            "value": self._sandbox.switches.value(switch.name),
            "default": switch.default,
            "choices": list(switch.choices),
            "summary": switch.summary,
        }
