"""What strangers send to the doors of both providers: forged, altered and replayed."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from ovo_payments.domain.provider import InboundRequest
from tests.fuzz import authenticity
from tests.fuzz.arena import Arena
from tests.fuzz.fragments import ODD, spoil, write
from tests.fuzz.truthful import AUTH_CODE
from tests.unit.providers.doku.merchant import CLIENT_ID, doku_key, merchant_key

MIDTRANS_PATH: Final = "/webhooks/midtrans"
PAYMENT_PATH: Final = "/webhooks/doku/payment"
BINDING_PATH: Final = "/webhooks/doku/binding"
TOKEN_PATH: Final = "/authorization/v1/access-token/b2b"
TIMESTAMP: Final = "2026-01-02T10:04:05+07:00"

STATUSES: Final = (
    *("settlement", "capture", "expire", "deny", "cancel", "failure", "refund", "pending"),
    *("partial_refund", "authorize", "SETTLEMENT", "chargeback", ""),
)
_UNSIGNED: Final = (
    *("transaction_status", "fraud_status", "transaction_id", "merchant_id", "currency"),
    *("payment_type", "payer_phone_number", "expiry_time", "settlement_time", "refunds"),
    *("channel_response_code", "refund_amount", "refund_key", "status_message", "surprise"),
)
CONFIRMED: Final = {
    "refund_key": "rfd1",
    "refund_amount": "15000.00",
    "created_at": "2026-01-02 10:06:00",
    "bank_confirmed_at": "2026-01-02 10:07:00",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One request at one door."""

    kind: str
    path: str
    request: InboundRequest
    authentic: bool
    """Whether it is truly the provider's: only then it may be stored."""
    genuine: bool = False
    """Whether the provider sends just this, so that refusing it would lose a webhook."""


class MidtransAttacks:
    """Attacks on Midtrans' door; a captured notification is where most of them begin."""

    def __init__(self, arena: Arena, random: Random) -> None:
        self._random = random
        self._captured: list[dict[str, object]] = []
        for status, payment in arena.pushes.items():
            for told in sorted({"pending", status}):
                # More than Midtrans would sign of one order: with every code that a state has.
                for code in ("200", "201", "202", "407"):
                    fields = arena.truth.transaction(payment.payment_id, told, code)
                    fields["signature_key"] = authenticity.signature_of(fields)
                    self._captured.append(fields)

    def next(self) -> Attack:
        """Makes one."""
        kinds: Sequence[Callable[[], Attack]] = (
            *(self.replayed, self.altered, self.odd, self.spoilt, self.doubled),
            *(self.resigned, self.unsigned, self.odd_where_signed, self.noise),
        )
        return self._random.choice(kinds)()

    def replayed(self) -> Attack:
        """The very bytes, again."""
        return self._attack("midtrans replayed", write(self._one()).encode(), genuine=True)

    def altered(self) -> Attack:
        """Another state under a good signature, which does not cover it."""
        fields = {**self._one(), "transaction_status": self._random.choice(STATUSES)}
        if self._random.random() < 0.5:
            fields["refunds"] = [CONFIRMED]
        if self._random.random() < 0.3:
            fields["fraud_status"] = self._random.choice(("accept", "deny", "challenge", "x"))
        return self._attack("midtrans altered", write(fields).encode(), genuine=True)

    def odd(self) -> Attack:
        """Something odd where nothing is signed."""
        names = self._random.sample(_UNSIGNED, self._random.choice((1, 1, 2, 4)))
        changed = {name: self._random.choice(ODD) for name in names}
        return self._attack("midtrans odd", _encoded(write(self._one(), changed)))

    def odd_where_signed(self) -> Attack:
        """Something odd where the signature looks."""
        name = self._random.choice(("order_id", "status_code", "gross_amount", "signature_key"))
        changed = {name: self._random.choice(ODD)}
        return self._attack("midtrans odd where signed", _encoded(write(self._one(), changed)))

    def spoilt(self) -> Attack:
        """Bytes changed somewhere."""
        return self._attack("midtrans spoilt", spoil(write(self._one()).encode(), self._random))

    def doubled(self) -> Attack:
        """A key that stands twice."""
        fields = self._one()
        name = self._random.choice(list(fields))
        other = self._random.choice((f'"{fields[name]}"', *ODD))
        text = write(fields)
        twice = self._random.choice(
            (f'{{"{name}":{other},{text[1:]}', f'{text[:-1]},"{name}":{other}}}')
        )
        return self._attack("midtrans doubled", _encoded(twice))

    def resigned(self) -> Attack:
        """Signed with a key that the attacker made up."""
        fields = {**self._one(), "transaction_status": "settlement", "status_code": "200"}
        key = self._random.choice(("", "SB-Mid-server-other", authenticity.SERVER_KEY + " "))
        fields["signature_key"] = authenticity.signature_of(fields, key)
        return self._attack("midtrans signed by another", write(fields).encode())

    def unsigned(self) -> Attack:
        """A signed text, or the signature, that is changed or missing."""
        fields = self._one()
        name = self._random.choice(("order_id", "status_code", "gross_amount", "signature_key"))
        if self._random.random() < 0.3:
            del fields[name]
        else:
            fields[name] = _changed(str(fields[name]), self._random)
        return self._attack("midtrans unsigned", write(fields).encode())

    def noise(self) -> Attack:
        """No JSON at all, or another provider's."""
        return self._attack("midtrans noise", _noise(self._random))

    def _one(self) -> dict[str, object]:
        return dict(self._random.choice(self._captured))

    def _attack(self, kind: str, body: bytes, *, genuine: bool = False) -> Attack:
        return Attack(
            kind=kind,
            path=MIDTRANS_PATH,
            request=InboundRequest(target=MIDTRANS_PATH, headers={}, body=body),
            authentic=authenticity.is_midtrans(body),
            genuine=genuine,
        )


class DokuAttacks:
    """Attacks on DOKU's doors, its token call included."""

    def __init__(self, arena: Arena, random: Random) -> None:
        self._random = random
        self._arena = arena
        self._good_tokens = tuple(self._token() for _ in range(3))
        arena.clock.advance(-3600)
        self._old_token = self._token()
        arena.clock.advance(3600)
        histories = {"03": ("03",), "00": ("03", "00"), "06": ("03", "06")}
        self._captured: list[tuple[str, Mapping[str, object]]] = [
            (PAYMENT_PATH, arena.truth.debit(payment.payment_id, told))
            for status, payment in arena.debits.items()
            for told in histories[status]
        ]
        for state, status in (("ACTIVE", "SUCCESS"), ("PENDING", "PENDING")):
            reference = arena.bindings[state].external_reference
            info = {"status": status, "custIdMerchant": "customer-1", "authCode": AUTH_CODE}
            linked = {"originalExternalId": reference, "additionalInfo": info}
            self._captured.append((BINDING_PATH, linked))

    def next(self) -> Attack:
        """Makes one."""
        kinds: Sequence[Callable[[], Attack]] = (
            *(self.replayed, self.odd, self.spoilt, self.altered, self.signed_by_another),
            *(self.with_another_token, self.with_other_headers, self.elsewhere, self.noise),
            self.token_call,
        )
        return self._random.choice(kinds)()

    def replayed(self) -> Attack:
        """The very bytes, again, as long as the token lives."""
        path, fields = self._one()
        body = write(fields).encode()
        return self._attack("doku replayed", path, self._signed(path, body), body, genuine=True)

    def odd(self) -> Attack:
        """Truly signed by DOKU, about what is so already, with something odd beside it."""
        path, fields = self._one()
        names = ("amount", "originalReferenceNo", "paidTime", "refundHistory", "surprise")
        name = self._random.choice(names)
        body = _encoded(write(fields, {name: self._random.choice(ODD)}))
        return self._attack("doku odd", path, self._signed(path, body), body)

    def altered(self) -> Attack:
        """Another state than the one that was signed."""
        path, fields = self._one()
        headers = self._signed(path, write(fields).encode())
        if path == PAYMENT_PATH:
            fields["latestTransactionStatus"] = self._random.choice(("00", "04", "05", "06"))
        else:
            status = self._random.choice(("SUCCESS", "FAILED"))
            fields["additionalInfo"] = {"status": status, "authCode": "x"}
        return self._attack("doku altered", path, headers, write(fields).encode())

    def spoilt(self) -> Attack:
        """Bytes changed somewhere: white space may differ, and nothing else."""
        path, fields = self._one()
        body = write(fields).encode()
        headers = self._signed(path, body)
        return self._attack("doku spoilt", path, headers, spoil(body, self._random))

    def signed_by_another(self) -> Attack:
        """Signed with a secret that the attacker made up."""
        path, fields = self._one()
        body = write({**fields, "latestTransactionStatus": "00"}).encode()
        secret = self._random.choice(("", "SK-another", authenticity.SECRET + " "))
        headers = self._signed(path, body, secret=secret)
        return self._attack("doku signed by another", path, headers, body)

    def with_another_token(self) -> Attack:
        """Well signed, but with a token that is not ours, or old, or changed."""
        path, fields = self._one()
        body = write(fields).encode()
        good = self._random.choice(self._good_tokens)
        token = self._random.choice(
            (
                *("", "x", "é", self._old_token, good[:-1], f" {good}", f"{good}=", good.lower()),
                _changed(good, self._random),
                spoil(good.encode(), self._random).decode("latin-1"),
            )
        )
        headers = self._signed(path, body, token=token)
        return self._attack("doku with another token", path, headers, body)

    def with_other_headers(self) -> Attack:
        """Headers that are missing, changed, odd, or there twice."""
        path, fields = self._one()
        body = write(fields).encode()
        headers = self._signed(path, body)
        name = self._random.choice(list(headers))
        value = headers[name]
        match self._random.randrange(5):
            case 0:
                del headers[name]
            case 1:
                headers[name] = _changed(value, self._random)
            case 2:
                headers[name] = f"{value}, {value}"
            case 3:
                spoilt = spoil(value.encode(), self._random).decode("latin-1")
                # HTTP takes white space around a value away: that would be the true one.
                headers[name] = f"x{spoilt}" if spoilt.strip() == value else spoilt
            case _:
                headers[name] = self._random.choice(("", "\xff", "a" * 9_000, "\x00", "0"))
        return self._attack("doku with other headers", path, headers, body)

    def elsewhere(self) -> Attack:
        """Signed for another path, or with a query that was not signed."""
        path, fields = self._one()
        body = write(fields).encode()
        other = BINDING_PATH if path == PAYMENT_PATH else PAYMENT_PATH
        target = self._random.choice((other, f"{path}?a=b", f"{path}/", path.upper(), f"/{path}"))
        headers = self._signed(target, body)
        return self._attack("doku signed for elsewhere", path, headers, body)

    def noise(self) -> Attack:
        """No JSON at all, with headers that look as they should."""
        path, fields = self._one()
        headers = self._signed(path, write(fields).encode())
        return self._attack("doku noise", path, headers, _noise(self._random))

    def token_call(self) -> Attack:
        """A question for a token by somebody else, or at another time."""
        timestamp = self._random.choice(
            (
                *(TIMESTAMP, "", "yesterday", "2026-01-02T10:24:05+07:00", "2026-01-02T10:04:05"),
                *("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "\xff", "2" * 5_000),
            )
        )
        key = self._random.choice((merchant_key(), doku_key()))
        client_id = self._random.choice((CLIENT_ID, CLIENT_ID, "", "BRN-another", "\xff"))
        signature = authenticity.rsa_signature(key, f"{client_id}|{timestamp}")
        good = (TIMESTAMP, doku_key(), CLIENT_ID) == (timestamp, key, client_id)
        if good or self._random.random() < 0.3:
            signature = _changed(signature, self._random)
        body = self._random.choice((b'{"grantType":"client_credentials"}', _noise(self._random)))
        headers = {"x-client-key": client_id, "x-timestamp": timestamp, "x-signature": signature}
        request = InboundRequest(target=TOKEN_PATH, headers=headers, body=body)
        return Attack(kind="doku token call", path=TOKEN_PATH, request=request, authentic=False)

    def _one(self) -> tuple[str, dict[str, object]]:
        path, fields = self._random.choice(self._captured)
        return path, dict(fields)

    def _token(self) -> str:
        headers = {
            "x-client-key": CLIENT_ID,
            "x-timestamp": self._arena.clock.now().isoformat(),
        }
        text = f"{CLIENT_ID}|{headers['x-timestamp']}"
        headers["x-signature"] = authenticity.rsa_signature(doku_key(), text)
        request = InboundRequest(
            target=TOKEN_PATH, headers=headers, body=b'{"grantType":"client_credentials"}'
        )
        webhooks = self._arena.providers["doku"].webhooks
        answer = json.loads(webhooks.reply(request, self._arena.clock.now()).body)
        return str(answer["accessToken"])

    def _signed(
        self,
        target: str,
        body: bytes,
        *,
        token: str | None = None,
        secret: str = authenticity.SECRET,
    ) -> dict[str, str]:
        used = self._random.choice(self._good_tokens) if token is None else token
        signature = authenticity.doku_signature(target, used, body, TIMESTAMP, secret)
        return {
            "authorization": f"Bearer {used}",
            "x-partner-id": CLIENT_ID,
            "x-external-id": "7",
            "x-timestamp": TIMESTAMP,
            "x-signature": signature,
        }

    def _attack(
        self,
        kind: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        genuine: bool = False,
    ) -> Attack:
        return Attack(
            kind=kind,
            path=path,
            request=InboundRequest(target=path, headers=headers, body=body),
            authentic=authenticity.is_doku(path, headers, body, frozenset(self._good_tokens)),
            genuine=genuine,
        )


def _changed(text: str, random: Random) -> str:
    """Changes one letter."""
    place = random.randrange(len(text))
    letter = chr(ord(text[place]) ^ random.choice((1, 2, 32)))
    return text[:place] + letter + text[place + 1 :]


def _noise(random: Random) -> bytes:
    choice = random.randrange(4)
    if choice == 0:
        return random.randbytes(random.choice((0, 1, 10, 300, 5_000)))
    if choice == 1:
        return _encoded(random.choice(ODD))
    if choice == 2:
        return b"order_id=1&status_code=200&gross_amount=15000.00"
    return _encoded(write({}, {random.choice(_UNSIGNED): random.choice(ODD)}))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
