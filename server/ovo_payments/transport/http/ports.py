"""What this transport needs of the application; `application.receive_webhook` has it."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeAlias

from ovo_payments.domain.provider import InboundAnswer, InboundRequest

Check: TypeAlias = Callable[[], Awaitable[None]]
"""Raises where a part of the service can't do its work."""


class WebhookReceiver(Protocol):
    """Takes what providers send by themselves."""

    @property
    def paths(self) -> frozenset[str]:
        """The paths on which providers notify."""

    @property
    def reply_paths(self) -> frozenset[str]:
        """The paths on which providers ask something that is answered at once."""

    async def __call__(self, path: str, request: InboundRequest, /) -> InboundAnswer:
        """Stores a webhook, or refuses it; raises StoreUnavailableError."""

    def refuse(self, path: str, /) -> InboundAnswer:
        """The answer to every webhook on a path that is not authentic."""

    async def reply(self, path: str, request: InboundRequest, /) -> InboundAnswer:
        """Answers a question, refusals included."""
