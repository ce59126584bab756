"""All that the service does, as the transports see it."""

from dataclasses import dataclass

from ovo_payments.application.balance import Balance
from ovo_payments.application.bind import Bind
from ovo_payments.application.charge import Charge
from ovo_payments.application.get_status import GetStatus
from ovo_payments.application.pay import Pay
from ovo_payments.application.receive_webhook import ReceiveWebhook
from ovo_payments.application.refund import RefundPayment
from ovo_payments.application.unbind import Unbind
from ovo_payments.application.watch_payment import WatchPayment


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    """One callable for each RPC, and one for webhooks."""

    bind: Bind
    unbind: Unbind
    balance: Balance
    pay: Pay
    charge: Charge
    refund: RefundPayment
    get_status: GetStatus
    watch_payment: WatchPayment
    receive_webhook: ReceiveWebhook
