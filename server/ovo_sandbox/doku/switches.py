"""Names what DOKU's documents leave open, as switches with the answer that the facts suggest."""

from datetime import timedelta
from typing import Final

from ovo_sandbox.switches import Switch, Switches, SwitchValue

PROVIDER: Final = "doku"


def _switch(
    name: str, default: SwitchValue, summary: str, choices: tuple[str, ...] = (), minimum: float = 0
) -> Switch:
    return Switch(
        name=f"doku_{name}",
        provider=PROVIDER,
        default=default,
        summary=summary,
        choices=choices,
        minimum=minimum,
    )


SWITCHES: Final = (
    _switch("token_lifetime_s", 900, "How long a merchant's token lives, in seconds.", minimum=1),
    _switch(
        "supersede_previous_token",
        default=True,
        summary="Whether a new merchant token ends the one before.",
    ),
    _switch("sliding_token", default=False, summary="Whether use renews a merchant token's life."),
    _switch(
        "expires_in_type",
        "number",
        "Whether expiresIn is 900 or the text 900: DOKU's pages show both.",
        ("number", "string"),
    ),
    _switch(
        "customer_token_lifetime_s",
        15 * 86_400,
        "How long a customer's token lives: SNAP's 15 days.",
        minimum=1,
    ),
    _switch(
        "timestamp_skew_max_s",
        900,
        "How far X-TIMESTAMP may be from the time, in seconds; DOKU publishes no limit.",
    ),
    _switch(
        "duplicates",
        "snap",
        "What a repeated X-EXTERNAL-ID or partnerReferenceNo gets: SNAP's 409xx00 and 409xx01, or,"
        " as DOKU's idempotency page has it, the first answer's body with HTTP 409.",
        ("snap", "replay-with-409"),
    ),
    _switch(
        "response_profile",
        "full",
        "Lean leaves out what DOKU's Python library cannot read: objects inside a status.",
        ("full", "lean"),
    ),
    _switch(
        "status_service_code",
        "both",
        "Which serviceCode a status query must carry: DOKU's libraries send 55, SNAP wants 54.",
        ("both", "54", "55"),
    ),
    _switch(
        "status_404_for_s",
        0.0,
        "For how many seconds after a payment its status is 4045501; DOKU says to ask after 60.",
    ),
    _switch(
        "unknown_payment",
        "4045501",
        "What a status query for an unknown payment gets: the code, or success with status 07.",
        ("4045501", "07"),
    ),
    _switch(
        "binding_window_s", 1800, "How long a binding page can be used, in seconds.", minimum=1
    ),
    _switch(
        "payment_window_s", 1800, "How long a payment page can be used, in seconds.", minimum=1
    ),
    _switch(
        "payment_page_asks",
        "pin",
        "What the payment page asks of the customer.",
        ("pin", "otp", "otp_and_pin"),
    ),
    _switch(
        "expired_payment_status",
        "06",
        "The status of a payment whose page ran out: failed or canceled.",
        ("05", "06"),
    ),
    _switch(
        "recurring_debit_after_s",
        0.0,
        "How many seconds a RECURRING payment is pending before the money moves.",
    ),
    _switch("partial_refunds", default=False, summary="Whether a part can be refunded."),
    _switch(
        "refused_payment_notifies",
        default=False,
        summary="Whether a payment refused in the answer is notified as failed (06) as well.",
    ),
    _switch("notification_delay_s", 1.0, "How many seconds a notification lags behind its event."),
    _switch("notification_timeout_s", 30.0, "How long one notification may take.", minimum=1),
)


class Choices:
    """Reads DOKU's switches."""

    def __init__(self, switches: Switches) -> None:
        """Declares them."""
        switches.declare(SWITCHES)
        self._switches = switches

    def flag(self, name: str) -> bool:
        """Tells what a yes-or-no switch stands at; names come without `doku_`."""
        return self._switches.flag(f"doku_{name}")

    def text(self, name: str) -> str:
        """Tells what a text's switch stands at."""
        return self._switches.text(f"doku_{name}")

    def seconds(self, name: str) -> float:
        """Tells what a number's switch stands at."""
        return self._switches.number(f"doku_{name}")

    def period(self, name: str) -> timedelta:
        """Tells how long something lasts."""
        return timedelta(seconds=self.seconds(name))
