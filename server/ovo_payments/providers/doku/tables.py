"""What DOKU's words mean in ours: statuses, claims and the sentences that a person reads."""

from collections.abc import Mapping
from typing import Final

from ovo_payments.domain.failure import FailureReason
from ovo_payments.domain.update import BindingClaim, Claim
from ovo_payments.providers.doku.codes import Verdict

STATUSES: Final[Mapping[str, Claim]] = {
    "00": Claim.SUCCEEDED,
    "01": Claim.PENDING,  # Initiated
    "02": Claim.PENDING,  # Paying
    "03": Claim.PENDING,
    "04": Claim.REFUNDED,
    "05": Claim.FAILED,  # Cancelled
    "06": Claim.FAILED,
    "07": Claim.NOT_FOUND,
}
"""`latestTransactionStatus`, of the status query and of notifications."""

REFUND_STATUSES: Final[Mapping[str, Claim]] = {**STATUSES, "04": Claim.SUCCEEDED}
"""`refundStatus`, of an entry of `refundHistory`."""

REASONS_OF_STATUS: Final[Mapping[str, FailureReason]] = {
    "05": FailureReason.DECLINED_BY_CUSTOMER,
    "06": FailureReason.REJECTED_BY_PROVIDER,
}
"""Why a payment failed, where no response code tells it better."""

CLAIMS_OF_DEBIT: Final[Mapping[Verdict, Claim]] = {
    # Accepted is not paid: a customer has to confirm, and a recurring debit is still to be made.
    Verdict.ACCEPTED: Claim.PENDING,
    Verdict.IN_PROGRESS: Claim.PENDING,
    Verdict.REFUSED: Claim.FAILED,
    Verdict.NOT_FOUND: Claim.FAILED,
    Verdict.EXISTS: Claim.UNKNOWN,
    Verdict.CUSTOMER_TOKEN_STALE: Claim.FAILED,
    Verdict.MERCHANT_TOKEN_STALE: Claim.NOT_SENT,
    Verdict.MISCONFIGURED: Claim.NOT_SENT,
    Verdict.THROTTLED: Claim.NOT_SENT,
    Verdict.NOT_SENT: Claim.NOT_SENT,
    Verdict.UNKNOWN: Claim.UNKNOWN,
}
"""What the answer to a debit says of the money."""

CLAIMS_OF_REFUND: Final[Mapping[Verdict, Claim]] = {
    **CLAIMS_OF_DEBIT,
    Verdict.ACCEPTED: Claim.SUCCEEDED,
}
"""What the answer to a refund says of the money, which flows without anybody's consent."""

CLAIMS_OF_BINDING: Final[Mapping[Verdict, BindingClaim]] = {
    Verdict.ACCEPTED: BindingClaim.PENDING,
    Verdict.IN_PROGRESS: BindingClaim.PENDING,
    Verdict.REFUSED: BindingClaim.FAILED,
    Verdict.NOT_FOUND: BindingClaim.FAILED,
    Verdict.EXISTS: BindingClaim.UNKNOWN,
    Verdict.CUSTOMER_TOKEN_STALE: BindingClaim.FAILED,
    Verdict.MERCHANT_TOKEN_STALE: BindingClaim.NOT_SENT,
    Verdict.MISCONFIGURED: BindingClaim.NOT_SENT,
    Verdict.THROTTLED: BindingClaim.NOT_SENT,
    Verdict.NOT_SENT: BindingClaim.NOT_SENT,
    Verdict.UNKNOWN: BindingClaim.UNKNOWN,
}
"""What the answer to a request to link says of the link."""

CLAIMS_OF_UNBINDING: Final[Mapping[Verdict, BindingClaim]] = {
    **CLAIMS_OF_BINDING,
    Verdict.ACCEPTED: BindingClaim.UNBOUND,
    Verdict.IN_PROGRESS: BindingClaim.UNKNOWN,
    # The customer was faster, in the OVO app.
    Verdict.CUSTOMER_TOKEN_STALE: BindingClaim.UNBOUND,
}
"""What the answer to a request to unlink says of the link."""

BINDING_STATUSES: Final[Mapping[str, BindingClaim]] = {
    "SUCCESS": BindingClaim.ACTIVE,
    "PENDING": BindingClaim.PENDING,
    "FAILED": BindingClaim.FAILED,
}
"""`additionalInfo.status` of a binding notification."""

NOT_PERMITTED: Final = (
    ("already registered", FailureReason.ALREADY_BOUND),
    ("blocked", FailureReason.ACCOUNT_RESTRICTED),
    ("not available", FailureReason.ACCOUNT_NOT_FOUND),
)
"""What 4030715 means by the words in its message: the code is one for all of them."""

MESSAGES: Final[Mapping[FailureReason, str]] = {
    FailureReason.INSUFFICIENT_FUNDS: "The OVO account holds too little.",
    FailureReason.DECLINED_BY_CUSTOMER: "The payment was cancelled.",
    FailureReason.ACCOUNT_NOT_FOUND: "OVO knows no such account.",
    FailureReason.ACCOUNT_RESTRICTED: "OVO does not allow this to the account.",
    FailureReason.LIMIT_EXCEEDED: "A limit of the account or of the merchant is exceeded.",
    FailureReason.BINDING_REVOKED: "The account is no longer linked; it must be linked again.",
    FailureReason.ALREADY_BOUND: "The OVO account is linked to another customer.",
    FailureReason.AUTHENTICATION_FAILED: "The customer's OTP or PIN was wrong, late or missing.",
    FailureReason.SUSPECTED_FRAUD: "OVO suspects fraud.",
    FailureReason.MERCHANT_NOT_ALLOWED: "DOKU does not allow this to the merchant.",
    FailureReason.REJECTED_BY_PROVIDER: "DOKU refused the request.",
    FailureReason.NOT_FOUND_AT_PROVIDER: "DOKU has no record of it, and no money moved.",
    FailureReason.REFUND_WINDOW_PASSED: "The time for a refund has passed.",
}
