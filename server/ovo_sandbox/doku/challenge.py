"""Judges what a customer enters on a hosted page: the one-time code, then the PIN."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Generic, Literal, TypeVar

from ovo_sandbox.doku.records import HostedPage, Step
from ovo_sandbox.wallet import Account

TRIES: Final = 3

PageT = TypeVar("PageT", bound=HostedPage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(Generic[PageT]):
    """Is what an entry leads to.

    Attributes:
        page: the page with its step and its counts as they are now.
        outcome: whether to go on, ask again, take it as approved, or end it.
        reason: why it ended, in the customer's words.
        blocks: whether OVO blocks the account for it.
    """

    page: PageT
    outcome: Literal["next", "again", "passed", "failed"]
    reason: str = ""
    blocks: bool = False


def judge(page: PageT, account: Account, steps: Sequence[Step], entry: str) -> Verdict[PageT]:
    """Judges the entry at the page's step; `steps` are the ones that this page goes through."""
    if page.step == "otp" and entry != account.otp:
        return _wrong_otp(replace(page, wrong_otps=page.wrong_otps + 1))
    if page.step == "pin" and entry != account.pin:
        return _wrong_pin(replace(page, wrong_pins=page.wrong_pins + 1))
    if page.step == steps[-1]:
        return Verdict(page=page, outcome="passed")
    return Verdict(
        page=replace(page, step=steps[steps.index(page.step) + 1]),
        outcome="next",
    )


def tries_left(page: HostedPage) -> int:
    """Tells how often the customer may still be wrong at the page's step."""
    return TRIES - (page.wrong_otps if page.step == "otp" else page.wrong_pins)


def _wrong_otp(page: PageT) -> Verdict[PageT]:
    if page.wrong_otps < TRIES:
        return Verdict(page=page, outcome="again")
    return Verdict(page=page, outcome="failed", reason="The one-time code was wrong three times")


def _wrong_pin(page: PageT) -> Verdict[PageT]:
    if page.wrong_pins < TRIES:
        return Verdict(page=page, outcome="again")
    reason = "The PIN was wrong three times, so OVO blocked the account"
    return Verdict(page=page, outcome="failed", reason=reason, blocks=True)
