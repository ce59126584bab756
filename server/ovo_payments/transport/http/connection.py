"""HTTP connections, with the bounds that uvicorn does not have."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState


@dataclass(kw_only=True)
class Places:
    """Connections at once, of which one that waits gives way to one that comes."""

    connections_max: int
    taken: set["BoundedConnection"] = field(default_factory=set)
    waiting: dict["BoundedConnection", None] = field(default_factory=dict)
    """Those without a whole head, who waits longest first."""

    def enter(self, connection: "BoundedConnection") -> None:
        """Takes a place, if need be another's; without any, closes the connection."""
        if len(self.taken) >= self.connections_max:
            given_up = next(iter(self.waiting), connection)
            given_up.transport.close()
            self.leave(given_up)
            if given_up is connection:
                return
        self.taken.add(connection)

    def leave(self, connection: "BoundedConnection") -> None:
        """Gives the place up."""
        self.taken.discard(connection)
        self.waiting.pop(connection, None)


class BoundedConnection(H11Protocol):
    """Closes on who does not finish a request's head in time, or is answered before its body.

    uvicorn's own timer covers only connections that are silent after an answer: one byte now
    and then would keep a connection for ever, and so would a body that nobody reads.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        head_timeout_s: float,
        places: Places,
    ) -> None:
        """As uvicorn makes it, but for the time that a head may take, and for places."""
        super().__init__(config, server_state, app_state, _loop)
        self._head_timeout_s = head_timeout_s
        self._places = places
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Starts to wait for a head."""
        super().connection_made(transport)
        self._places.enter(self)
        if not transport.is_closing():
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits for nothing any more."""
        self._stop_timer()
        self._places.leave(self)
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Stops the timer once a head is there."""
        super().handle_events()
        if self.conn.their_state is not h11.IDLE:
            self._stop_timer()

    def on_response_complete(self) -> None:
        """Closes where the body is still coming, else waits for the next head."""
        if self.conn.their_state is h11.SEND_BODY and not self.transport.is_closing():
            self.transport.close()
        super().on_response_complete()
        if self.conn.their_state is h11.IDLE:
            self._await_head()

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self._head_timeout_s, self._give_up)
            self._places.waiting[self] = None

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
            self._places.waiting.pop(self, None)

    def _give_up(self) -> None:
        self._head_timer = None
        self.transport.close()
