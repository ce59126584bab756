"""Issues and knows the tokens that DOKU gives to the merchant, for itself and for each customer."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from ovo_sandbox.doku.jwt import mint
from ovo_sandbox.doku.switches import Choices
from ovo_sandbox.sandbox import Sandbox

TokenState = Literal["valid", "ended", "unknown"]

_MERCHANT: Final = "doku.merchant_token"
_LATEST: Final = "doku.latest_merchant_token"
_CUSTOMER: Final = "doku.customer_token"
_REFRESH: Final = "doku.refresh_token"
# SNAP says only that a refresh token outlives the access token.
_REFRESH_LIFETIME: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerGrant:
    """Is what a customer's link gives the merchant: a token, and one to renew it with."""

    access_token: str
    access_expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime


class Tokens:
    """Keeps tokens by their digest; the bearer alone holds them in full."""

    def __init__(self, context: Sandbox, choices: Choices) -> None:
        """Mints with DOKU's key."""
        self._context = context
        self._choices = choices

    def issue_merchant_token(self, client_id: str) -> str:
        """Makes the merchant's next token, which ends the one before where the switch says so."""
        store = self._context.store
        now = self._context.clock.now()
        expires_at = now + self._choices.period("token_lifetime_s")
        token = self._mint(client_id, now, expires_at)
        with store.transaction():
            previous = store.get(_LATEST, client_id)
            if previous is not None and self._choices.flag("supersede_previous_token"):
                document = store.get(_MERCHANT, previous["digest"])
                if document is not None:
                    store.put(_MERCHANT, previous["digest"], {**document, "superseded": True})
            store.put(
                _MERCHANT,
                _digest(token),
                {
                    "client_id": client_id,
                    "expires_at": expires_at.isoformat(),
                    "superseded": False,
                },
            )
            store.put(_LATEST, client_id, {"digest": _digest(token)})
        return token

    def merchant_token(self, token: str) -> tuple[TokenState, str]:
        """Tells a merchant token's state and its client; with `sliding_token`, use renews it."""
        document = self._context.store.get(_MERCHANT, _digest(token))
        if document is None:
            return "unknown", ""
        now = self._context.clock.now()
        if document["superseded"] or datetime.fromisoformat(document["expires_at"]) <= now:
            return "ended", document["client_id"]
        if self._choices.flag("sliding_token"):
            expires_at = now + self._choices.period("token_lifetime_s")
            renewed = {**document, "expires_at": expires_at.isoformat()}
            self._context.store.put(_MERCHANT, _digest(token), renewed)
        return "valid", document["client_id"]

    def issue_customer_grant(
        self, client_id: str, auth_code: str, account_id: str
    ) -> CustomerGrant:
        """Makes a customer's next token; those before stay good until they expire."""
        now = self._context.clock.now()
        grant = CustomerGrant(
            access_expires_at=now + self._choices.period("customer_token_lifetime_s"),
            access_token=self._mint(
                client_id,
                now,
                now + self._choices.period("customer_token_lifetime_s"),
                account_id=account_id,
            ),
            refresh_expires_at=now + _REFRESH_LIFETIME,
            refresh_token=self._mint(
                client_id, now, now + _REFRESH_LIFETIME, account_id=account_id
            ),
        )
        with self._context.store.transaction():
            self._keep(_CUSTOMER, grant.access_token, auth_code, grant.access_expires_at)
            self._keep(_REFRESH, grant.refresh_token, auth_code, grant.refresh_expires_at)
        return grant

    def auth_code_of_customer_token(self, token: str) -> str | None:
        """Returns the link that a customer token speaks for, or None where it is no good."""
        return self._auth_code(_CUSTOMER, token)

    def auth_code_of_refresh_token(self, token: str) -> str | None:
        """Returns the link that a refresh token speaks for, or None where it is no good."""
        return self._auth_code(_REFRESH, token)

    def _keep(self, kind: str, token: str, auth_code: str, expires_at: datetime) -> None:
        document = {"auth_code": auth_code, "expires_at": expires_at.isoformat()}
        self._context.store.put(kind, _digest(token), document)

    def _auth_code(self, kind: str, token: str) -> str | None:
        document = self._context.store.get(kind, _digest(token))
        if document is None:
            return None
        if datetime.fromisoformat(document["expires_at"]) <= self._context.clock.now():
            return None
        return str(document["auth_code"])

    def _mint(
        self, client_id: str, issued_at: datetime, expires_at: datetime, account_id: str = ""
    ) -> str:
        return mint(
            private_key=self._context.keys.doku_private_key,
            client_id=client_id,
            token_id=f"{self._context.random.getrandbits(128):032x}",
            issued_at=issued_at,
            expires_at=expires_at,
            extra={"accountId": account_id} if account_id else None,
        )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
