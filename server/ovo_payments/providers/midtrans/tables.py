"""What Midtrans' words mean, in ours.

Sources: docs.midtrans.com/reference/ewallet-ovo (updated 2026-04-01), /reference/code-2xx,
/reference/code-4xx, /reference/transaction-status, /reference/refund-transaction.
A word that is not here means nothing that we know: the outcome stays open, and we ask.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ovo_payments.domain.failure import FailureReason
from ovo_payments.domain.update import Claim

# What stands in the tables beside the body's status codes.
NOT_SENT: Final = "not sent"
LOST: Final = "lost"
IN_PROCESS: Final = "in process"
"""HTTP 202: the first request under this idempotency key is not finished."""
UNREADABLE: Final = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a word claims; a reason only where it claims failure."""

    claim: Claim
    reason: FailureReason | None = None
    message: str = ""
    """For people, merchants and customers alike."""
    retryable: bool = False
    ask: bool = False
    """Whether Midtrans may already hold what we sent: ask for it before anything is believed."""


def _failed(reason: FailureReason, message: str, *, retryable: bool = False) -> Meaning:
    return Meaning(claim=Claim.FAILED, reason=reason, message=message, retryable=retryable)


_UNKNOWN: Final = Meaning(claim=Claim.UNKNOWN)
_PENDING: Final = Meaning(claim=Claim.PENDING)
_NOTHING_DONE: Final = Meaning(claim=Claim.NOT_SENT)
_MALFORMED: Final = _failed(
    FailureReason.REJECTED_BY_PROVIDER, "Midtrans refused the content of the request."
)
_NOT_ALLOWED: Final = _failed(
    FailureReason.MERCHANT_NOT_ALLOWED, "OVO payments are not activated for this Midtrans account."
)
_DEACTIVATED: Final = _failed(
    FailureReason.MERCHANT_NOT_ALLOWED,
    "Midtrans has deactivated the merchant's account or blocked the payer's.",
)

_EVERYWHERE: Final[Mapping[str, Meaning]] = MappingProxyType(
    {
        NOT_SENT: _NOTHING_DONE,
        LOST: _UNKNOWN,
        IN_PROCESS: _PENDING,
        UNREADABLE: _UNKNOWN,
        # Success without the state of a transaction says nothing.
        "200": _UNKNOWN,
        "201": _UNKNOWN,
        "202": _UNKNOWN,
        "204": _UNKNOWN,
        "300": _UNKNOWN,
        # Our key was refused, or we were too fast: nothing was processed.
        "401": _NOTHING_DONE,
        "429": _NOTHING_DONE,
        "407": _UNKNOWN,
        "500": _UNKNOWN,
        "501": _UNKNOWN,
        "502": _UNKNOWN,
        "503": _UNKNOWN,
        "504": _UNKNOWN,
        "505": _UNKNOWN,
    }
)

CHARGE: Final[Mapping[str, Meaning]] = MappingProxyType(
    {
        **_EVERYWHERE,
        "400": _MALFORMED,
        "402": _NOT_ALLOWED,
        "403": _MALFORMED,
        "404": _failed(FailureReason.ACCOUNT_NOT_FOUND, "This phone number has no OVO account."),
        "405": _MALFORMED,
        "406": Meaning(claim=Claim.UNKNOWN, ask=True),
        "408": _MALFORMED,
        "409": _failed(
            FailureReason.LIMIT_EXCEEDED,
            "Midtrans saw too many payments of this customer. Try again later.",
            retryable=True,
        ),
        "410": _DEACTIVATED,
        "411": _MALFORMED,
        "412": _MALFORMED,
        "413": _MALFORMED,
        "414": _MALFORMED,
    }
)
"""The body's status code in the answer to a charge, where it carries no transaction."""

REFUND: Final[Mapping[str, Meaning]] = MappingProxyType(
    {
        **_EVERYWHERE,
        "202": _failed(FailureReason.REJECTED_BY_PROVIDER, "The bank denied the refund."),
        "400": _MALFORMED,
        "402": _failed(
            FailureReason.MERCHANT_NOT_ALLOWED,
            "Refunds are not activated for this Midtrans account.",
        ),
        "403": _MALFORMED,
        "404": _failed(
            FailureReason.NOT_FOUND_AT_PROVIDER,
            "Midtrans has no record of the payment that was to be refunded.",
        ),
        "405": _MALFORMED,
        "406": Meaning(claim=Claim.UNKNOWN, ask=True),
        "408": _MALFORMED,
        "410": _DEACTIVATED,
        # Also what Midtrans says of a payment that is refunded already: so ask first.
        "412": Meaning(
            claim=Claim.FAILED,
            reason=FailureReason.REFUND_WINDOW_PASSED,
            message="The payment can no longer be refunded, or is not settled yet.",
            ask=True,
        ),
        "413": _MALFORMED,
        "414": _failed(
            FailureReason.REJECTED_BY_PROVIDER,
            "Midtrans refused the refund: the merchant's balance there may be too low.",
            retryable=True,
        ),
    }
)
"""The body's status code in the answer to a refund."""

STATUS: Final[Mapping[str, Meaning]] = MappingProxyType(
    {
        # An answer that carries no transaction says nothing of it, whatever else it says.
        **dict.fromkeys((*CHARGE, *REFUND), _UNKNOWN),
        "404": Meaning(claim=Claim.NOT_FOUND),
    }
)
"""The body's status code in the answer to a status query, where it carries no transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a `transaction_status` means, if the status code beside it agrees."""

    codes: frozenset[str]
    by_fraud_status: Mapping[str, Meaning]


_SUCCEEDED: Final = Meaning(claim=Claim.SUCCEEDED)
_SUSPECTED: Final = _failed(
    FailureReason.SUSPECTED_FRAUD, "Midtrans suspects fraud and denied the payment."
)


def _state(codes: str, accepted: Meaning, denied: Meaning, challenged: Meaning) -> State:
    return State(
        codes=frozenset(codes.split()),
        by_fraud_status=MappingProxyType(
            {
                "": accepted,
                "accept": accepted,
                "challenge": challenged,
                # The page of OVO writes `denied`, all others `deny`.
                "deny": denied,
                "denied": denied,
            }
        ),
    )


_DECLINED: Final = _failed(
    FailureReason.REJECTED_BY_PROVIDER, "OVO or the customer declined the payment.", retryable=True
)
_CANCELLED: Final = _failed(
    FailureReason.REJECTED_BY_PROVIDER,
    "The payment was cancelled at Midtrans by the merchant.",
    retryable=True,
)
_BROKEN: Final = _failed(
    FailureReason.REJECTED_BY_PROVIDER,
    "An error at Midtrans ended the payment. Try again.",
    retryable=True,
)
_EXPIRED: Final = Meaning(claim=Claim.EXPIRED)

_PAID: Final = _state("200", _SUCCEEDED, _UNKNOWN, _PENDING)
# The claim once the refund is confirmed; `translate` says how far it is.
_REFUNDED: Final = _state("200", _SUCCEEDED, _SUCCEEDED, _SUCCEEDED)

STATES: Final[Mapping[str, State]] = MappingProxyType(
    {
        "authorize": _state("200 201", _PENDING, _PENDING, _PENDING),
        "pending": _state("200 201", _PENDING, _PENDING, _PENDING),
        "capture": _PAID,
        "settlement": _PAID,
        "deny": _state("200 202", _DECLINED, _SUSPECTED, _DECLINED),
        "cancel": _state("200 202", _CANCELLED, _SUSPECTED, _CANCELLED),
        "expire": _state("200 202 407", _EXPIRED, _EXPIRED, _EXPIRED),
        "failure": _state("200 202", _BROKEN, _SUSPECTED, _BROKEN),
        "refund": _REFUNDED,
        "partial_refund": _REFUNDED,
    }
)
"""`transaction_status` by `fraud_status`.

The same state has another status code in each channel: an expired order is 407 to a query and
202 in a notification. Money that is settled and denied as fraud at once is left open, until
Midtrans has one opinion.
"""

DENIALS: Final[Mapping[str, Meaning]] = MappingProxyType(
    {
        "14": _failed(FailureReason.ACCOUNT_NOT_FOUND, "This phone number has no OVO account."),
        "17": _failed(
            FailureReason.DECLINED_BY_CUSTOMER,
            "The customer declined the payment in the OVO app.",
            retryable=True,
        ),
        "26": _failed(
            FailureReason.REJECTED_BY_PROVIDER,
            "OVO got no confirmation from the customer's phone.",
            retryable=True,
        ),
        "40": _failed(
            FailureReason.REJECTED_BY_PROVIDER,
            "OVO could not push the payment to the customer's phone.",
            retryable=True,
        ),
    }
)
"""OVO's own response code of a denied payment, where Midtrans passes it on.

Source: docs.midtrans.com/docs/testing-payment-on-sandbox (updated 2026-05-21).
"""
