"""Sends the sandbox's own HTTP requests: notifications, and DOKU's token calls to the merchant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import aiohttp


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingRequest:
    """Is one POST, as it goes over the wire."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingAnswer:
    """Is what the merchant answered; header names are in lower case."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class SendFailed(Exception):
    """Tells in one word or two why no answer came: `timeout`, `refused`, ...."""

    def __init__(self, reason: str) -> None:
        """Takes the reason as the webhook log shows it."""
        super().__init__(reason)
        self.reason = reason


class HttpSender(Protocol):
    """Sends requests; a simulation puts its own in the place of the real one."""

    async def send(self, request: OutgoingRequest, *, timeout_s: float) -> OutgoingAnswer:
        """Returns the answer, redirects not followed, or raises SendFailed."""

    async def close(self) -> None:
        """Gives connections back."""


class AiohttpSender:
    """Sends over real sockets."""

    def __init__(self) -> None:
        """Waits with the session until a loop runs."""
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: OutgoingRequest, *, timeout_s: float) -> OutgoingAnswer:
        """Sends one POST within the time given for all of it."""
        if self._session is None:
            # A connection for each request: a kept one may have died with the merchant's last
            # process, and its failure would look like a refusal.
            connector = aiohttp.TCPConnector(force_close=True)
            self._session = aiohttp.ClientSession(connector=connector)
        try:
            async with self._session.post(
                request.url,
                data=request.body,
                headers=request.headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=timeout_s),
            ) as response:
                return OutgoingAnswer(
                    status=response.status,
                    body=await response.read(),
                    headers={name.lower(): value for name, value in response.headers.items()},
                )
        except TimeoutError as error:
            raise SendFailed("timeout") from error
        except aiohttp.InvalidURL as error:
            raise SendFailed("invalid url") from error
        except aiohttp.ClientConnectorError as error:
            raise SendFailed("no connection") from error
        except (aiohttp.ClientError, OSError) as error:
            raise SendFailed(type(error).__name__) from error

    async def close(self) -> None:
        """Closes the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None
