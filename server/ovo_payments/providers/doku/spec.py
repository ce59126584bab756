"""What DOKU is, as far as the rest of the service must know."""

from typing import Final

from ovo_payments.domain.money import Money
from ovo_payments.domain.provider import Capability, Limits, ProviderSpec
from ovo_payments.domain.schedule import Patience
from ovo_payments.providers.doku.config import DokuConfig

NAME: Final = "doku"
_SETTLING_S: Final = 60.0


def spec(config: DokuConfig) -> ProviderSpec:
    """Says what DOKU is.

    DOKU publishes no rule for partial refunds of OVO, so they are not offered. Lengths are of
    developers.doku.com/accept-payments/direct-api/snap/integration-guide/e-wallet/ovo; for line
    items it names none.
    """
    return ProviderSpec(
        name=NAME,
        capabilities=frozenset({Capability.LINKED_ACCOUNT, Capability.BALANCE, Capability.REFUND}),
        limits=Limits(
            amount_min=Money(1),
            amount_max=config.amount_max,
            item_id_length_max=64,
            item_name_length_max=255,
            customer_id_length_max=64,
            customer_name_length_max=70,
            customer_email_length_max=64,
        ),
        patience=Patience(
            push_window_s=0.0,
            # "Hit check status 60 seconds after payment": …/check-status-api/snap.
            settling_s=_SETTLING_S,
            not_found_is_final=config.not_found_is_final,
        ),
        send_timeout_s=config.send_timeout_s,
        binding_window_s=config.binding_window_s,
        webhook_proves_state=True,
    )
