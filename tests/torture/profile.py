"""How much goes wrong: profiles, from which each seed draws its own share of troubles."""

from dataclasses import dataclass, field
from random import Random
from typing import Final

BEFORE: Final = ("http_500_before", "http_503_before", "rate_limited_429", "hang_before")
AFTER: Final = (
    *("debit_then_hang", "debit_then_504", "debit_then_reset", "answer_then_debit_later"),
    *("slow_drip", "garbage_body", "truncated_body"),
)
WEBHOOK: Final = (
    *("webhook_duplicated", "webhook_dropped", "webhook_reordered", "webhook_delayed"),
    *("webhook_forged", "webhook_wrong_amount"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Probabilities per call or event; 0 turns a trouble off."""

    name: str
    provider_faults: dict[str, float] = field(default_factory=dict)
    """The sandbox's own faults, by name."""
    refuse: float = 0.0
    """The connection is refused: proof of not sent."""
    reset_before: float = 0.0
    """The connection breaks after bytes left and before they arrive."""
    lose_answer: float = 0.0
    slow: float = 0.0
    slow_answer: float = 0.0
    """An answer is on its way for seconds, and what it says is over by then."""
    webhook_refused: float = 0.0
    webhook_answer_lost: float = 0.0
    webhook_doubled: float = 0.0
    webhook_slow: float = 0.0
    commit_unavailable: float = 0.0
    commit_untold: float = 0.0
    commit_lost: float = 0.0
    commit_slow: float = 0.0
    """The share of transactions that take up to seconds instead of milliseconds."""
    store_outage_every_s: float = 0.0
    """The mean time between outages of a few seconds; 0 for none."""
    kill_every_s: float = 0.0
    pause_every_s: float = 0.0
    clock_jump_every_s: float = 0.0
    crash_point: float = 0.0
    """The share of named crash points at which the node dies."""
    caller_cancels: float = 0.0
    caller_short_deadline: float = 0.0
    provider_outage_every_s: float = 0.0
    provider_kill_every_s: float = 0.0


CALM: Final = Profile(name="calm")


def everything(random: Random) -> Profile:
    """Draws the troubles of one seed: most kinds at once, and never all in the same measure."""

    def some(most: float, often: float = 0.8) -> float:
        return random.random() * most if random.random() < often else 0.0

    def every(mean_s: float, often: float) -> float:
        return mean_s * (0.5 + random.random()) if random.random() < often else 0.0

    return Profile(
        name="all",
        provider_faults={
            **{name: some(0.05) for name in BEFORE},
            **{name: some(0.08) for name in AFTER},
            **{name: some(0.12) for name in WEBHOOK},
            "status_404": some(0.1),
            "token_expired_early": some(0.1),
        },
        refuse=some(0.12),
        reset_before=some(0.08),
        lose_answer=some(0.12),
        slow=some(0.1),
        webhook_refused=some(0.15),
        webhook_answer_lost=some(0.15),
        webhook_doubled=some(0.15),
        webhook_slow=some(0.15),
        commit_unavailable=some(0.03, 0.6),
        commit_untold=some(0.03, 0.6),
        commit_lost=some(0.03, 0.6),
        store_outage_every_s=every(60, 0.3),
        kill_every_s=every(40, 0.6),
        pause_every_s=every(60, 0.4),
        clock_jump_every_s=every(60, 0.3),
        crash_point=some(0.01, 0.5),
        caller_cancels=some(0.15),
        caller_short_deadline=some(0.2),
        provider_outage_every_s=every(90, 0.3),
        provider_kill_every_s=every(90, 0.3),
        commit_slow=some(0.3),
        slow_answer=some(0.5),
    )


def crashes(random: Random) -> Profile:
    """Draws nothing but deaths of the service, many of them."""
    return Profile(
        name="crashes",
        kill_every_s=5 + 20 * random.random(),
        crash_point=0.05 * random.random(),
    )


PROFILES: Final = {
    "all": everything,
    "calm": lambda _: CALM,
    "crashes": crashes,
}
