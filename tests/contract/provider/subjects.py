"""The providers that the contract is held against; a new one is one more entry at the end."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from ovo_payments.domain.provider import Capability, Provider
from ovo_payments.domain.update import BindingUpdate, PaymentUpdate, RefundUpdate
from ovo_payments.providers.http import Surroundings, Timeouts
from ovo_payments.providers.midtrans import MidtransAdapter, http_clients
from tests.unit.providers.http.raw_server import Script, at_once
from tests.unit.providers.midtrans.orders import BINDING, CONFIG, PAYMENT, REFUND, SERVER_KEY

Update: TypeAlias = PaymentUpdate | RefundUpdate | BindingUpdate
Step: TypeAlias = Callable[[Provider], Awaitable[Update]]

SHORT = Timeouts(queue_s=0.3, connect_s=0.3, write_s=0.3, read_s=0.3, total_s=2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One provider, and how the contract exercises it."""

    name: str
    provider_at: Callable[[str], Provider]
    """Makes it for a server, with time-outs of a fraction of a second and pauses of none."""
    moves: Mapping[str, Step]
    """Each call that may move money or change a link."""
    asks: Mapping[str, Step]
    """Each question after what became of something."""
    unsupported: Mapping[Capability, tuple[Callable[[Provider], Awaitable[object]], ...]]
    """The calls of each capability that it lacks."""
    is_move: Callable[[bytes], bool]
    """Whether a raw request is one of `moves`."""
    prepared: Callable[[Script], Script]
    """Makes a server's script that lets succeed what must come first, such as tokens."""
    secrets: tuple[str, ...]
    """Texts that nothing may print."""


def _midtrans_at(url: str) -> Provider:
    config = replace(CONFIG, base_url=url, mutate_timeouts=SHORT, query_timeouts=SHORT)
    return MidtransAdapter(config, http_clients(config, Surroundings(sleep=at_once)))


async def _midtrans_charge(provider: Provider) -> Update:
    return await provider.charge(PAYMENT)


async def _midtrans_refund(provider: Provider) -> Update:
    return (await provider.refund(replace(PAYMENT, refund=REFUND), None)).refund


async def _midtrans_pay(provider: Provider) -> object:
    return await provider.pay(PAYMENT, BINDING)


async def _midtrans_bind(provider: Provider) -> object:
    return await provider.bind(BINDING)


async def _midtrans_query_binding(provider: Provider) -> object:
    return await provider.query_binding(BINDING)


async def _midtrans_unbind(provider: Provider) -> object:
    return await provider.unbind(BINDING)


async def _midtrans_balance(provider: Provider) -> object:
    return await provider.balance(BINDING)


async def _midtrans_query(provider: Provider) -> Update:
    return await provider.query(PAYMENT)


def _as_it_is(script: Script) -> Script:
    return script


MIDTRANS = Subject(
    name="midtrans",
    provider_at=_midtrans_at,
    moves={"charge": _midtrans_charge, "refund": _midtrans_refund},
    asks={"query": _midtrans_query},
    unsupported={
        Capability.LINKED_ACCOUNT: (
            _midtrans_pay,
            _midtrans_bind,
            _midtrans_query_binding,
            _midtrans_unbind,
        ),
        Capability.BALANCE: (_midtrans_balance,),
    },
    is_move=lambda request: request.startswith(b"POST "),
    prepared=_as_it_is,
    secrets=(SERVER_KEY.reveal(), "081111111111", "6281111111111"),
)

SUBJECTS = (MIDTRANS,)
