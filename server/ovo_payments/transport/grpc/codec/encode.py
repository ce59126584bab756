"""From the application's answers to the contract's messages.

It decides what a caller sees: phone numbers are masked, and credentials have no field.
"""

from datetime import UTC, datetime
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from google.type.money_pb2 import Money as MoneyMessage

from ovo.payments.v1 import binding_pb2, errors_pb2, ovo_payments_pb2, payment_pb2
from ovo_payments.application.call import (
    BalanceResult,
    BindingResult,
    Heartbeat,
    PaymentResult,
    StreamEvent,
)
from ovo_payments.domain.binding import Binding, BindingState
from ovo_payments.domain.failure import Failure, FailureReason
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import Method, Payment, PaymentState
from ovo_payments.domain.provider import AccountBalance
from ovo_payments.domain.refund import Refund, RefundState

# A word of the domain without a value in the contract stops the import, not a call.
PAYMENT_STATES: Final = {
    state: payment_pb2.Payment.State.Value(f"STATE_{state}") for state in PaymentState
}
METHODS: Final = {method: payment_pb2.Payment.Method.Value(f"METHOD_{method}") for method in Method}
REFUND_STATES: Final = {
    state: payment_pb2.RefundDetails.State.Value(f"STATE_{state}") for state in RefundState
}
BINDING_STATES: Final = {
    state: binding_pb2.Binding.State.Value(f"STATE_{state}") for state in BindingState
}
FAILURE_REASONS: Final = {
    reason: errors_pb2.FailureReason.Value(f"FAILURE_REASON_{reason}") for reason in FailureReason
}
BALANCE_TYPES: Final = {
    "CASH": binding_pb2.AccountBalance.TYPE_CASH,
    "POINTS": binding_pb2.AccountBalance.TYPE_POINTS,
}

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_S: Final = 86_400


def bind_response(result: BindingResult) -> ovo_payments_pb2.BindResponse:
    """Writes what Bind answers."""
    binding = binding_message(result.binding)
    return ovo_payments_pb2.BindResponse(binding=binding, replayed=result.replayed)


def unbind_response(binding: Binding) -> ovo_payments_pb2.UnbindResponse:
    """Writes what Unbind answers."""
    return ovo_payments_pb2.UnbindResponse(binding=binding_message(binding))


def balance_response(result: BalanceResult) -> ovo_payments_pb2.BalanceResponse:
    """Writes what Balance answers."""
    return ovo_payments_pb2.BalanceResponse(
        balances=[_account_balance(balance) for balance in result.balances],
        read_time=_timestamp(result.read_time),
    )


def pay_response(result: PaymentResult) -> ovo_payments_pb2.PayResponse:
    """Writes what Pay answers."""
    payment = payment_message(result.payment)
    return ovo_payments_pb2.PayResponse(payment=payment, replayed=result.replayed)


def charge_response(result: PaymentResult) -> ovo_payments_pb2.ChargeResponse:
    """Writes what Charge answers."""
    payment = payment_message(result.payment)
    return ovo_payments_pb2.ChargeResponse(payment=payment, replayed=result.replayed)


def refund_response(result: PaymentResult) -> ovo_payments_pb2.RefundResponse:
    """Writes what Refund answers."""
    payment = payment_message(result.payment)
    return ovo_payments_pb2.RefundResponse(payment=payment, replayed=result.replayed)


def get_status_response(subject: Payment | Binding) -> ovo_payments_pb2.GetStatusResponse:
    """Writes what GetStatus answers."""
    if isinstance(subject, Payment):
        return ovo_payments_pb2.GetStatusResponse(payment=payment_message(subject))
    return ovo_payments_pb2.GetStatusResponse(binding=binding_message(subject))


def watch_payment_response(event: Payment | Heartbeat) -> ovo_payments_pb2.WatchPaymentResponse:
    """Writes one message of a payment's stream."""
    if isinstance(event, Payment):
        return ovo_payments_pb2.WatchPaymentResponse(payment=payment_message(event))
    heartbeat = ovo_payments_pb2.Heartbeat(version=event.version, time=_timestamp(event.time))
    return ovo_payments_pb2.WatchPaymentResponse(heartbeat=heartbeat)


def watch_payments_response(event: StreamEvent) -> ovo_payments_pb2.WatchPaymentsResponse:
    """Writes one message of the stream of all payments of a caller."""
    if event.payment is not None:
        return ovo_payments_pb2.WatchPaymentsResponse(
            cursor=event.cursor, payment=payment_message(event.payment)
        )
    time = None if event.time is None else _timestamp(event.time)
    heartbeat = ovo_payments_pb2.StreamHeartbeat(time=time)
    return ovo_payments_pb2.WatchPaymentsResponse(cursor=event.cursor, heartbeat=heartbeat)


def payment_message(payment: Payment) -> payment_pb2.Payment:
    """Writes a payment as its caller may see it."""
    phone_number = payment.phone_number
    return payment_pb2.Payment(
        payment_id=payment.payment_id,
        order_id=payment.order_id,
        state=PAYMENT_STATES[payment.state],
        version=payment.version,
        method=METHODS[payment.method],
        provider=payment.provider,
        amount=_money(payment.amount),
        binding_id=payment.binding_id,
        phone_number="" if phone_number is None else phone_number.masked,
        redirect_url=payment.redirect_url,
        provider_reference=payment.provider_reference,
        failure=None if payment.failure is None else _failure(payment.failure),
        refund=None if payment.refund is None else _refund(payment.refund),
        create_time=_timestamp(payment.create_time),
        update_time=_timestamp(payment.update_time),
        expire_time=_timestamp(payment.expire_time),
        success_time=_timestamp(payment.success_time),
        next_check_time=_timestamp(payment.checks.next_check_time) if payment.open else None,
        needs_review=payment.needs_review,
        late_success=payment.late_success,
        metadata=payment.metadata,
    )


def binding_message(binding: Binding) -> binding_pb2.Binding:
    """Writes a binding as its caller may see it."""
    return binding_pb2.Binding(
        binding_id=binding.binding_id,
        customer_id=binding.customer_id,
        state=BINDING_STATES[binding.state],
        provider=binding.provider,
        phone_number=binding.phone_number.masked,
        redirect_url=binding.redirect_url,
        failure=None if binding.failure is None else _failure(binding.failure),
        create_time=_timestamp(binding.create_time),
        update_time=_timestamp(binding.update_time),
        expire_time=_timestamp(binding.expire_time),
    )


def _refund(refund: Refund) -> payment_pb2.RefundDetails:
    return payment_pb2.RefundDetails(
        refund_id=refund.refund_id,
        state=REFUND_STATES[refund.state],
        amount=_money(refund.amount),
        reason=refund.reason,
        failure=None if refund.failure is None else _failure(refund.failure),
        create_time=_timestamp(refund.create_time),
        success_time=_timestamp(refund.success_time),
    )


def _failure(failure: Failure) -> payment_pb2.Failure:
    return payment_pb2.Failure(
        reason=FAILURE_REASONS[failure.reason],
        message=failure.message,
        provider_code=failure.provider_code,
        retryable=failure.retryable,
    )


def _account_balance(balance: AccountBalance) -> binding_pb2.AccountBalance:
    return binding_pb2.AccountBalance(
        type=BALANCE_TYPES[balance.type], available=_money(balance.available)
    )


def _money(money: Money) -> MoneyMessage:
    return MoneyMessage(currency_code=money.currency, units=money.rupiah)


def _timestamp(moment: datetime | None) -> Timestamp | None:
    # Three times faster than Timestamp.FromDatetime, and it refuses a naive time.
    if moment is None:
        return None
    since = moment - _EPOCH
    return Timestamp(seconds=since.days * _DAY_S + since.seconds, nanos=since.microseconds * 1000)
