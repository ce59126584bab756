"""The database's own secret: made with it, sealed in it, and never changed.

What must be the same for ever, whichever key seals the rest, is made of it.
"""

import secrets
from typing import Final

from ovo_payments.domain.errors import StoreUnavailableError
from ovo_payments.storage.keys import EncryptionKeysError
from ovo_payments.storage.sealing import KeyMissingError, Place, SealBrokenError
from ovo_payments.storage.statements import secret as sql
from ovo_payments.storage.transaction import Transaction

SECRET_BYTES: Final = 32
PLACE: Final[Place] = ("own_secret", "sealed")


def take_up(transaction: Transaction) -> None:
    """Makes the secret where there is none, and hands it to the sealer.

    Raises EncryptionKeysError where the keys don't open it: they are those of another database,
    or the one that sealed it was left out.
    """
    sealer = transaction.sealer
    made = sealer.seal(secrets.token_bytes(SECRET_BYTES), PLACE)
    transaction.execute(sql.INSERT, {"sealed": made})
    sealed = transaction.execute(sql.FIND, {}).fetchone()[0]
    try:
        sealer.database_secret = sealer.open(sealed, PLACE)
    except StoreUnavailableError as error:
        if not isinstance(error.__cause__, KeyMissingError):
            raise
        raise EncryptionKeysError(
            f"the database is sealed with the key {error.__cause__.key_id}, which is not among them"
        ) from error
    except SealBrokenError as error:
        raise EncryptionKeysError(
            "the database is sealed with another key of the same name"
        ) from error
