"""Who is told of what happens, to count it."""

from typing import Protocol

from ovo_payments.domain.payment import Payment
from ovo_payments.domain.ports import InboxEntry


class Observer(Protocol):
    """Counts; it must not raise, and decides nothing."""

    def payment_changed(self, before: Payment, after: Payment) -> None:
        """Takes note of a new version, once it is stored."""

    def webhook_settled(self, entry: InboxEntry) -> None:
        """Takes note of what was made of a webhook, once that is stored."""


class Nobody:
    """Counts nothing."""

    def payment_changed(self, before: Payment, after: Payment) -> None:
        """Takes no note."""

    def webhook_settled(self, entry: InboxEntry) -> None:
        """Takes no note."""
