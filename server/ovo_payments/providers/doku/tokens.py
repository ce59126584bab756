"""DOKU's tokens: one for us (B2B), one for each linked customer (B2B2C).

Sources: developers.doku.com/accept-payments/direct-api/snap/integration-guide/get-token-api, the
pages b2b and b2b2c. A token that is fetched may end the one before it, so nothing is ever fetched
twice at once.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from ovo_payments.domain.binding import Binding
from ovo_payments.domain.failure import FailureReason
from ovo_payments.domain.ports import Clock
from ovo_payments.domain.secret import Secret
from ovo_payments.domain.update import BindingClaim, BindingUpdate, Source
from ovo_payments.providers.doku import wire
from ovo_payments.providers.doku.bindings import AUTH_CODE
from ovo_payments.providers.doku.codes import Verdict
from ovo_payments.providers.doku.reply import Reply, not_sent
from ovo_payments.providers.doku.single_flight import SingleFlight

CUSTOMER_TOKEN: Final = "customer_token"  # noqa: S105 - the name under which it is kept
CUSTOMER_TOKEN_EXPIRY: Final = "customer_token_expiry"  # noqa: S105 - the same

_DEFAULT_LIFE_S: Final = 900
_REFRESHED_AFTER: Final = 0.8
_REFRESH_PAUSE: Final = timedelta(seconds=15)
_CUSTOMER_MARGIN: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantToken:
    """The token that speaks for us, and until when it is used."""

    text: str = field(repr=False)
    refresh_time: datetime
    expiry_time: datetime


class MerchantTokens:
    """Keeps the one token of this client, and fetches the next before it runs out."""

    def __init__(self, fetch: Callable[[], Awaitable[Reply]], clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._kept: MerchantToken | None = None
        self._flight: SingleFlight[MerchantToken | Reply] = SingleFlight()

    @property
    def alive(self) -> bool:
        """Whether calls can be made without fetching anything."""
        return self._kept is not None and self._clock.now() < self._kept.expiry_time

    async def current(self, refused: str = "") -> MerchantToken | Reply:
        """Gives a token other than one that DOKU refused, or why there is none."""
        kept = self._kept
        if kept is not None and kept.text == refused:
            kept = self._kept = None
        if kept is not None and self._clock.now() < kept.refresh_time:
            return kept
        fetched = await self._flight.join("b2b", self._fetched)
        if isinstance(fetched, Reply) and kept is not None and self.alive:
            # Refreshing early failed; what we hold is still good, and is not asked for again
            # at once, lest every call wait for a desk that is down.
            if self._kept is kept:
                again = min(self._clock.now() + _REFRESH_PAUSE, kept.expiry_time)
                self._kept = replace(kept, refresh_time=again)
            return kept
        return fetched

    async def close(self) -> None:
        """Gives up what is being fetched."""
        await self._flight.close()

    async def _fetched(self) -> MerchantToken | Reply:
        start = self._clock.now()
        reply = await self._fetch()
        text = wire.text(reply.document, "accessToken")
        if reply.verdict is not Verdict.ACCEPTED or not text:
            return reply
        told_s = wire.whole_number(reply.document, "expiresIn")
        life_s = _DEFAULT_LIFE_S if told_s is None else told_s
        self._kept = MerchantToken(
            text=text,
            refresh_time=start + timedelta(seconds=life_s * _REFRESHED_AFTER),
            expiry_time=start + timedelta(seconds=life_s),
        )
        return self._kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A customer's token, or why there is none, and what was learnt of the link on the way."""

    token: Secret | None = None
    binding: BindingUpdate | None = None
    reply: Reply | None = None
    """Where there is no token: what the call that needs it comes to."""


class CustomerTokens:
    """Gives customers' tokens. Keeps none: each lives in its binding's credentials alone."""

    def __init__(self, exchange: Callable[[Secret], Awaitable[Reply]], clock: Clock) -> None:
        self._exchange = exchange
        self._clock = clock
        self._flights: SingleFlight[Access] = SingleFlight()

    async def access(self, binding: Binding, refused: Secret | None = None) -> Access:
        """Gives the token that the binding holds, or one for its auth code.

        A token that DOKU refused is not given again.
        """
        kept = self._kept(binding)
        if kept is not None and kept != refused:
            return Access(token=kept)
        return await self.exchange(binding)

    async def exchange(self, binding: Binding) -> Access:
        """Asks for a new token, which also tells whether the account is still linked."""
        auth_code = binding.credentials.get(AUTH_CODE)
        if auth_code is None:
            return _gone(Source.TRANSPORT, "nothing was sent: no auth code is known", "")

        async def ask() -> Access:
            return self._read(await self._exchange(auth_code), auth_code)

        return await self._flights.join(f"b2b2c:{binding.binding_id}:{auth_code.reveal()}", ask)

    async def close(self) -> None:
        """Gives up what is being asked."""
        await self._flights.close()

    def _kept(self, binding: Binding) -> Secret | None:
        token = binding.credentials.get(CUSTOMER_TOKEN)
        expiry = binding.credentials.get(CUSTOMER_TOKEN_EXPIRY)
        if token is None or expiry is None:
            return None
        expiry_time = wire.time({"kept": expiry.reveal()}, "kept")
        if expiry_time is None or self._clock.now() + _CUSTOMER_MARGIN >= expiry_time:
            return None
        return token

    def _read(self, reply: Reply, auth_code: Secret) -> Access:
        if reply.reason is FailureReason.BINDING_REVOKED:
            return _gone(reply.source, reply.detail, reply.code)
        text = wire.text(reply.document, "accessToken")
        if reply.verdict is not Verdict.ACCEPTED or not text:
            return Access(reply=not_sent(f"no customer's token: {reply.detail}", reply.code))
        token = Secret(text)
        update = BindingUpdate(
            source=Source.QUERY,
            claim=BindingClaim.ACTIVE,
            credentials={
                AUTH_CODE: auth_code,
                CUSTOMER_TOKEN: token,
                CUSTOMER_TOKEN_EXPIRY: Secret(self._expiry_time(reply).isoformat()),
            },
            provider_code=reply.code,
            detail=reply.detail,
        )
        return Access(token=token, binding=update)

    def _expiry_time(self, reply: Reply) -> datetime:
        """Reads until when the token lives; one of DOKU's fixtures has seconds there."""
        told = wire.time(reply.document, "accessTokenExpiryTime")
        if told is not None:
            return told.astimezone(UTC)
        life_s = wire.whole_number(reply.document, "accessTokenExpiryTime")
        return self._clock.now() + timedelta(seconds=life_s or _DEFAULT_LIFE_S)


def link_gone(source: Source, detail: str, code: str) -> BindingUpdate:
    """Says that DOKU knows no link."""
    return BindingUpdate(
        source=source, claim=BindingClaim.NOT_LINKED, provider_code=code, detail=detail
    )


def _gone(source: Source, detail: str, code: str) -> Access:
    reply = Reply(
        verdict=Verdict.CUSTOMER_TOKEN_STALE,
        source=source,
        reason=FailureReason.BINDING_REVOKED,
        code=code,
        detail=detail,
    )
    return Access(binding=link_gone(Source.QUERY, detail, code), reply=reply)
