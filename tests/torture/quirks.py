"""What the providers' documents leave open: each seed draws its own providers."""

from random import Random
from typing import Final

from ovo_sandbox.sandbox import Sandbox

# Not drawn: doku_response_profile "lean", which tells no amount, so that every success would wait
# for a person.
_QUIRKS: Final[dict[str, tuple[bool | float | str, ...]]] = {
    "midtrans_processing_delay_s": (0.0, 1.5),
    "midtrans_settlement_delay_s": (0.5, 3.0, 20.0, 50.0),
    "midtrans_expiry_lag_s": (0.0, 30.0, 90.0),
    "midtrans_late_number": ("expire", "late_settlement"),
    "midtrans_rejected_becomes": ("deny", "failure", "expire"),
    "midtrans_deny_channel_response": (True, False),
    "midtrans_charge_error_http": ("200", "as_body"),
    "midtrans_order_id_after_deny": ("taken", "free"),
    "midtrans_phone_echo": ("as_sent", "local"),
    "midtrans_merchant_invoice_from": ("charge", "settlement", "refund"),
    "midtrans_repeated_refund_key": ("conflict", "replay"),
    "midtrans_refund_confirmation_s": (1.0, 3.0, 10.0, 600.0),
    "midtrans_merchant_balance": ("sufficient", "sufficient", "sufficient", "insufficient"),
    "midtrans_pending_webhook": (True, False),
    "midtrans_webhook_delay_s": (0.0, 2.0, 20.0),
    "midtrans_expire_webhook_delay_s": (0.0, 90.0),
    "midtrans_in_process_body": ("json", "empty"),
    "doku_token_lifetime_s": (30, 900),
    "doku_supersede_previous_token": (True, False),
    "doku_sliding_token": (True, False),
    "doku_expires_in_type": ("number", "string"),
    "doku_customer_token_lifetime_s": (90, 15 * 86_400),
    "doku_duplicates": ("snap", "replay-with-409"),
    "doku_status_404_for_s": (0.0, 5.0, 60.0),
    "doku_unknown_payment": ("4045501", "07"),
    "doku_payment_page_asks": ("pin", "otp", "otp_and_pin"),
    "doku_expired_payment_status": ("05", "06"),
    "doku_recurring_debit_after_s": (0.0, 0.0, 5.0, 60.0),
    "doku_refused_payment_notifies": (True, False),
    "doku_notification_delay_s": (0.1, 1.0, 30.0),
}


def draw(sandbox: Sandbox, random: Random) -> None:
    """Sets every switch to something that the provider might do."""
    for name, choices in _QUIRKS.items():
        sandbox.switches.set(name, random.choice(choices))
