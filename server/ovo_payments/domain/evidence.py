"""Why a state is what it is: one stored row for each thing that was learnt."""

from dataclasses import dataclass
from datetime import datetime

from ovo_payments.domain.update import Claim, PaymentUpdate, RefundUpdate, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing that was learnt of a payment or of its refund."""

    payment_id: str
    refund_id: str
    observe_time: datetime
    source: Source
    claim: Claim
    provider_code: str
    detail: str
    version: int
    """The payment's version once this was taken in."""

    @classmethod
    def of(
        cls,
        update: PaymentUpdate | RefundUpdate,
        *,
        payment_id: str,
        version: int,
        now: datetime,
        note: str = "",
    ) -> "Evidence":
        """Makes the row for an update; `note` tells what was made of it."""
        return cls(
            payment_id=payment_id,
            refund_id=update.refund_id if isinstance(update, RefundUpdate) else "",
            observe_time=now,
            source=update.source,
            claim=update.claim,
            provider_code=update.provider_code,
            detail="; ".join(part for part in (update.detail, note) if part),
            version=version,
        )
