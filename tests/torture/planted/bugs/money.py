"""Mistakes about amounts, accounts, orders and refunds."""

from typing import Final

from tests.torture.planted.bug import Bug, Edit

_PAYMENTS_SQL: Final = "ovo_payments/storage/migrations/sqlite/0002_payments.sql"
_REFUNDS: Final = "ovo_payments/storage/units/refunds.py"
_CLAIMS: Final = "ovo_payments/storage/units/order_claims.py"

BUGS: Final = (
    Bug(
        name="amount-through-a-float",
        what="An amount is written in thousands and back, through a rounded float.",
        breaks="I-8",
        edits=(
            Edit(
                "ovo_payments/domain/money.py",
                'return f"{self.rupiah}.00"',
                'return f"{round(self.rupiah / 1000, 2) * 1000:.2f}"',
            ),
        ),
    ),
    Bug(
        name="amount-read-as-a-float",
        what="A provider's amount is read as a float: 15000.50 and 1e4 are amounts too.",
        breaks="I-8",
        edits=(
            Edit(
                "ovo_payments/domain/money.py",
                """\
        if match is None or currency != RUPIAH:
""",
                """\
        if currency == RUPIAH:
            return cls(int(float(text)), currency)
        if match is None or currency != RUPIAH:
""",
            ),
        ),
        test="tests/unit/domain/test_money.py",
        unseen_because="the sandbox writes no such amounts",
    ),
    Bug(
        name="wrong-amount-is-accepted",
        what="An amount that is not the payment's is no reason to doubt a provider's word.",
        breaks="I-25",
        edits=(
            Edit(
                "ovo_payments/domain/payment.py",
                "if update.amount is not None and update.amount != payment.amount:",
                "if update.amount is not None and update.amount.rupiah < 0:",
            ),
        ),
    ),
    Bug(
        name="token-on-a-shared-object",
        what="The adapter keeps the customer's token that it saw first, for everybody.",
        breaks="I-9",
        edits=(
            Edit(
                "ovo_payments/providers/doku/tokens.py",
                "        token = binding.credentials.get(CUSTOMER_TOKEN)\n",
                """\
        held = binding.credentials.get(CUSTOMER_TOKEN)
        self._latest = token = getattr(self, "_latest", None) or held
""",
            ),
        ),
    ),
    Bug(
        name="order-claim-is-not-taken",
        what="An order that is open or paid takes another payment.",
        breaks="I-1",
        edits=(
            Edit(
                "ovo_payments/storage/units/payments.py",
                """\
    if holder := order_claims.take(transaction, payment):
        raise OrderAlreadyPaidError(holder)
""",
                """\
    order_claims.take(transaction, payment)
""",
            ),
        ),
    ),
    Bug(
        name="order-is-free-in-doubt",
        what="A payment whose answer was lost gives its order up.",
        breaks="I-1",
        edits=(
            Edit(
                _CLAIMS,
                "frozenset({PaymentState.PENDING, PaymentState.IN_DOUBT, PaymentState.SUCCEEDED})",
                "frozenset({PaymentState.PENDING, PaymentState.SUCCEEDED})",
            ),
        ),
    ),
    Bug(
        name="order-is-free-once-paid",
        what="A payment that succeeded gives its order up.",
        breaks="I-1",
        edits=(
            Edit(
                _CLAIMS,
                "frozenset({PaymentState.PENDING, PaymentState.IN_DOUBT, PaymentState.SUCCEEDED})",
                "frozenset({PaymentState.PENDING, PaymentState.IN_DOUBT})",
            ),
            Edit(
                _CLAIMS,
                "        transaction.execute(sql.HAND_ORDER_OVER, _claim(payment))\n",
                "        return\n",
            ),
        ),
    ),
    Bug(
        name="refund-exceeds-the-payment",
        what="A refund may be of more than was paid; neither code nor store minds.",
        breaks="I-16",
        edits=(
            Edit(
                "ovo_payments/application/refund.py",
                "if amount > payment.amount:",
                "if amount.rupiah < 0:",
            ),
            Edit(
                _REFUNDS,
                "payment.refund.amount.rupiah > payment.amount.rupiah:",
                "payment.refund.amount.rupiah < 0:",
            ),
            Edit(
                _PAYMENTS_SQL,
                """\
CREATE TRIGGER refunds_stay_within_the_payment BEFORE INSERT ON refunds
WHEN NEW.state""",
                """\
CREATE TRIGGER refunds_stay_within_the_payment BEFORE INSERT ON refunds
WHEN 0 AND NEW.state""",
            ),
        ),
    ),
    Bug(
        name="late-success-takes-no-order",
        what="A payment that succeeds late leaves its order free to be paid again.",
        breaks="I-1",
        edits=(
            Edit(
                _CLAIMS,
                "    elif earlier := take(transaction, change.after):\n",
                "    elif earlier := holder(transaction, change.after):\n",
            ),
        ),
    ),
    Bug(
        name="points-are-added",
        what="What the customer pays by points is asked for on top of the amount.",
        breaks="I-3",
        edits=(
            Edit(
                "ovo_payments/providers/doku/wire.py",
                "cash = Money(payment.amount.rupiah - points.rupiah)",
                "cash = payment.amount",
            ),
        ),
        test="tests/unit/providers/doku/test_wire.py",
        unseen_because="the sandbox refuses a debit whose parts are not its amount",
    ),
    Bug(
        name="refund-without-constraint",
        what="A payment that is being refunded is refunded again; neither code nor store minds.",
        breaks="I-16",
        edits=(
            Edit(
                "ovo_payments/application/refund.py",
                """\
        if payment.state is not PaymentState.SUCCEEDED or (
            earlier is not None and earlier.state is not RefundState.FAILED
        ):
""",
                """\
        if payment.state is not PaymentState.SUCCEEDED:
""",
            ),
            Edit(_REFUNDS, "if moving is not None or ", "if "),
            Edit(
                _PAYMENTS_SQL,
                "CREATE UNIQUE INDEX refunds_that_may_move_money",
                "CREATE INDEX refunds_that_may_move_money",
            ),
            Edit(
                _PAYMENTS_SQL,
                """\
CREATE TRIGGER refunds_stay_within_the_payment BEFORE INSERT ON refunds
WHEN NEW.state""",
                """\
CREATE TRIGGER refunds_stay_within_the_payment BEFORE INSERT ON refunds
WHEN 0 AND NEW.state""",
            ),
            Edit(
                _PAYMENTS_SQL,
                """\
CREATE TRIGGER refunds_come_back_within_the_payment BEFORE UPDATE OF state ON refunds
WHEN NEW.state""",
                """\
CREATE TRIGGER refunds_come_back_within_the_payment BEFORE UPDATE OF state ON refunds
WHEN 0 AND NEW.state""",
            ),
        ),
    ),
    Bug(
        name="lost-refund-means-failed",
        what="A refund whose answer was lost is told as failed.",
        breaks="I-4",
        edits=(
            Edit(
                "ovo_payments/domain/refund.py",
                "(RefundState.PENDING, Claim.UNKNOWN): RefundState.IN_DOUBT,",
                "(RefundState.PENDING, Claim.UNKNOWN): RefundState.FAILED,",
            ),
        ),
    ),
    Bug(
        name="refund-changes-its-reference",
        what="Each attempt to refund has a reference of its own at DOKU.",
        breaks="I-5",
        edits=(
            Edit(
                "ovo_payments/providers/doku/wire.py",
                '        "partnerRefundNo": refund.refund_id,\n',
                '        "partnerRefundNo": refund.refund_id[:16] + str(id(payment)),\n',
            ),
        ),
    ),
    Bug(
        name="refund-is-told-done-when-asked-for",
        what="A refund that Midtrans approved and the bank did not confirm is told as done.",
        breaks="I-4",
        edits=(
            Edit(
                "ovo_payments/providers/midtrans/config.py",
                "refund_confirmation: RefundConfirmation = RefundConfirmation.BANK",
                "refund_confirmation: RefundConfirmation = RefundConfirmation.APPROVED",
            ),
        ),
        test="tests/unit/providers/midtrans/test_refunds.py",
        unseen_because="the sandbox's bank confirms whatever Midtrans approved",
    ),
    Bug(
        name="pending-is-told-as-paid",
        what="Midtrans' `pending` is read as paid.",
        breaks="I-3",
        edits=(
            Edit(
                "ovo_payments/providers/midtrans/tables.py",
                '"pending": _state("200 201", _PENDING, _PENDING, _PENDING),',
                '"pending": _state("200 201", _SUCCEEDED, _PENDING, _PENDING),',
            ),
        ),
    ),
    Bug(
        name="accepted-is-told-as-paid",
        what="DOKU's acceptance of a debit, which a customer may still refuse, is read as paid.",
        breaks="I-3",
        edits=(
            Edit(
                "ovo_payments/providers/doku/tables.py",
                "    Verdict.ACCEPTED: Claim.PENDING,\n",
                "    Verdict.ACCEPTED: Claim.SUCCEEDED,\n",
            ),
        ),
    ),
)
