"""Mistakes about what a word of the provider, or the lack of one, makes of a payment."""

from typing import Final

from tests.torture.planted.bug import Bug, Edit

_PAYMENT: Final = "ovo_payments/domain/payment.py"
_DECIDE: Final = "ovo_payments/domain/decide.py"
_SCHEDULE: Final = "ovo_payments/domain/schedule.py"
_RECORDER: Final = "ovo_payments/application/recorder.py"
_PAYMENTS_SQL: Final = "ovo_payments/storage/migrations/sqlite/0002_payments.sql"

_REFUNDED: Final = "(PaymentState.SUCCEEDED, Claim.REFUNDED): PaymentState.REFUNDED,"

BUGS: Final = (
    Bug(
        name="lost-means-failed",
        what="A payment whose answer was lost is told as failed.",
        breaks="I-7",
        edits=(
            Edit(
                _PAYMENT,
                "(PaymentState.PENDING, Claim.UNKNOWN): PaymentState.IN_DOUBT,",
                "(PaymentState.PENDING, Claim.UNKNOWN): PaymentState.FAILED,",
            ),
        ),
    ),
    Bug(
        name="server-error-means-failed",
        what="A charge that Midtrans answered 5xx or with nonsense is told as failed.",
        breaks="I-2",
        edits=(
            Edit(
                "ovo_payments/providers/midtrans/tables.py",
                "        UNREADABLE: _UNKNOWN,\n",
                "        UNREADABLE: _MALFORMED,\n",
            ),
        ),
    ),
    Bug(
        name="expired-by-timer",
        what="A push whose time is over is EXPIRED as soon as anybody looks.",
        breaks="I-7",
        edits=(
            Edit(
                _DECIDE,
                """\
    if update.claim is Claim.NOT_FOUND:
        return _not_found_taken_in(payment, now, patience)
""",
                """\
    over = payment.expire_time is not None and now >= payment.expire_time
    if over and payment.state.open and update.claim in {Claim.PENDING, Claim.UNKNOWN}:
        return payments.apply(payment, replace(update, claim=Claim.EXPIRED), now)
    if update.claim is Claim.NOT_FOUND:
        return _not_found_taken_in(payment, now, patience)
""",
            ),
        ),
    ),
    Bug(
        name="exhausted-means-failed",
        what="A payment about which no question is left is told as failed.",
        breaks="I-7",
        edits=(
            Edit(
                _DECIDE,
                "        payment = payments.with_review(payment, Review.EXHAUSTED, now)\n",
                """\
        failed = type(payment.state)("FAILED")
        payment = replace(payment, state=failed, version=payment.version + 1)
""",
            ),
        ),
    ),
    Bug(
        name="one-404-is-enough",
        what="The first 404 that counts ends a payment.",
        breaks="I-7",
        edits=(Edit(_SCHEDULE, "NOT_FOUND_COUNT: Final = 3", "NOT_FOUND_COUNT: Final = 1"),),
    ),
    Bug(
        name="404-counts-at-once",
        what="A 404 counts though the provider has not had its time to settle.",
        breaks="I-7",
        edits=(
            Edit(
                _SCHEDULE,
                """\
    if now < _settled_after(payment, patience):
        return payment
""",
                "",
            ),
        ),
    ),
    Bug(
        name="404s-are-not-spaced",
        what="Three 404s in a row count, however close together.",
        breaks="I-7",
        edits=(
            Edit(
                _SCHEDULE,
                "NOT_FOUND_SPACING_S: Final = 10.0",
                "NOT_FOUND_SPACING_S: Final = 0.0",
            ),
        ),
    ),
    Bug(
        name="late-pending-overwrites-success",
        what="A `pending` that comes late takes a success back.",
        breaks="I-19",
        edits=(
            Edit(
                _PAYMENT,
                _REFUNDED,
                f"(PaymentState.SUCCEEDED, Claim.PENDING): PaymentState.PENDING,\n    {_REFUNDED}",
            ),
            Edit(
                _PAYMENTS_SQL,
                "(OLD.state = 'SUCCEEDED' AND NEW.state NOT IN ('SUCCEEDED', 'REFUNDED'))",
                "(0)",
            ),
        ),
    ),
    Bug(
        name="refunded-regresses",
        what="A success that is told again takes a refund back.",
        breaks="I-19",
        edits=(
            Edit(
                _PAYMENT,
                _REFUNDED,
                "(PaymentState.REFUNDED, Claim.SUCCEEDED): PaymentState.SUCCEEDED,\n    "
                f"{_REFUNDED}",
            ),
            Edit(
                _PAYMENTS_SQL,
                "(OLD.state = 'REFUNDED' AND NEW.state <> 'REFUNDED')",
                "(0)",
            ),
        ),
    ),
    Bug(
        name="late-success-is-dropped",
        what="What was told as failed or expired stays so, also where the money moved.",
        breaks="I-2",
        edits=(
            Edit(
                _PAYMENT,
                "    (PaymentState.FAILED, Claim.SUCCEEDED): PaymentState.SUCCEEDED,\n",
                "",
            ),
            Edit(
                _PAYMENT,
                "    (PaymentState.EXPIRED, Claim.SUCCEEDED): PaymentState.SUCCEEDED,\n",
                "",
            ),
        ),
    ),
    Bug(
        name="late-success-is-not-marked",
        what="A success after a final no looks like any other.",
        breaks="I-20",
        edits=(
            Edit(
                _PAYMENT,
                "payment.late_success or (money_moved and payment.state in _TOLD_WITHOUT_MONEY),",
                "payment.late_success,",
            ),
        ),
    ),
    Bug(
        name="version-is-skipped",
        what="A payment that ends counts two versions at once.",
        breaks="I-17",
        edits=(
            Edit(
                _DECIDE,
                """\
    if after.version > payment.version + 1:
        after = replace(after, version=payment.version + 1)
""",
                """\
    if after.version > payment.version:
        after = replace(after, version=payment.version + (1 if after.open else 2))
""",
            ),
            Edit(
                _PAYMENTS_SQL,
                """\
CREATE TRIGGER payments_change_by_versions BEFORE UPDATE OF state, version, document ON payments
WHEN NEW""",
                """\
CREATE TRIGGER payments_change_by_versions BEFORE UPDATE OF state, version, document ON payments
WHEN 0 AND NEW""",
            ),
            Edit(
                _PAYMENTS_SQL,
                """\
CREATE TRIGGER payment_events_leave_no_gap BEFORE INSERT ON payment_events
WHEN NEW""",
                """\
CREATE TRIGGER payment_events_leave_no_gap BEFORE INSERT ON payment_events
WHEN 0 AND NEW""",
            ),
        ),
    ),
    Bug(
        name="event-is-not-written",
        what="The version with which a payment ends is in its row and not in the log.",
        breaks="I-17",
        edits=(
            Edit(
                "ovo_payments/storage/units/payments.py",
                """\
    if change.after.version != change.before.version:
        events.append(""",
                """\
    if change.after.version != change.before.version and change.after.open:
        events.append(""",
            ),
        ),
    ),
    Bug(
        name="evidence-is-not-written",
        what="A state is written without what it rests on.",
        breaks="I-7",
        edits=(
            Edit(_RECORDER, "evidence=(evidence,)", "evidence=()"),
            Edit(
                _PAYMENTS_SQL,
                "WHEN NEW.state <> OLD.state AND NEW.state IN ('SUCCEEDED', 'FAILED',",
                "WHEN 0 AND NEW.state <> OLD.state AND NEW.state IN ('SUCCEEDED', 'FAILED',",
            ),
        ),
    ),
    Bug(
        name="conflict-drops-the-word",
        what="Whoever loses a race for a payment drops what it came to tell.",
        breaks="I-10",
        edits=(
            Edit(
                _RECORDER,
                """\
            except VersionConflictError:
                continue
            except StoreUnavailableError:
""",
                """\
            except VersionConflictError:
                return before
            except StoreUnavailableError:
""",
            ),
        ),
    ),
)
