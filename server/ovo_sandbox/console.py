"""Shows the index page: what the sandbox is, what happened, and the knobs."""

from collections.abc import Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ovo_sandbox.control import move_clock
from ovo_sandbox.faults import KINDS, InvalidFault
from ovo_sandbox.forms import read_form
from ovo_sandbox.sandbox import Provider, Sandbox
from ovo_sandbox.switches import InvalidSwitchValue, Switch, SwitchValue, UnknownSwitch

_NEWEST: Final = 12
_STEPS: Final = ((10, "+10 s"), (65, "+65 s"), (300, "+5 min"), (3600, "+1 h"), (86400, "+1 day"))


class ConsolePage:
    """Serves / and the forms on it; scripts use the control API instead."""

    def __init__(self, sandbox: Sandbox, providers: Sequence[Provider]) -> None:
        """Shows one sandbox and its providers."""
        self._sandbox = sandbox
        self._providers = providers

    def routes(self) -> list[Route]:
        """Lists the paths."""
        return [
            Route("/", self.show, methods=["GET"]),
            Route("/console/clock", self.move_clock, methods=["POST"]),
            Route("/console/switch", self.set_switch, methods=["POST"]),
            Route("/console/fault", self.arm_fault, methods=["POST"]),
            Route("/console/disarm", self.disarm_faults, methods=["POST"]),
        ]

    async def show(self, _: Request) -> Response:
        """Renders the page."""
        return self._page()

    async def move_clock(self, request: Request) -> Response:
        """Moves the clock by one of the buttons."""
        step = (await read_form(request)).get("advance_s", "")
        if step == "reset":
            move_clock(self._sandbox, None)
        elif step in {str(seconds) for seconds, _ in _STEPS}:
            move_clock(self._sandbox, float(step))
        await self._sandbox.scheduler.run_due()
        return _back("clock")

    async def set_switch(self, request: Request) -> Response:
        """Sets one switch."""
        form = await read_form(request)
        name, text = form.get("name", ""), form.get("value", "")
        try:
            default = next(s.default for s in self._sandbox.switches.declared() if s.name == name)
            self._sandbox.switches.set(name, _typed(text, default))
        except (StopIteration, UnknownSwitch):
            return self._page(complaint=f"There is no switch {name}.", status_code=400)
        except InvalidSwitchValue as error:
            return self._page(complaint=f"{name} {error}.", status_code=400)
        return _back(f"switch-{name}")

    async def arm_fault(self, request: Request) -> Response:
        """Arms a fault with its defaults, for one provider or all."""
        form = await read_form(request)
        wanted: dict[str, Any] = {"name": form.get("name"), "count": 1}
        wanted |= {name: form[name] for name in ("provider", "reference") if form.get(name)}
        try:
            self._sandbox.faults.arm(wanted)
        except InvalidFault as error:
            return self._page(complaint=f"{error}.", status_code=400)
        return _back("faults")

    async def disarm_faults(self, _: Request) -> Response:
        """Disarms all faults."""
        self._sandbox.faults.clear()
        return _back("faults")

    def _page(self, *, complaint: str | None = None, status_code: int = 200) -> Response:
        sandbox = self._sandbox
        return sandbox.pages.page(
            "console.html",
            status_code=status_code,
            complaint=complaint,
            url=sandbox.config.public_url,
            consoles=[provider.console() for provider in self._providers],
            provider_names=[provider.name for provider in self._providers],
            now=sandbox.clock.now(),
            offset_s=int(sandbox.clock.offset.total_seconds()),
            steps=_STEPS,
            entries=sandbox.ledger.newest(_NEWEST),
            notifications=sandbox.delivery.log(newest=_NEWEST),
            kinds=list(KINDS.values()),
            armed=sandbox.faults.armed(),
            switches=[self._switch(switch) for switch in sandbox.switches.declared()],
        )

    def _switch(self, switch: Switch) -> dict[str, Any]:
        value = sandbox_value = self._sandbox.switches.value(switch.name)
        choices = switch.choices
        if isinstance(sandbox_value, bool):
            value, choices = "on" if sandbox_value else "off", ("on", "off")
        return {
            "name": switch.name,
            "provider": switch.provider,
            "summary": switch.summary,
            "value": value,
            "choices": choices,
            "is_changed": sandbox_value != switch.default,
        }


def _back(anchor: str) -> Response:
    return RedirectResponse(f"/#{anchor}", status_code=303)


def _typed(text: str, default: SwitchValue) -> SwitchValue:
    """Reads a form's text in the type of the switch; what does not fit is refused by the switch."""
    if isinstance(default, bool):
        return {"on": True, "off": False}.get(text, text)
    if isinstance(default, str):
        return text
    try:
        return int(text) if isinstance(default, int) else float(text)
    except ValueError:
        return text
