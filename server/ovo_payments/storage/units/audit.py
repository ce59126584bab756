"""Writes the audit, each act in the transaction that did it."""

from ovo_payments.storage import acts
from ovo_payments.storage.acts import Act
from ovo_payments.storage.rows import Parameters
from ovo_payments.storage.statements import audit as sql
from ovo_payments.storage.transaction import Transaction


def append(transaction: Transaction, act: Act) -> None:
    """Writes an act behind the last one of its scope.

    A unit's last act: it locks the scope's head until the commit. A payment's event locks its
    scope's counter just before, so that nobody waits here who did not wait there.
    """
    secret = transaction.sealer.database_secret
    scope: Parameters = {"scope": act.scope}
    head = transaction.execute(sql.LOCK_HEAD, scope).fetchone()
    if head is None:
        head = transaction.execute(sql.BEGIN, {**scope, "nothing": acts.BEGIN}).fetchone()
    number, before = head[0] + 1, head[1]
    latest = acts.chain_hash(secret, act, number, before)
    transaction.execute(
        sql.INSERT,
        {
            "scope": act.scope,
            "number": number,
            "time_us": act.time_us,
            "actor": act.actor,
            "act": act.act,
            "subject_id": act.subject_id,
            "version": act.version,
            "result": act.result,
            "hash": latest,
        },
    )
    seal = acts.head_seal(secret, act.scope, number, latest)
    advanced = {"scope": act.scope, "number": number, "hash": latest, "seal": seal}
    transaction.execute(sql.ADVANCE, advanced)
