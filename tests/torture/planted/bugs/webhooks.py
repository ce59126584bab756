"""Mistakes about what comes by itself."""

from typing import Final

from tests.torture.planted.bug import Bug, Edit

_RECEIVE: Final = "ovo_payments/application/receive_webhook.py"
_APPLY: Final = "ovo_payments/application/apply_webhook.py"

BUGS: Final = (
    Bug(
        name="acknowledged-before-commit",
        what="A webhook is acknowledged while it is still being stored.",
        breaks="I-23",
        edits=(
            Edit(
                _RECEIVE,
                "        await self._store.append_webhook(\n",
                '        __import__("asyncio").ensure_future(self._store.append_webhook(\n',
            ),
            Edit(
                _RECEIVE,
                """\
                next_attempt_time=now,
            )
        )
""",
                """\
                next_attempt_time=now,
            )
        ))
""",
            ),
        ),
    ),
    Bug(
        name="acknowledged-though-not-stored",
        what="A webhook that could not be stored is acknowledged, and its provider sends no other.",
        breaks="I-23",
        edits=(
            Edit(
                _RECEIVE,
                "        await self._store.append_webhook(\n",
                "        stored = self._store.append_webhook(\n",
            ),
            Edit(
                _RECEIVE,
                """\
        self._wake_inbox()
        return provider""",
                """\
        try:
            await stored
        except Exception:
            _log.exception("webhook.not_stored")
        self._wake_inbox()
        return provider""",
            ),
        ),
    ),
    Bug(
        name="webhook-is-deleted-once-applied",
        what="A webhook that is worked off leaves the inbox, and with it the proof that it came.",
        breaks="I-23",
        edits=(
            Edit(
                "ovo_payments/storage/units/inbox.py",
                "        raise LeaseLostError\n",
                """\
        raise LeaseLostError
    if entry.next_attempt_time is None:
        transaction.execute("DELETE FROM inbox WHERE inbox_id = :inbox_id", parameters)
""",
            ),
        ),
    ),
    Bug(
        name="another-merchant-s-word-is-taken",
        what="A notification of another merchant's transaction counts as one of ours.",
        breaks="I-25",
        edits=(
            Edit(
                "ovo_payments/providers/midtrans/translate.py",
                'if config.merchant_id and answer.merchant_id not in {"", config.merchant_id}:',
                "if config.merchant_id and answer.merchant_id is None:",
            ),
        ),
        test="tests/unit/providers/midtrans/test_states.py",
        unseen_because="the sandbox serves one merchant",
    ),
    Bug(
        name="midtrans-signature-is-not-checked",
        what="Whoever names a payment may notify of it in Midtrans' name.",
        breaks="I-22",
        edits=(
            Edit(
                "ovo_payments/providers/midtrans/signing.py",
                "return any(fits)",
                "return bool(fits)",
            ),
        ),
    ),
    Bug(
        name="doku-signature-is-not-checked",
        what="Whoever has a token of ours may notify in DOKU's name.",
        breaks="I-22",
        edits=(
            Edit(
                "ovo_payments/providers/doku/webhook.py",
                "if not any(fits):",
                "if not fits:",
            ),
        ),
    ),
    Bug(
        name="webhook-s-status-is-trusted",
        what="A Midtrans notification makes a state, though its signature does not cover any.",
        breaks="I-26",
        edits=(
            Edit(
                _APPLY,
                "if provider.spec.webhook_proves_state and payment.state.open:",
                "if payment.state.open:",
            ),
        ),
    ),
    Bug(
        name="webhook-is-applied-twice",
        what="Each repetition of a word is another version.",
        breaks="I-24",
        edits=(
            Edit(
                "ovo_payments/domain/payment.py",
                """\
    if after == before:
        return after
    return replace(""",
                """\
    if after == before and after.open:
        return after
    return replace(""",
            ),
        ),
    ),
    Bug(
        name="webhook-charges-again",
        what="A notification of a failed push makes another push.",
        breaks="I-27",
        edits=(
            Edit(
                _APPLY,
                "        misfit = payments.misfit(payment, update)\n",
                """\
        if payment.provider == "midtrans" and update.claim is Claim.FAILED:
            await provider.charge(payment)
        misfit = payments.misfit(payment, update)
""",
            ),
        ),
    ),
    Bug(
        name="waiting-webhook-is-forgotten",
        what="A webhook that can't be worked off now is not looked at again.",
        breaks="I-2",
        edits=(
            Edit(
                _APPLY,
                """\
        if state is InboxState.WAITING:
            delay_s""",
                """\
        if state is InboxState.WAITING:
            state = InboxState.IGNORED
        if state is InboxState.WAITING:
            delay_s""",
            ),
        ),
    ),
    Bug(
        name="settled-before-applied",
        what="A webhook is marked as done before it is, and lost with whoever was at it.",
        breaks="I-35",
        edits=(
            Edit(
                _APPLY,
                "            state, note = await self._verdict(entry)\n",
                """\
            begun = replace(entry, state=InboxState.APPLIED, note="begun")
            await self._store.settle_webhook(begun, lease.lease)
            state, note = await self._verdict(entry)
""",
            ),
        ),
    ),
    Bug(
        name="poison-is-never-parked",
        what="A webhook that breaks its worker is taken up again for ever.",
        breaks="I-35",
        edits=(
            Edit(
                _APPLY,
                "        except Exception as error:  # noqa: BLE001 - a broken",
                "        except ZeroDivisionError as error:  # a broken",
            ),
            Edit(
                _APPLY,
                "            return InboxState.QUARANTINED, misfit\n",
                "            raise ValueError(misfit)\n",
            ),
        ),
    ),
    Bug(
        name="refusals-differ",
        what="Who forges learns whether it was the token or the signature that was wrong.",
        breaks="I-22",
        edits=(
            Edit(
                _RECEIVE,
                """\
            return provider.webhooks.refuse(kind)
        now =""",
                """\
            status = 403 if "signature" in refused.cause else 401
            return InboundAnswer(status=status, body=b"")
        now =""",
            ),
        ),
    ),
)
