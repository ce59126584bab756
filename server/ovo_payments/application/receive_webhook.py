"""Receives webhooks: verified, stored, acknowledged; worked on afterwards."""

from collections.abc import Callable

import structlog

from ovo_payments.application.providers import Providers
from ovo_payments.domain.ports import Clock, Identifiers, InboxEntry, Store
from ovo_payments.domain.provider import (
    InboundAnswer,
    InboundRequest,
    Provider,
    WebhookKind,
    WebhookRefusedError,
)

_log = structlog.get_logger(__name__)


class ReceiveWebhook:
    """Takes what providers send by themselves."""

    def __init__(
        self,
        *,
        store: Store,
        providers: Providers,
        clock: Clock,
        identifiers: Identifiers,
        wake_inbox: Callable[[], None],
    ) -> None:
        """Stores in `store`'s inbox and calls `wake_inbox` after each commit."""
        self._store = store
        self._clock = clock
        self._identifiers = identifiers
        self._wake_inbox = wake_inbox
        self._kinds: dict[str, tuple[Provider, WebhookKind]] = {
            path: (provider, kind)
            for provider in providers
            for path, kind in provider.webhooks.paths.items()
        }
        self._repliers: dict[str, Provider] = {
            path: provider for provider in providers for path in provider.webhooks.reply_paths
        }

    @property
    def paths(self) -> frozenset[str]:
        """The paths on which providers notify."""
        return frozenset(self._kinds)

    @property
    def reply_paths(self) -> frozenset[str]:
        """The paths on which providers ask something that is answered at once."""
        return frozenset(self._repliers)

    async def __call__(self, path: str, request: InboundRequest) -> InboundAnswer:
        """Verifies a webhook and stores it; acknowledges only what is durable.

        Every webhook that is not authentic gets the provider's one refusal and changes
        nothing. Raises StoreUnavailableError where it can't be stored.
        """
        provider, kind = self._kinds[path]
        try:
            provider.webhooks.verify(kind, request)
        except WebhookRefusedError as refused:
            _log.warning("webhook.refused", provider=provider.spec.name, cause=refused.cause)
            return provider.webhooks.refuse(kind)
        now = self._clock.now()
        await self._store.append_webhook(
            InboxEntry(
                inbox_id=f"inb{self._identifiers.lease()}",
                provider=provider.spec.name,
                kind=kind.value,
                target=request.target,
                # Headers carry signatures and tokens and have served their purpose.
                headers={},
                body=request.body,
                receive_time=now,
                next_attempt_time=now,
            )
        )
        self._wake_inbox()
        return provider.webhooks.acknowledge(kind)

    def refuse(self, path: str) -> InboundAnswer:
        """The answer to a webhook that can't even be read: too big, too slow."""
        provider, kind = self._kinds[path]
        return provider.webhooks.refuse(kind)

    async def reply(self, path: str, request: InboundRequest) -> InboundAnswer:
        """Answers a provider's question, refusals included."""
        return self._repliers[path].webhooks.reply(request, self._clock.now())
