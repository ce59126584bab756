"""Lists the faults by name."""

from dataclasses import dataclass
from enum import StrEnum

WEBHOOK = "webhook"
DEBITS = frozenset({"charge", "pay"})


class Stage(StrEnum):
    """Says where in an operation a fault strikes."""

    # The operation does nothing and answers with an error: see `refusal`.
    BEFORE = "before"
    # The operation is done, and its answer is lost or spoilt: see `spoil`.
    AFTER = "after"
    # The operation answers as ever, and the money moves `seconds` later.
    LATER = "later"
    # A status query denies knowing the payment.
    QUERY = "query"
    # A token is refused as expired although it is fresh.
    TOKEN = "token"  # noqa: S105 - a stage, not a secret
    # A notification goes wrong on its way: the delivery engine does this for every provider.
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultKind:
    """Describes one fault and what it is when a tester gives no details.

    Operations None means every call of the API, though no notification.
    """

    name: str
    stage: Stage
    summary: str
    operations: frozenset[str] | None = None
    seconds: float = 0
    count: int | None = 1
    # How long the fault stays armed; None: until it is used up or disarmed.
    for_s: float | None = None

    def strikes(self, operation: str) -> bool:
        """Tells whether the fault can strike this operation when none was named."""
        return operation != WEBHOOK if self.operations is None else operation in self.operations


def _kinds() -> tuple[FaultKind, ...]:
    before, after, webhook = Stage.BEFORE, Stage.AFTER, Stage.WEBHOOK
    notified = frozenset({WEBHOOK})
    return (
        FaultKind(
            name="debit_then_hang",
            stage=after,
            operations=DEBITS,
            seconds=300,
            summary="The payment goes through; no answer comes; `seconds` later the line is cut.",
        ),
        FaultKind(
            name="debit_then_504",
            stage=after,
            operations=DEBITS,
            summary="The payment goes through; a gateway answers 504.",
        ),
        FaultKind(
            name="debit_then_reset",
            stage=after,
            operations=DEBITS,
            summary="The payment goes through; the connection is reset.",
        ),
        FaultKind(
            name="answer_then_debit_later",
            stage=Stage.LATER,
            operations=DEBITS,
            seconds=90,
            summary="The answer comes as ever; the money is taken `seconds` later, expired or not.",
        ),
        FaultKind(
            name="status_404",
            stage=Stage.QUERY,
            operations=frozenset({"status"}),
            count=None,
            for_s=60,
            summary="Status queries deny knowing the payment for `for_s` seconds.",
        ),
        FaultKind(
            name="http_500_before",
            stage=before,
            summary="Nothing is done; the answer is HTTP 500.",
        ),
        FaultKind(
            name="http_503_before",
            stage=before,
            summary="Nothing is done; the answer is the provider's 503.",
        ),
        FaultKind(
            name="rate_limited_429",
            stage=before,
            summary="Nothing is done; the answer is HTTP 429.",
        ),
        FaultKind(
            name="hang_before",
            stage=before,
            seconds=300,
            summary="Nothing is done; no answer comes, and `seconds` later the line is cut.",
        ),
        FaultKind(
            name="slow_drip",
            stage=after,
            seconds=30,
            summary="The operation is done; its answer drips in over `seconds`.",
        ),
        FaultKind(
            name="garbage_body",
            stage=after,
            summary="The operation is done; the answer's body is no JSON.",
        ),
        FaultKind(
            name="truncated_body",
            stage=after,
            summary="The operation is done; the answer breaks off in the middle of its body.",
        ),
        FaultKind(
            name="token_expired_early",
            stage=Stage.TOKEN,
            summary="A call with a fresh token is refused as if the token had expired.",
        ),
        FaultKind(
            name="webhook_duplicated",
            stage=webhook,
            operations=notified,
            seconds=1,
            summary="The notification is sent twice, `seconds` apart.",
        ),
        FaultKind(
            name="webhook_dropped",
            stage=webhook,
            operations=notified,
            summary="The notification is never sent.",
        ),
        FaultKind(
            name="webhook_reordered",
            stage=webhook,
            operations=notified,
            seconds=60,
            summary="The notification waits for the next one of its payment, at most `seconds`.",
        ),
        FaultKind(
            name="webhook_delayed",
            stage=webhook,
            operations=notified,
            seconds=60,
            summary="The notification is sent `seconds` late.",
        ),
        FaultKind(
            name="webhook_forged",
            stage=webhook,
            operations=notified,
            summary="A copy with a wrong signature is sent before the true notification.",
        ),
        FaultKind(
            name="webhook_wrong_amount",
            stage=webhook,
            operations=notified,
            summary="A rightly signed copy with another amount is sent before the true one.",
        ),
    )


KINDS = {kind.name: kind for kind in _kinds()}
