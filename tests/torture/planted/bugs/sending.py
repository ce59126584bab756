"""Mistakes about what leaves, when, and how often."""

from typing import Final

from tests.torture.planted.bug import Bug, Edit

_INTENTS: Final = "ovo_payments/application/intents.py"
_CLIENT: Final = "ovo_payments/providers/http/client.py"

BUGS: Final = (
    Bug(
        name="send-before-commit",
        what="The request leaves while its intent is still being written.",
        breaks="I-5",
        edits=(
            Edit(
                _INTENTS,
                """\
            earlier = await self._write(write, lease, payment)
            if earlier is not None:
""",
                """\
            sending = asyncio.ensure_future(self._send(payment, send, lease))
            earlier = await self._write(write, lease, payment)
            if earlier is not None:
""",
            ),
            Edit(
                _INTENTS,
                "            return await self._send(payment, send, lease)\n",
                "            return await sending\n",
            ),
        ),
    ),
    Bug(
        name="time-out-means-not-sent",
        what="A request that ran out of time counts as one that never left.",
        breaks="I-6",
        edits=(
            Edit(
                _CLIENT,
                """\
        except TimeoutError:
            cause = "out of time"
""",
                """\
        except TimeoutError:
            return NotSent(phase=journey.phase, cause="out of time")
""",
            ),
        ),
    ),
    Bug(
        name="not-sent-after-bytes-left",
        what="A request whose answer is being read counts as one that never left.",
        breaks="I-6",
        edits=(
            Edit(
                "ovo_payments/providers/http/outcome.py",
                "return self >= Phase.WRITE",
                "return self > Phase.READ",
            ),
        ),
    ),
    Bug(
        name="lost-debit-is-repeated",
        what="A debit whose answer was lost is sent again, like a safe call.",
        breaks="I-6",
        edits=(
            Edit(
                _CLIENT,
                """\
            case Lost():
                return self._call_class is not CallClass.MUTATE
""",
                """\
            case Lost():
                return True
""",
            ),
        ),
    ),
    Bug(
        name="debit-is-repeated-after-5xx",
        what="A debit that was answered 5xx is sent again, like a safe call.",
        breaks="I-6",
        edits=(
            Edit(
                _CLIENT,
                "return self._call_class is not CallClass.MUTATE and server_error(outcome)",
                "return server_error(outcome)",
            ),
        ),
    ),
    Bug(
        name="unknown-is-signed-anew",
        what="DOKU's second attempt, meant for a refused token, follows any unusable answer.",
        breaks="I-6",
        edits=(
            Edit(
                "ovo_payments/providers/doku/client.py",
                """\
        if isinstance(reply, _Refused):
            reply = await self._attempt(call, deadline, refused=reply.token)
""",
                """\
        if isinstance(reply, _Refused) or reply.verdict is Verdict.UNKNOWN:
            refused = reply.token if isinstance(reply, _Refused) else ""
            reply = await self._attempt(call, deadline, refused=refused)
""",
            ),
        ),
    ),
    Bug(
        name="caller-s-cancel-stops-the-send",
        what="A caller that goes away takes the provider call with it.",
        breaks="I-10",
        edits=(
            Edit(
                "ovo_payments/application/sends.py",
                "        await asyncio.wait({task}, timeout=timeout_s)\n",
                """\
        try:
            await asyncio.wait({task}, timeout=timeout_s)
        except asyncio.CancelledError:
            task.cancel()
            raise
""",
            ),
        ),
    ),
    Bug(
        name="answer-is-stored-by-its-caller",
        what="The answer is stored by whoever waits for it: where nobody waits, nobody stores it.",
        breaks="I-10",
        edits=(
            Edit(
                _INTENTS,
                """\
            return await self._send(payment, send, lease)

        ended = await self.sends.carry(call, work)
""",
                """\
            return ("answered", await send())

        ended = await self.sends.carry(call, work)
        if isinstance(ended, tuple) and ended[0] == "answered":
            answer = ended[1]

            async def answered() -> Outcome:
                return answer

            ended = await self._send(payment, answered, lease)
""",
            ),
        ),
    ),
    Bug(
        name="no-question-is-planned",
        what="An intent does not say when to ask should its sender vanish; no restart minds.",
        breaks="I-21",
        edits=(
            Edit(
                _INTENTS,
                "checks = replace(payment.checks, sending=True, next_check_time=next_check_time)",
                "checks = replace(payment.checks, sending=True)",
            ),
            Edit(
                "ovo_payments/storage/statements/payments.py",
                "WHEN sending = 1 OR next_check_time_us > :now_us THEN :now_us",
                "WHEN next_check_time_us > :now_us THEN :now_us",
            ),
        ),
    ),
    Bug(
        name="doubt-is-asked-by-charging-again",
        what="What became of a push is asked by sending it again under its idempotency key.",
        breaks="I-6",
        edits=(
            Edit(
                "ovo_payments/application/ask.py",
                """\
        update = await provider.query(payment)
        return await""",
                """\
        doubtful = payment.provider == "midtrans" and payment.state.value == "IN_DOUBT"
        update = await (provider.charge if doubtful else provider.query)(payment)
        return await""",
            ),
        ),
    ),
    Bug(
        name="unknown-commit-is-told-as-done",
        what="A commit that failed is taken for done, and the request leaves.",
        breaks="I-33",
        edits=(
            Edit(
                _INTENTS,
                """\
            if stored is None or not _same_intent(stored, payment):
                raise
""",
                """\
            if stored is None or not _same_intent(stored, payment):
                return None
""",
            ),
        ),
    ),
    Bug(
        name="seen-counts-as-durable",
        what="A commit whose outcome is unknown counts as done once it can be read.",
        breaks="I-33",
        edits=(Edit(_INTENTS, "            await self.store.ping()\n", ""),),
        test="tests/unit/application/test_store_away.py",
        unseen_because="what the simulation's store shows is durable",
    ),
    Bug(
        name="half-written-means-not-sent",
        what="A request that broke while it was being written counts as one that never left.",
        breaks="I-6",
        edits=(
            Edit(
                "ovo_payments/providers/http/outcome.py",
                "return self >= Phase.WRITE",
                "return self > Phase.WRITE",
            ),
        ),
        test="tests/unit/providers/http/test_proof_of_not_sent.py",
        unseen_because="the simulation's network writes a request in one piece",
    ),
)
