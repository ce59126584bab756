"""Declares what Midtrans' documents leave open, and the speeds that a tester may want to change."""

from typing import Final

from ovo_sandbox.switches import Switch, SwitchValue

PROVIDER: Final = "midtrans"


def _switch(
    name: str,
    default: SwitchValue,
    summary: str,
    choices: tuple[str, ...] = (),
    minimum: float = 0,
) -> Switch:
    return Switch(
        name=f"midtrans_{name}",
        provider=PROVIDER,
        default=default,
        summary=summary,
        choices=choices,
        minimum=minimum,
    )


SWITCHES: Final = (
    _switch(
        "push_mode",
        "auto",
        "Whether payers answer by themselves, or wait for a tester on the OVO app page.",
        ("auto", "manual"),
    ),
    _switch("settlement_delay_s", 3.0, "After how many seconds a payer answers by himself."),
    _switch("processing_delay_s", 0.0, "How many seconds a charge takes before it answers."),
    _switch("expiry_s", 65, "How long an order is valid; older documents say 60.", minimum=1),
    _switch("customer_window_s", 55, "How long the payer may answer the push.", minimum=1),
    _switch("expiry_lag_s", 0.0, "How long after its expiry an order is still pending."),
    _switch(
        "late_number",
        "expire",
        "What becomes of the number that OVO answers too late (response code 68).",
        ("expire", "late_settlement"),
    ),
    _switch("late_settlement_s", 90.0, "After how many seconds a late settlement comes."),
    _switch(
        "rejected_becomes",
        "deny",
        "The final state of an order that the payer or OVO rejects (response codes 17, 26, 40).",
        ("deny", "failure", "expire"),
    ),
    _switch(
        "deny_channel_response",
        True,  # noqa: FBT003 - a default, not an argument to read
        "Whether a rejected order carries channel_response_code and channel_response_message.",
    ),
    _switch(
        "charge_error_http",
        "200",
        "The HTTP status of charge errors 404, 410 and 503: 200, or the code of the body.",
        ("200", "as_body"),
    ),
    _switch(
        "custom_expiry",
        "ignored",
        "What becomes of a custom_expiry, which OVO does not support.",
        ("ignored", "rejected"),
    ),
    _switch(
        "bad_phone_message",
        "ovo.payer_phone_number format is invalid",
        "The validation message for a malformed payer_phone_number, which is not published.",
    ),
    _switch(
        "order_id_after_deny",
        "taken",
        "Whether a denied order's order_id may be used again.",
        ("taken", "free"),
    ),
    _switch(
        "phone_echo",
        "as_sent",
        "Whether answers show payer_phone_number as it was sent or as 08….",
        ("as_sent", "local"),
    ),
    _switch(
        "merchant_invoice_from",
        "settlement",
        "When merchant_invoice first appears.",
        ("charge", "settlement", "refund"),
    ),
    _switch("cancel_pending", "allowed", "Whether /cancel works on OVO.", ("allowed", "refused")),
    _switch("expire_pending", "allowed", "Whether /expire works on OVO.", ("allowed", "refused")),
    _switch(
        "payment_after_cancel",
        "refused",
        "What comes of a payer's yes after the merchant's /cancel or /expire.",
        ("refused", "settles"),
    ),
    _switch(
        "repeated_refund_key",
        "conflict",
        "What a completed refund's key gets: 406, or the first answer again.",
        ("conflict", "replay"),
    ),
    _switch("refund_window_days", 7, "How long an order can be refunded; 180 for travel agents."),
    _switch(
        "refund_confirmation_s",
        10.0,
        "After how many seconds the bank confirms a refund: the second notification.",
    ),
    _switch(
        "merchant_balance",
        "sufficient",
        "Whether the merchant's balance covers refunds; 414 where it does not.",
        ("sufficient", "insufficient"),
    ),
    _switch(
        "pending_webhook",
        True,  # noqa: FBT003 - a default, not an argument to read
        "Whether a new order is notified as pending.",
    ),
    _switch("webhook_delay_s", 0.0, "How late notifications set off; Midtrans promises 20."),
    _switch("expire_webhook_delay_s", 0.0, "How late expiries are told; Midtrans promises 90."),
    _switch("webhook_retry_factor", 1.0, "Stretches or shrinks the intervals between retries."),
    _switch(
        "webhook_ports",
        "any",
        "Whether notifications go to any port, or to 80 and 443 alone as in reality.",
        ("any", "80_443"),
    ),
    _switch("charges_per_minute_max", 0, "Charges above it get 429; 0 for no limit."),
    _switch(
        "in_process_body",
        "json",
        "The body of the HTTP 202 for an Idempotency-Key whose first request is not done.",
        ("json", "empty"),
    ),
)
