"""Says what a provider's module tells the delivery engine."""

from enum import StrEnum
from typing import Protocol

from ovo_sandbox.delivery.notification import Attempt, Notification
from ovo_sandbox.outgoing import OutgoingRequest


class Tampering(StrEnum):
    """Says how a fault wants a copy of a notification to be wrong."""

    FORGED = "forged"
    WRONG_AMOUNT = "wrong_amount"


class NotificationSource(Protocol):
    """Writes one provider's notifications and knows its schedule.

    An attempt calls `write` and then sends; after it, `retry_in` says when to try again.
    """

    @property
    def provider(self) -> str:
        """The provider's name."""

    @property
    def attempt_timeout_s(self) -> float:
        """How long one attempt may take."""

    @property
    def redirects_max(self) -> int:
        """How many 307 and 308 redirects an attempt follows."""

    async def write(self, notification: Notification) -> OutgoingRequest:
        """Makes one attempt's request, wrong in the way that `notification.tampering` asks for.

        Raises SendFailed where the request cannot be made (DOKU gets no token): the attempt
        counts as failed.
        """

    def retry_in(self, notification: Notification, attempt: Attempt) -> float | None:
        """Tells in how many sandbox seconds to try again after a failed attempt, or None for never.

        `notification.attempts` includes this attempt.
        """
