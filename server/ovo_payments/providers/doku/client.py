"""Signs and sends DOKU's calls, with the tokens that each of them needs."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import Final

from ovo_payments.domain.binding import Binding
from ovo_payments.domain.ports import Clock, Identifiers
from ovo_payments.domain.provider import CallClass
from ovo_payments.domain.secret import Secret
from ovo_payments.domain.update import BindingUpdate
from ovo_payments.providers.doku import wire
from ovo_payments.providers.doku.codes import Service, Verdict
from ovo_payments.providers.doku.config import DokuConfig
from ovo_payments.providers.doku.reply import Reply, not_sent, read_outcome
from ovo_payments.providers.doku.signing import (
    sign_with_private_key,
    sign_with_secret,
    token_string_to_sign,
    transaction_string_to_sign,
)
from ovo_payments.providers.doku.tokens import CustomerTokens, MerchantTokens, link_gone
from ovo_payments.providers.doku.wire import Document
from ovo_payments.providers.http import HttpClients, Timeouts

B2B_PATH: Final = "/authorization/v1/access-token/b2b"
B2B2C_PATH: Final = "/authorization/v1/access-token/b2b2c"

_TIME_LEFT_S_MIN: Final = 1.0
_NOT_WELL: Final = frozenset(
    {
        Verdict.MERCHANT_TOKEN_STALE,
        Verdict.MISCONFIGURED,
        Verdict.NOT_SENT,
        Verdict.THROTTLED,
        Verdict.UNKNOWN,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One transactional call."""

    operation: str
    service: Service
    call_class: CallClass
    path: str
    body: Document = field(repr=False)
    external_id: str = ""
    """The X-EXTERNAL-ID, where DOKU names it again later; else each attempt has a new one."""
    customer_token: Secret | None = None


class DokuClient:
    """Makes DOKU's calls, each attempt signed anew with a time and an X-EXTERNAL-ID of its own.

    A 401 proves that nothing was processed; so a call whose token was refused is made once more
    with another one, also where it moves money.
    """

    def __init__(
        self, config: DokuConfig, http: HttpClients, clock: Clock, identifiers: Identifiers
    ) -> None:
        self._config = config
        self._http = http
        self._clock = clock
        self._identifiers = identifiers
        self.merchant_tokens = MerchantTokens(self._fetch_merchant_token, clock)
        self.customer_tokens = CustomerTokens(self._exchange, clock)
        self._timeouts: Mapping[CallClass, Timeouts] = {
            CallClass.MUTATE: config.mutate_timeouts,
            CallClass.QUERY: config.query_timeouts,
            CallClass.TOKEN: config.token_timeouts,
        }
        http.probe_with(self.is_well)

    def available_for(self, call_class: CallClass) -> float:
        """Seconds until calls of a class are let through, the token that they need included."""
        waiting_s = self._http.of(call_class).available_in_s()
        if call_class is CallClass.TOKEN or self.merchant_tokens.alive:
            return waiting_s
        return max(waiting_s, self._http.token.available_in_s())

    def deadline(self, duration_s: float) -> float:
        """The moment after which nothing of a call is begun, in the loop's time."""
        return asyncio.get_running_loop().time() + duration_s

    async def send(self, call: Call, deadline: float) -> Reply:
        """Makes a call in our own name, at most twice: the second time with another token."""
        reply = await self._attempt(call, deadline)
        if isinstance(reply, _Refused):
            reply = await self._attempt(call, deadline, refused=reply.token)
        return reply.reply if isinstance(reply, _Refused) else reply

    async def send_for(
        self, binding: Binding, make_call: Callable[[Secret], Call], deadline: float
    ) -> tuple[Reply, BindingUpdate | None]:
        """Makes a call that needs a customer's token, and says what it taught about the link.

        Where the token is refused the link itself is asked for another, once, however new the
        first one was: asked for twice at once, the later token may have ended the earlier.
        """
        access = await self.customer_tokens.access(binding)
        if access.token is None:
            return _without(access.reply), access.binding
        reply = await self.send(make_call(access.token), deadline)
        if reply.verdict is not Verdict.CUSTOMER_TOKEN_STALE:
            return reply, access.binding
        access = await self.customer_tokens.access(binding, refused=access.token)
        if access.token is None:
            return _without(access.reply), access.binding
        reply = await self.send(make_call(access.token), deadline)
        if reply.verdict is Verdict.CUSTOMER_TOKEN_STALE:
            return reply, link_gone(reply.source, reply.detail, reply.code)
        return reply, access.binding

    async def is_well(self) -> bool:
        """Asks for a payment that never was, to learn whether DOKU answers and takes our signature.

        The breaker before calls that move money asks this, so that none of them is ever a trial.
        """
        body = {
            "originalPartnerReferenceNo": "probe",
            "serviceCode": self._config.status_service_code,
            "merchantId": self._config.client_id,
        }
        call = Call(
            operation="probe",
            service=Service.STATUS,
            call_class=CallClass.QUERY,
            path=self._config.status_path,
            body=body,
        )
        reply = await self.send(call, self.deadline(self._config.query_timeouts.total_s))
        return reply.verdict not in _NOT_WELL

    async def close(self) -> None:
        """Gives up what is on its way, and the connections."""
        await self.merchant_tokens.close()
        await self.customer_tokens.close()
        await self._http.close()

    async def _attempt(self, call: Call, deadline: float, refused: str = "") -> "Reply | _Refused":
        token = await self.merchant_tokens.current(refused)
        if isinstance(token, Reply):
            return not_sent(f"no B2B token: {token.detail}", token.code)
        left_s = deadline - asyncio.get_running_loop().time()
        if left_s < _TIME_LEFT_S_MIN:
            return not_sent("no time was left to send it")
        body = wire.encode(call.body)
        timeouts = self._timeouts[call.call_class]
        outcome = await self._http.of(call.call_class).send(
            call.operation,
            "POST",
            call.path,
            headers=lambda: self._headers(call, token.text, body),
            content=body,
            timeouts=replace(timeouts, total_s=min(timeouts.total_s, left_s)),
        )
        reply = self._alarmed(read_outcome(outcome, call.service), call.call_class)
        if reply.verdict is Verdict.MERCHANT_TOKEN_STALE:
            return _Refused(token=token.text, reply=reply)
        return reply

    def _headers(self, call: Call, access_token: str, body: bytes) -> Mapping[str, str]:
        timestamp = self._timestamp()
        string_to_sign = transaction_string_to_sign(
            method="POST",
            target=call.path,
            access_token=access_token,
            minified_body=body,
            timestamp=timestamp,
        )
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {access_token}",
            "X-PARTNER-ID": self._config.client_id,
            "X-EXTERNAL-ID": call.external_id or self._identifiers.external_reference(),
            "X-TIMESTAMP": timestamp,
            "X-SIGNATURE": sign_with_secret(self._config.client_secret, string_to_sign),
        }
        if call.customer_token is not None:
            # DOKU's page writes `Bearer`, which some of its own libraries leave out.
            headers["Authorization-Customer"] = f"Bearer {call.customer_token.reveal()}"
        return headers

    async def _fetch_merchant_token(self) -> Reply:
        return await self._ask_for_token(
            "token_b2b", B2B_PATH, Service.MERCHANT_TOKEN, wire.MERCHANT_TOKEN_BODY
        )

    async def _exchange(self, auth_code: Secret) -> Reply:
        return await self._ask_for_token(
            "token_b2b2c",
            B2B2C_PATH,
            Service.CUSTOMER_TOKEN,
            wire.customer_token_body(auth_code),
        )

    async def _ask_for_token(
        self, operation: str, path: str, service: Service, body: Document
    ) -> Reply:
        outcome = await self._http.token.send(
            operation,
            "POST",
            path,
            headers=self._token_headers,
            content=wire.encode(body),
            timeouts=self._config.token_timeouts,
        )
        return self._alarmed(read_outcome(outcome, service), CallClass.TOKEN)

    def _token_headers(self) -> Mapping[str, str]:
        timestamp = self._timestamp()
        string_to_sign = token_string_to_sign(self._config.client_id, timestamp)
        return {
            "Content-Type": "application/json",
            "X-CLIENT-KEY": self._config.client_id,
            "X-TIMESTAMP": timestamp,
            "X-SIGNATURE": sign_with_private_key(self._config.private_key, string_to_sign),
        }

    def _timestamp(self) -> str:
        return self._clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _alarmed(self, reply: Reply, call_class: CallClass) -> Reply:
        """Stops all calls of a class at once where DOKU refuses our key: each would end so."""
        if reply.verdict is not Verdict.MISCONFIGURED:
            return reply
        self._http.of(call_class).breaker.trip()
        return replace(reply, detail=f"our key, secret or clock is wrong: {reply.detail}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refused:
    """A call whose B2B token was refused, and which was therefore not processed."""

    token: str = field(repr=False)
    reply: Reply


def _without(reply: Reply | None) -> Reply:
    return reply if reply is not None else not_sent("no customer's token")
