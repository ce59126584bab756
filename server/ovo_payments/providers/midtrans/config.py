"""What the Midtrans adapter must be told. Nothing here reads the environment."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ovo_payments.domain.secret import Secret
from ovo_payments.providers.http import Timeouts

PRODUCTION_URL: Final = "https://api.midtrans.com"


class RefundConfirmation(StrEnum):
    """When a refund counts as done.

    Midtrans notifies twice: when it approves, and when the bank has confirmed
    (docs.midtrans.com/reference/refund-transaction, updated 2026-04-01).
    """

    BANK = "bank"
    """Once `bank_confirmed_at` is told."""
    APPROVED = "approved"
    """At once, for merchants whose refunds are never seen confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MidtransConfig:
    """A merchant at Midtrans, and how its calls are made."""

    server_key: Secret
    previous_server_key: Secret | None = None
    """What notifications may still be signed with, while the key is being replaced."""
    base_url: str = PRODUCTION_URL
    merchant_id: str = ""
    """Where given, an answer about another merchant is no answer to us."""
    refund_confirmation: RefundConfirmation = RefundConfirmation.BANK
    not_found_is_final: bool = True
    """Whether repeated 404s of the status query prove that no money moved."""
    push_window_s: float = 65.0
    """How long an order lives where its answer, and with it `expiry_time`, was lost."""
    settling_s: float = 100.0
    """For how long after the end of an order a 404 says nothing."""
    mutate_timeouts: Timeouts = Timeouts(read_s=25.0, total_s=30.0)
    query_timeouts: Timeouts = Timeouts(read_s=8.0, total_s=20.0)

    @property
    def inbound_keys(self) -> tuple[Secret, ...]:
        """What notifications may be signed with."""
        previous = self.previous_server_key
        return (self.server_key,) if previous is None else (self.server_key, previous)
