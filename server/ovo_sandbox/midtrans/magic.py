"""Lists the phone numbers to which Midtrans' sandbox gives a fixed outcome.

Source: docs.midtrans.com/docs/testing-payment-on-sandbox, section OVO (2026-05-21).
"""

from dataclasses import dataclass
from typing import Final, Literal

Reaction = Literal["accept", "reject", "silent", "late", "unregistered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Says how the payer behind a number reacts, and OVO's response code for it."""

    reaction: Reaction
    summary: str
    response_code: str | None = None
    response_message: str | None = None


HAPPY: Final = Scenario(reaction="accept", summary="pays")

SCENARIOS: Final = {
    "628249134000": Scenario(
        reaction="unregistered",
        summary="is no OVO user",
        response_code="14",
        response_message="Phone number is not registered",
    ),
    "628271939753": Scenario(
        reaction="reject",
        summary="cancels in the app",
        response_code="17",
        response_message="Customer cancelled the transaction",
    ),
    "628242014881": Scenario(
        reaction="reject",
        summary="fails to confirm the push",
        response_code="26",
        response_message="Push confirmation failed",
    ),
    "628237435829": Scenario(
        reaction="reject",
        summary="gets no push, the payment fails",
        response_code="40",
        response_message="Push notification failed",
    ),
    "628215023424": Scenario(
        reaction="late",
        summary="stays pending: OVO answers too late",
        response_code="68",
        response_message="Transaction pending or timed out",
    ),
    "628242974268": Scenario(reaction="silent", summary="never answers"),
}


def scenario_of(phone: str) -> Scenario:
    """Returns the scenario of a normalised number; any number that is not listed pays."""
    return SCENARIOS.get(phone, HAPPY)
