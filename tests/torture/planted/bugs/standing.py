"""Mistakes about streams, leases, restarts, overload and what a log may hold."""

from typing import Final

from tests.torture.planted.bug import Bug, Edit

_WATCH: Final = "ovo_payments/application/watch_payment.py"
_RECORDER: Final = "ovo_payments/application/recorder.py"
_HTTP: Final = "ovo_payments/providers/http"
_WORKER: Final = "ovo_payments/application/worker.py"

BUGS: Final = (
    Bug(
        name="nobody-is-woken",
        what="Watchers are not told of a change, and find it at their next heartbeat.",
        breaks="I-29",
        edits=(
            Edit(
                _RECORDER,
                """\
        self._feed.wake(after)
        self._observer""",
                """\
        self._observer""",
            ),
        ),
    ),
    Bug(
        name="woken-before-commit",
        what="Watchers are woken before there is anything to see.",
        breaks="I-29",
        edits=(
            Edit(
                _RECORDER,
                "                await self._store.record_payment(change)\n",
                """\
                self._feed.wake(before)
                await self._store.record_payment(change)
""",
            ),
            Edit(
                _RECORDER,
                """\
        self._feed.wake(after)
        self._observer""",
                """\
        self._observer""",
            ),
        ),
    ),
    Bug(
        name="early-wake-up-is-lost",
        what="A change while a watcher is busy wakes nobody: it waits for the next one.",
        breaks="I-29",
        edits=(
            Edit(
                "ovo_payments/storage/feed.py",
                "        if not self._full:\n",
                "        self._full = False\n        if not self._full:\n",
            ),
        ),
        test="tests/unit/storage/test_feed.py",
        unseen_because="a stream reads its log to the end before it waits, without a pause between",
    ),
    Bug(
        name="stream-ends-before-the-refund",
        what="A stream ends with the payment's state, though its refund is still open.",
        breaks="I-28",
        edits=(
            Edit(
                _WATCH,
                "if seen >= latest.version and not latest.open:",
                "if seen >= latest.version and not latest.state.open:",
            ),
        ),
    ),
    Bug(
        name="stream-leaves-versions-out",
        what="A watcher who was away gets only the last of several versions.",
        breaks="I-28",
        edits=(
            Edit(
                _WATCH,
                "                for latest in versions:\n",
                "                for latest in versions[-1:]:\n",
            ),
        ),
    ),
    Bug(
        name="stream-repeats-its-snapshot",
        what="The version of the snapshot comes twice.",
        breaks="I-28",
        edits=(
            Edit(
                _WATCH,
                "            seen = payment.version\n",
                "            seen = payment.version - 1\n",
            ),
        ),
    ),
    Bug(
        name="link-is-cut-under-a-payment",
        what="A link is taken away while a payment that uses it is open.",
        breaks="I-9",
        edits=(
            Edit(
                "ovo_payments/storage/units/bindings.py",
                "        raise PaymentInFlightError(",
                "        PaymentInFlightError(",
            ),
        ),
    ),
    Bug(
        name="lease-token-is-dropped",
        what="A worker whose lease ran out writes all the same.",
        breaks="I-34",
        edits=(
            Edit(
                "ovo_payments/storage/rows.py",
                '        "lease_before": lease,\n',
                '        "lease_before": "",\n',
            ),
        ),
    ),
    Bug(
        name="recovery-forgets-what-was-being-sent",
        what="A payment whose sender died is never taken up by anybody.",
        breaks="I-21",
        edits=(
            Edit(
                "ovo_payments/storage/statements/payments.py",
                """\
    AND (:provider = '' OR provider = :provider)
""",
                """\
    AND (:provider = '' OR provider = :provider) AND sending = 0
""",
            ),
        ),
    ),
    Bug(
        name="restart-leaves-leases",
        what="What was being sent at a SIGKILL is asked for only once its lease has run out.",
        breaks="I-21",
        edits=(
            Edit(
                "ovo_payments/storage/statements/payments.py",
                "WHERE lease IS NOT NULL\n",
                "WHERE lease IS NOT NULL AND 1 = 0\n",
            ),
        ),
        test="tests/contract/store/test_leases.py",
        unseen_because="a lease that outlives its process runs out, and the payment is asked for",
    ),
    Bug(
        name="sender-s-lease-is-too-short",
        what="A sender's lease runs out while its request is still on its way.",
        breaks="I-34",
        edits=(
            Edit(
                "ovo_payments/application/intents.py",
                "held_s = provider.spec.send_timeout_s + _LEASE_MARGIN_S",
                "held_s = 1.0",
            ),
            Edit(
                "ovo_payments/application/intents.py",
                "            if ends_by > lease.until:\n",
                "            if ends_by is None:\n",
            ),
        ),
    ),
    Bug(
        name="sender-ignores-its-lease",
        what="A request leaves though its lease ran out while the process stood still.",
        breaks="I-34",
        edits=(
            Edit(
                "ovo_payments/application/intents.py",
                "            if ends_by > lease.until:\n",
                "            if ends_by is None:\n",
            ),
        ),
        test="tests/unit/application/test_charge.py",
        unseen_because="it takes a process that stands still just between its commit and its send",
    ),
    Bug(
        name="store-outage-ends-the-workers",
        what="A worker that can't reach the store ends, and all others with it.",
        breaks="I-21",
        edits=(
            Edit(
                _WORKER,
                """\
            except RepeatableError as error:
                _log.warning(
                    "worker.waits_for_store",
""",
                """\
            except ZeroDivisionError as error:
                _log.warning(
                    "worker.waits_for_store",
""",
            ),
        ),
    ),
    Bug(
        name="breaker-is-ignored",
        what="A debit leaves though the breaker is open.",
        breaks="I-39",
        edits=(
            Edit(
                f"{_HTTP}/client.py",
                'return NotSent(phase=Phase.QUEUE, cause="the circuit breaker is open")',
                "return self._judged(await self._exchanged(request, timeouts, deadline))",
            ),
            Edit(
                "ovo_payments/application/providers.py",
                "    if wait_s > 0:\n",
                "    if wait_s > 3600:\n",
            ),
        ),
    ),
    Bug(
        name="breaker-never-closes",
        what="A breaker that opened stays open until the next restart, for questions as well.",
        breaks="I-21",
        edits=(
            Edit(
                f"{_HTTP}/breaker.py",
                "return max(0.0, self._open_until - self._monotonic())",
                "return self._cool_down_s",
            ),
        ),
    ),
    Bug(
        name="debit-probes-the-breaker",
        what="A debit is the call by which a half-open breaker decides.",
        breaks="I-39",
        edits=(
            Edit(
                f"{_HTTP}/client.py",
                "case BreakerState.HALF_OPEN if self._call_class is CallClass.MUTATE:",
                "case BreakerState.HALF_OPEN if self._call_class is None:",
            ),
        ),
    ),
    Bug(
        name="retry-budget-is-ignored",
        what="Safe calls are repeated as often as they fail.",
        breaks="I-37",
        edits=(
            Edit(
                f"{_HTTP}/repetition.py",
                """\
        if self._calls < _CALLS_PER_REPETITION:
            return False
""",
                "",
            ),
        ),
    ),
    Bug(
        name="phone-number-in-the-log",
        what="A phone number inside a text reaches the log whole.",
        breaks="logs",
        edits=(
            Edit(
                "ovo_payments/logs.py",
                """return _PHONE.sub(lambda match: "*" * len(match[0]), text)""",
                "return text",
            ),
        ),
        test="tests/unit/test_logs.py",
        unseen_because="the simulation takes log events before they are written",
    ),
)
