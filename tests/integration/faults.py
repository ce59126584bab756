"""The sandbox's faults by what each of them does to an operation."""

from typing import Final

DONE: Final = (
    "debit_then_hang",
    "debit_then_504",
    "debit_then_reset",
    "slow_drip",
    "garbage_body",
    "truncated_body",
)
"""The operation is done, and its answer is lost, spoilt or slow."""

NOTHING_DONE: Final = ("http_500_before", "http_503_before", "hang_before")
"""Nothing is done, and nobody says so."""

REFUSED: Final = ("rate_limited_429",)
"""Nothing is done, and the answer says so."""

ON_QUESTIONS: Final = (
    *NOTHING_DONE,
    *REFUSED,
    "slow_drip",
    "garbage_body",
    "truncated_body",
)
"""What can become of a call that moves nothing."""

ON_STATUS: Final = (*ON_QUESTIONS, "status_404")

LATER: Final = "answer_then_debit_later"
STALE_TOKEN: Final = "token_expired_early"

ON_WEBHOOKS: Final = (
    "webhook_duplicated",
    "webhook_dropped",
    "webhook_reordered",
    "webhook_delayed",
    "webhook_forged",
    "webhook_wrong_amount",
)

WRONG_S: Final = 0.2
"""How long a hanging or dripping answer takes, which is far less than we would wait."""
