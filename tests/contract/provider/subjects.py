"""The providers that the contract is held against; a new one is one more entry at the end."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from ovo_payments.domain.provider import Capability, Provider
from ovo_payments.domain.update import BindingUpdate, PaymentUpdate, RefundUpdate
from ovo_payments.providers import doku
from ovo_payments.providers.http import Surroundings, Timeouts
from ovo_payments.providers.midtrans import MidtransAdapter, http_clients
from tests.unit.providers.doku import merchant
from tests.unit.providers.doku.scripted_doku import merchant_token
from tests.unit.providers.http.raw_server import Conversation, Script, at_once
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


DOKU_MOVES = (b"debit/payment-host-to-host", b"debit/refund", b"-account-binding", b"-unbinding")


def _doku_at(url: str) -> Provider:
    config = merchant.config(
        base_url=url, mutate_timeouts=SHORT, query_timeouts=SHORT, token_timeouts=SHORT
    )
    clients = doku.http_clients(config, Surroundings(sleep=at_once))
    identifiers = merchant.CountedIdentifiers()
    return doku.DokuAdapter(config, clients, merchant.HandClock(), identifiers)


async def _doku_pay(provider: Provider) -> Update:
    return (await provider.pay(merchant.payment(), merchant.with_token())).payment


async def _doku_refund(provider: Provider) -> Update:
    payment = merchant.payment(refund=REFUND)
    return (await provider.refund(payment, merchant.with_token())).refund


async def _doku_bind(provider: Provider) -> Update:
    return await provider.bind(merchant.binding({}))


async def _doku_unbind(provider: Provider) -> Update:
    return await provider.unbind(merchant.with_token())


async def _doku_query(provider: Provider) -> Update:
    return await provider.query(merchant.payment())


async def _doku_query_binding(provider: Provider) -> Update:
    return await provider.query_binding(merchant.with_token())


async def _doku_charge(provider: Provider) -> object:
    return await provider.charge(merchant.payment())


def _with_a_token_first(script: Script) -> Script:
    """Gives the B2B token, and leaves every other connection to the script."""

    async def converse(conversation: Conversation) -> None:
        first = await conversation.request()
        if first.startswith(b"POST /authorization/v1/access-token/b2b "):
            await merchant_token()(conversation)
            return
        await script(Begun(conversation.reader, conversation.writer, conversation.server, first))

    return converse


@dataclass
class Begun(Conversation):
    """A conversation whose first request was read already."""

    first: bytes | None

    async def request(self) -> bytes:
        """Gives the request that was read, then the next ones."""
        first, self.first = self.first, None
        return await super().request() if first is None else first


DOKU = Subject(
    name="doku",
    provider_at=_doku_at,
    moves={
        "pay": _doku_pay,
        "refund": _doku_refund,
        "bind": _doku_bind,
        "unbind": _doku_unbind,
    },
    asks={"query": _doku_query, "query_binding": _doku_query_binding},
    unsupported={Capability.PUSH_TO_PHONE: (_doku_charge,)},
    is_move=lambda request: any(path in request.partition(b"\r\n")[0] for path in DOKU_MOVES),
    prepared=_with_a_token_first,
    secrets=(
        merchant.CLIENT_SECRET.reveal(),
        merchant.AUTH_CODE,
        "merchant-1",
        "customer-1",
        "081111111111",
        "6281111111111",
    ),
)

SUBJECTS = (MIDTRANS, DOKU)
