"""A merchant at DOKU for tests: keys, settings, a clock moved by hand, and what is bought."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from ovo_payments.domain.binding import Binding, BindingState
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import Method, Payment
from ovo_payments.domain.secret import Secret
from ovo_payments.providers.doku import DokuConfig
from ovo_payments.providers.http import Timeouts
from tests.unit.domain import makers

NOW: Final = makers.NOW
CLIENT_ID: Final = "BRN-0211-1696919651918"
CLIENT_SECRET: Final = Secret("SK-0123456789abcdefghij")
AUTH_CODE: Final = "2238000000000000000000000000000000000001"
PAYMENT_ID: Final = "pay00000000000000000000000000001"


@cache
def merchant_key() -> RSAPrivateKey:
    """The merchant's key, made once for all tests."""
    return generate_private_key(65537, 2048)


@cache
def doku_key() -> RSAPrivateKey:
    """DOKU's key, made once for all tests."""
    return generate_private_key(65537, 2048)


def config(**fields: Any) -> DokuConfig:  # noqa: ANN401 - any field
    """Makes settings whose time-outs are short enough to wait for."""
    given: dict[str, Any] = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "private_key": merchant_key(),
        "doku_public_key": doku_key().public_key(),
        "mutate_timeouts": Timeouts(read_s=0.3, total_s=5.0),
        "query_timeouts": Timeouts(read_s=0.3, total_s=5.0),
        "token_timeouts": Timeouts(read_s=0.3, total_s=5.0),
    }
    return DokuConfig(**{**given, **fields})


@dataclass
class HandClock:
    """A clock that stands until a test moves it."""

    time: datetime = NOW

    def now(self) -> datetime:
        """The time that the test set."""
        return self.time

    async def sleep(self, duration_s: float) -> None:
        """Moves on instead of waiting."""
        self.move(duration_s)

    def move(self, duration_s: float) -> None:
        """Moves the hands."""
        self.time += timedelta(seconds=duration_s)


@dataclass
class CountedIdentifiers:
    """Names that count up from 1."""

    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def payment_id(self) -> str:
        """The next name of a payment."""
        return f"pay{next(self.numbers):029}"

    def refund_id(self) -> str:
        """The next name of a refund."""
        return f"rfd{next(self.numbers):029}"

    def binding_id(self) -> str:
        """The next name of a binding."""
        return f"bnd{next(self.numbers):029}"

    def external_reference(self) -> str:
        """The next name of 32 digits."""
        return f"{next(self.numbers):032}"

    def lease(self) -> str:
        """The next name of a lease."""
        return f"lease{next(self.numbers)}"


def payment(**fields: Any) -> Payment:  # noqa: ANN401 - any field
    """Makes a debit of Rp15.000 that a customer will confirm."""
    given: dict[str, Any] = {
        "payment_id": PAYMENT_ID,
        "method": Method.LINKED_ACCOUNT,
        "provider": "doku",
        "binding_id": "bnd1",
        "success_url": "https://shop.example/paid",
        "failure_url": "https://shop.example/unpaid",
    }
    return makers.payment(**{**given, **fields})


def binding(credentials: Mapping[str, str] | None = None, **fields: Any) -> Binding:  # noqa: ANN401 - any field
    """Makes an active link that holds an auth code and no token."""
    texts = {"auth_code": AUTH_CODE} if credentials is None else credentials
    given: dict[str, Any] = {
        "state": BindingState.ACTIVE,
        "credentials": {name: Secret(text) for name, text in texts.items()},
        "sending": False,
    }
    return makers.binding(**{**given, **fields})


def with_token(text: str = "customer-1", life_s: float = 3600) -> Binding:
    """Makes an active link that holds a customer's token."""
    expiry = NOW + timedelta(seconds=life_s)
    return binding(
        {
            "auth_code": AUTH_CODE,
            "customer_token": text,
            "customer_token_expiry": expiry.isoformat(),
        }
    )


def rupiah(amount: int) -> Mapping[str, str]:
    """Writes an amount as DOKU does."""
    return {"value": Money(amount).to_decimal_text(), "currency": "IDR"}
