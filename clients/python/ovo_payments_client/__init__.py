"""Takes OVO wallet payments through an OvoPayments service.

async with connect("127.0.0.1:50051") as client:
    result = await client.charge(
        order_id="order-1", phone_number="081234567890", amount=15_000
    )
    async for payment in client.watch(result.payment.payment_id):
        print(payment.version, payment.state)
"""

from ovo_payments_client.binding import (
    AccountBalance,
    Balance,
    BalanceType,
    Binding,
    BindingResult,
    BindingState,
)
from ovo_payments_client.blocking import BlockingOvoPaymentsClient, connect_blocking
from ovo_payments_client.channel import tls_credentials
from ovo_payments_client.client import OvoPaymentsClient, connect
from ovo_payments_client.errors import (
    AccessError,
    ErrorReason,
    FieldViolation,
    InvalidRequestError,
    NoAnswerError,
    NotFoundError,
    NotSupportedError,
    OrderAlreadyPaidError,
    OutOfRangeError,
    OvoPaymentsError,
    PreconditionError,
    RateLimitedError,
    RefusedError,
    RequestError,
    RequestIdReusedError,
    RetryableError,
    ServiceError,
    UnavailableError,
)
from ovo_payments_client.payment import (
    Customer,
    Failure,
    FailureReason,
    Heartbeat,
    LineItem,
    Payment,
    PaymentChange,
    PaymentMethod,
    PaymentResult,
    PaymentState,
    Refund,
    RefundState,
)
from ovo_payments_client.watch import Backoff, Interruption

__all__ = [
    "AccessError",
    "AccountBalance",
    "Backoff",
    "Balance",
    "BalanceType",
    "Binding",
    "BindingResult",
    "BindingState",
    "BlockingOvoPaymentsClient",
    "Customer",
    "ErrorReason",
    "Failure",
    "FailureReason",
    "FieldViolation",
    "Heartbeat",
    "Interruption",
    "InvalidRequestError",
    "LineItem",
    "NoAnswerError",
    "NotFoundError",
    "NotSupportedError",
    "OrderAlreadyPaidError",
    "OutOfRangeError",
    "OvoPaymentsClient",
    "OvoPaymentsError",
    "Payment",
    "PaymentChange",
    "PaymentMethod",
    "PaymentResult",
    "PaymentState",
    "PreconditionError",
    "RateLimitedError",
    "Refund",
    "RefundState",
    "RefusedError",
    "RequestError",
    "RequestIdReusedError",
    "RetryableError",
    "ServiceError",
    "UnavailableError",
    "connect",
    "connect_blocking",
    "tls_credentials",
]
