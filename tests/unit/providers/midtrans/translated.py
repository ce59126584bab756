"""Translates what came of a call, as the adapter does."""

import json
from dataclasses import replace

from ovo_payments.domain.payment import Payment
from ovo_payments.domain.update import PaymentUpdate, RefundUpdate, Source
from ovo_payments.providers.http import Answered, Lost, NotSent, Outcome, Phase
from ovo_payments.providers.midtrans import MidtransConfig, RefundConfirmation, translate
from tests.unit.providers.midtrans.orders import CONFIG, PAYMENT, REFUND

NOT_SENT = NotSent(phase=Phase.CONNECT, cause="refused")
LOST = Lost(phase=Phase.READ, cause="out of time")
REFUNDING = replace(PAYMENT, refund=REFUND)
APPROVED_IS_ENOUGH = replace(CONFIG, refund_confirmation=RefundConfirmation.APPROVED)


def answered(body: dict[str, object] | bytes, status: int = 200) -> Answered:
    """Makes an answer."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answered(status=status, headers={}, body=raw, elapsed_s=0.1)


def of_charge(outcome: Outcome, payment: Payment = PAYMENT) -> PaymentUpdate:
    """Translates what came of a charge."""
    told = translate.told_by(outcome, Source.ANSWER)
    return translate.payment_update(told, translate.charge_meaning(told), CONFIG, payment)


def of_query(
    outcome: Outcome, payment: Payment = PAYMENT, config: MidtransConfig = CONFIG
) -> PaymentUpdate:
    """Translates what came of a status query."""
    told = translate.told_by(outcome, Source.QUERY)
    return translate.payment_update(told, translate.status_meaning(told), config, payment)


def of_refund(outcome: Outcome, config: MidtransConfig = CONFIG) -> RefundUpdate:
    """Translates what came of a refund."""
    told = translate.told_by(outcome, Source.ANSWER)
    return translate.refund_update(told, REFUNDING, REFUND, config)
