"""How far one request got, and until when it may stay there."""

import asyncio
from typing import Final

from ovo_payments.providers.http.outcome import Phase, Timeouts

EXTENSION: Final = "ovo_payments.journey"
"""Where a request carries its journey, in httpx's extensions."""


class Journey:
    """The phase of one request; each phase sets the timer anew, within the deadline of all."""

    __slots__ = ("_deadline", "_loop", "_timeouts", "phase", "timer")

    def __init__(self, timeouts: Timeouts, deadline: float) -> None:
        self.phase = Phase.QUEUE
        self._loop = asyncio.get_running_loop()
        self._timeouts = timeouts
        self._deadline = deadline
        self.timer = asyncio.timeout_at(min(self._loop.time() + timeouts.queue_s, deadline))
        """Bounds whatever runs within it by the times of the phases."""

    def enter(self, phase: Phase) -> None:
        """Notes that a phase begins, before anything of it is done."""
        self.phase = phase
        self.go_on()

    def go_on(self) -> None:
        """Gives the phase its full time again, because there was progress."""
        if not self.timer.expired():
            end = min(self._loop.time() + self._phase_s(), self._deadline)
            self.timer.reschedule(end)

    def _phase_s(self) -> float:
        match self.phase:
            case Phase.QUEUE:
                return self._timeouts.queue_s
            case Phase.RESOLVE | Phase.CONNECT | Phase.TLS:
                return self._timeouts.connect_s
            case Phase.WRITE:
                return self._timeouts.write_s
            case Phase.READ:
                return self._timeouts.read_s
