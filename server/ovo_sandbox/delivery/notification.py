"""Describes a notification and its attempts, as the store keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

# `held` waits for another notification, `dropped` a fault lost, `abandoned` ran out of tries.
State = Literal["waiting", "held", "delivered", "abandoned", "dropped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Is one try and what came of it: an HTTP status, or the reason why there was none."""

    at: datetime
    status: int | None = None
    failure: str | None = None
    url: str | None = None

    @property
    def accepted(self) -> bool:
        """Tells whether the merchant answered 2xx."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004

    def as_json(self) -> dict[str, Any]:
        """Returns the attempt as the log shows it."""
        return {
            "at": self.at.isoformat(),
            "status": self.status,
            "failure": self.failure,
            "url": self.url,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """Is one message to one address; `payload` is whatever the provider needs to write it anew."""

    notification_id: str
    provider: str
    event: str
    reference: str
    phone: str
    url: str
    payload: Mapping[str, Any]
    created_at: datetime
    state: State = "waiting"
    next_attempt_at: datetime | None = None
    tampering: str | None = None
    attempts: tuple[Attempt, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Returns the notification as the store and the log hold it."""
        next_at = self.next_attempt_at
        return {
            "notification_id": self.notification_id,
            "provider": self.provider,
            "event": self.event,
            "reference": self.reference,
            "phone": self.phone,
            "url": self.url,
            "payload": dict(self.payload),
            "created_at": self.created_at.isoformat(),
            "state": self.state,
            "next_attempt_at": None if next_at is None else next_at.isoformat(),
            "tampering": self.tampering,
            "attempts": [attempt.as_json() for attempt in self.attempts],
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Notification":
        """Reads what `as_json` wrote."""
        next_at = document["next_attempt_at"]
        attempts = (
            Attempt(**(attempt | {"at": datetime.fromisoformat(attempt["at"])}))
            for attempt in document["attempts"]
        )
        return cls(
            **{
                **document,
                "created_at": datetime.fromisoformat(document["created_at"]),
                "next_attempt_at": None if next_at is None else datetime.fromisoformat(next_at),
                "attempts": tuple(attempts),
            }
        )
