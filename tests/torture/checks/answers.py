"""I-10: a send goes to its end, and what was learnt is kept, whoever goes away."""

from typing import Final

from tests.torture.checks.facts import Facts, Sheet
from tests.torture.observed import Commit, ProviderCall

_RECORD: Final = "payments.record"
_TIME_TO_RECORD_S: Final = 60.0
_TIME_TO_REPEAT_S: Final = 10.0
_ANSWER: Final = "ANSWER "
_OF_THE_SEND: Final = (_ANSWER, "TRANSPORT ")
_CONFLICT: Final = "refused: VersionConflictError"
_LEASE_LOST: Final = "refused: LeaseLostError"


def no_answer_is_lost(facts: Facts, sheet: Sheet) -> None:
    """I-10."""
    left = {
        facts.used_up.get((one.scope, one.method, one.request_id), "")
        for one in facts.observed.operations
        if one.cancelled
    }
    gone = 0
    for sends in facts.sends.values():
        for call in sends:
            sheet.hold(
                true=not call.cancelled,
                subject=facts.payment_of_refund.get(call.reference, call.reference),
                otherwise=f"its {call.operation} was stopped by somebody",
            )
        call = sends[-1]
        ended_at = max(call.answered_at, call.lost_at)
        recorded_by = ended_at + _TIME_TO_RECORD_S
        if ended_at < 0 or not _undisturbed(facts, call.node, call.at, recorded_by):
            continue
        payment_id = facts.payment_of_refund.get(call.reference, call.reference)
        gone += payment_id in left
        sheet.hold(
            true=any(
                _keeps(commit, call, ended_at) for commit in facts.commits_of.get(payment_id, [])
            ),
            subject=payment_id,
            otherwise=f"the answer {call.status} {call.code} to its {call.operation} was lost",
        )
    sheet.also["of callers that had gone away"] = gone
    _no_race_drops_a_word(facts, sheet)


def _keeps(commit: Commit, call: ProviderCall, ended_at: float) -> bool:
    """Whether a commit is that of a send's end."""
    if commit.operation != _RECORD or commit.order <= max(call.left, call.answered):
        return False
    if not commit.word:
        # Of real processes only the evidence is known, at times that the service's clock tells.
        return True
    within = ended_at <= commit.at <= ended_at + _TIME_TO_RECORD_S
    return within and commit.word.startswith(_OF_THE_SEND)


def _no_race_drops_a_word(facts: Facts, sheet: Sheet) -> None:
    """Whoever finds that another wrote first brings its word again."""
    races = 0
    for payment_id, commits in facts.commits_of.items():
        for commit in commits:
            answer = commit.word.startswith(_ANSWER)
            raced = commit.outcome == _CONFLICT or (commit.outcome == _LEASE_LOST and answer)
            # Whoever was told that the store is away knows of no race.
            if commit.operation != _RECORD or not commit.word or not (raced and commit.told):
                continue
            if not _undisturbed(facts, commit.node, commit.at, commit.at + _TIME_TO_REPEAT_S):
                continue
            races += 1
            sheet.hold(
                true=any(
                    one.order > commit.order
                    and one.at <= commit.at + _TIME_TO_REPEAT_S
                    and (one.operation, one.node, one.word) == (_RECORD, commit.node, commit.word)
                    for one in commits
                ),
                subject=payment_id,
                otherwise=f"its word {commit.word!r} was dropped: {commit.outcome}",
            )
    sheet.also["races for a payment"] = races


def _undisturbed(facts: Facts, node: str, began_at: float, ended_at: float) -> bool:
    """Whether a node could write all the time."""
    return facts.lived(node, began_at, ended_at) and not any(
        begin < ended_at and to > began_at for begin, to in facts.observed.store_outages
    )
