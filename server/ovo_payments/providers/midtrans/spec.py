"""What Midtrans is, as far as the rest of the service must know."""

from typing import Final

from ovo_payments.domain.money import Money
from ovo_payments.domain.provider import Capability, Limits, ProviderSpec
from ovo_payments.domain.schedule import Patience
from ovo_payments.providers.midtrans.config import MidtransConfig

NAME: Final = "midtrans"

# Lengths: docs.midtrans.com/reference/json-objects (updated 2026-05-11); the customer's id is not
# sent. Amounts: the acquirer's limits, docs.midtrans.com/docs/is-there-a-minimum-and-maximum-….
_LIMITS: Final = Limits(
    amount_min=Money(1),
    amount_max=Money(99_999_999),
    item_id_length_max=50,
    item_name_length_max=50,
    customer_id_length_max=255,
    customer_name_length_max=255,
    customer_email_length_max=255,
)


def spec(config: MidtransConfig) -> ProviderSpec:
    """Says what Midtrans is, for this merchant."""
    return ProviderSpec(
        name=NAME,
        # OVO is refunded in full or not at all: docs.midtrans.com/reference/refund-transaction.
        capabilities=frozenset({Capability.PUSH_TO_PHONE, Capability.REFUND}),
        limits=_LIMITS,
        patience=Patience(
            push_window_s=config.push_window_s,
            settling_s=config.settling_s,
            not_found_is_final=config.not_found_is_final,
        ),
        send_timeout_s=config.mutate_timeouts.total_s,
        binding_window_s=0.0,
        # The signature does not cover the state: see signing.signature_key.
        webhook_proves_state=False,
    )
