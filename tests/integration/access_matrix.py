"""Callers × methods × scopes, made from the contract's descriptor: who asks what, about whose."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc.error_details_pb2 import ErrorInfo
from google.type.money_pb2 import Money as MoneyMessage
from prometheus_client import CollectorRegistry

from ovo.payments.v1 import ovo_payments_pb2
from ovo_payments.application.call import Call, Caller, GetStatusRequest
from ovo_payments.application.clock import SystemClock
from ovo_payments.application.identifiers import SystemIdentifiers
from ovo_payments.application.providers import Providers
from ovo_payments.application.use_cases import UseCases, assemble
from ovo_payments.domain.money import Money
from ovo_payments.domain.provider import AccountBalance, BalanceOutcome
from ovo_payments.domain.update import BindingClaim, BindingUpdate, Claim, Source
from ovo_payments.storage.database import open_database
from ovo_payments.transport.grpc.access import METHODS, Access, methods_of
from ovo_payments.transport.grpc.authentication import Callers
from ovo_payments.transport.grpc.callers_file import KnownCaller, token_digest
from ovo_payments.transport.grpc.server import GrpcServer
from tests.integration.running_grpc import SERVICE, SOON_S, detail_of, open_channel
from tests.sealing import KEYS
from tests.unit.application.bench import BIND, CHARGE
from tests.unit.application.scripted import ScriptedProvider
from tests.unit.domain.makers import told

DESCRIPTOR: Final = ovo_payments_pb2.DESCRIPTOR.services_by_name["OvoPayments"]
SCOPES: Final = ("shop", "elsewhere")
WHOSE: Final = ("own", "anothers", "unknown")
NAMES_OF_THINGS: Final = frozenset({"payment_id", "binding_id", "order_id"})
_FIXED: Final[Mapping[str, object]] = {
    "amount": MoneyMessage(currency_code="IDR", units=15_000),
    "customer_id": "customer-1",
    "phone_number": "081111111111",
    "success_url": "https://shop.example/ok",
    "failure_url": "https://shop.example/no",
    "merchant_initiated": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Somebody who calls."""

    name: str
    scope: str = "shop"
    methods: frozenset[str] = METHODS
    known: bool = True
    token: str | None = ""
    """None where none is sent."""

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What it sends."""
        if self.token is None:
            return ()
        return (("authorization", f"Bearer {self.token or self.name}"),)


CALLERS: Final = (
    Who(name="owner"),
    Who(name="partner of the owner"),
    Who(name="stranger", scope="elsewhere"),
    *(Who(name=f"may only {access}", methods=methods_of(access)) for access in Access),
    *(Who(name=f"may only {method}", methods=frozenset({method})) for method in sorted(METHODS)),
    Who(name="may nothing", methods=frozenset()),
    Who(name="has a wrong token", known=False),
    Who(name="has no token", known=False, token=None),
)


OWNERS: Final = {who.scope: who for who in CALLERS if who.known and who.methods == METHODS}
"""Somebody of each scope who may do everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A way to call a method; one that takes a thing by several names has several."""

    method: MethodDescriptor
    choice: str = ""

    @property
    def fields(self) -> frozenset[str]:
        """The fields that are filled."""
        one_of = {one.name for group in self.method.input_type.oneofs for one in group.fields}
        names = {one.name for one in self.method.input_type.fields} - one_of
        return frozenset(names | {self.choice} if self.choice else names)

    @property
    def creates(self) -> bool:
        """Whether it makes something new by a request id, unless that is a refund of what is."""
        return "request_id" in self.fields and "payment_id" not in self.fields

    @property
    def names_a_thing(self) -> bool:
        """Whether it is about something that must be there."""
        named = self.fields & NAMES_OF_THINGS
        return bool(named - {"order_id"} if self.creates else named)

    def request(self, things: "Things") -> Message:
        """Makes the request, about these things."""
        values = {**_FIXED, **things.names}
        if self.creates:
            # The order that is paid already would be one reason more to be refused.
            values["order_id"] = f"{values['order_id']}-next"
        make = GetMessageClass(self.method.input_type)
        return make(**{name: value for name, value in values.items() if name in self.fields})

    def __str__(self) -> str:
        """Names it in a test's name."""
        return f"{self.method.name}-{self.choice}" if self.choice else self.method.name


def asks() -> Iterator[Ask]:
    """Lists every way to call every method."""
    for method in DESCRIPTOR.methods:
        subjects = [
            one.name
            for group in method.input_type.oneofs
            for one in group.fields
            if one.name in NAMES_OF_THINGS
        ]
        yield from (Ask(method=method, choice=name) for name in subjects or [""])


ASKS: Final = tuple(asks())


@dataclass(frozen=True, slots=True, kw_only=True)
class Things:
    """What one ask may be about: a link, a paid order, and a request id."""

    names: Mapping[str, str]


UNKNOWN: Final = Things(
    names={
        "payment_id": "pay_01JD0000000000000000000000",
        "binding_id": "bnd_01JD0000000000000000000000",
        "order_id": "order-unknown",
        "request_id": "request-unknown",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a caller learns."""

    code: grpc.StatusCode
    reason: str = ""
    message: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    ids: frozenset[str] = frozenset()
    """The payments and bindings in the answer."""

    def without(self, things: Things) -> "Told":
        """Leaves out the names that the caller itself gave."""
        given = set(things.names.values())
        left = {key: "…" if value in given else value for key, value in self.facts.items()}
        return replace(self, facts=left)


class Matrix:
    """A running service whose scopes hold things for every ask."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel
        self._things: dict[tuple[str, str], Things] = {}
        """By scope and ask."""
        self._ids: dict[str, set[str]] = {scope: set() for scope in SCOPES}

    async def fill(self, use_cases: UseCases) -> None:
        """Makes things of both scopes, and whatever a request id makes: others may repeat it."""
        for scope, owner in OWNERS.items():
            for ask in ASKS:
                things = self._things[scope, str(ask)] = await _made(use_cases, scope, str(ask))
                self._ids[scope] |= {things.names["payment_id"], things.names["binding_id"]}
            for ask in ASKS:
                if ask.creates:
                    self._ids[scope] |= (await self.told(owner, ask, "own")).ids

    def ids_of_others(self, who: Who) -> frozenset[str]:
        """Names what a caller may never see."""
        return frozenset().union(*(ids for scope, ids in self._ids.items() if scope != who.scope))

    def about(self, who: Who, ask: Ask, whose: str) -> Things:
        """Gives what a caller asks about."""
        if whose == "unknown":
            return UNKNOWN
        own = SCOPES.index(who.scope)
        scope = SCOPES[own if whose == "own" else 1 - own]
        return self._things[scope, str(ask)]

    async def told(self, who: Who, ask: Ask, whose: str) -> Told:
        """Makes the call of one cell; of a stream the first message counts."""
        body = ask.request(self.about(who, ask, whose)).SerializeToString()
        path = f"/{SERVICE}/{ask.method.name}"
        unary: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = self._channel.unary_unary(path)
        watch: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = self._channel.unary_stream(path)
        try:
            if ask.method.server_streaming:
                stream = watch(body, metadata=who.metadata, timeout=SOON_S)
                answer = await anext(aiter(stream))
                stream.cancel()
            else:
                answer = await unary(body, metadata=who.metadata, timeout=SOON_S)
        except grpc.aio.AioRpcError as error:
            info = ErrorInfo()
            detail_of(error, info)
            return Told(
                code=error.code(),
                reason=info.reason,
                message=error.details() or "",
                facts=dict(info.metadata),
            )
        message = GetMessageClass(ask.method.output_type).FromString(answer)
        return Told(code=grpc.StatusCode.OK, ids=frozenset(_ids(message)))


def _ids(message: Message) -> Iterator[str]:
    """Finds the ids of what an answer holds."""
    for name, value in message.ListFields():
        if name.name in {"payment_id", "binding_id"}:
            yield value
        elif isinstance(value, Message):
            yield from _ids(value)


@asynccontextmanager
async def running_matrix(directory: Path) -> AsyncIterator[Matrix]:
    """Runs the service for all callers, with things of two scopes."""
    provider = ScriptedProvider()
    provider.balances = BalanceOutcome(
        balances=(AccountBalance(type="CASH", available=Money(70_000)),), binding=None
    )
    provider.binding_told = BindingUpdate(source=Source.QUERY, claim=BindingClaim.ACTIVE)
    provider.told = told(Claim.SUCCEEDED)
    database = await open_database(f"sqlite:///{directory}/matrix.db", KEYS)
    application = assemble(
        store=database.store,
        feed=database.feed,
        clock=SystemClock(),
        identifiers=SystemIdentifiers(),
        providers=Providers({provider.name: provider}),
    )
    server = GrpcServer(
        use_cases=application.use_cases,
        callers=Callers(
            KnownCaller(
                caller=Caller(name=who.name, scope=who.scope),
                digests=(token_digest(who.name),),
                methods=who.methods,
            )
            for who in CALLERS
            if who.known
        ),
        registry=CollectorRegistry(),
        listen="127.0.0.1:0",
    )
    target = f"127.0.0.1:{await server.start()}"
    try:
        async with open_channel(target) as channel:
            matrix = Matrix(channel)
            await matrix.fill(application.use_cases)
            yield matrix
    finally:
        await server.stop(0)
        await application.sends.drain(SOON_S)
        await database.close()


async def _made(use_cases: UseCases, scope: str, ask: str) -> Things:
    """Makes a link and a paid order of a scope."""
    call = Call(caller=Caller(name=scope, scope=scope))
    order_id = f"order-of-{scope}-{ask}"
    bound = await use_cases.bind(call, replace(BIND, request_id=f"made-{ask}"))
    binding_id = bound.binding.binding_id
    await use_cases.get_status(call, GetStatusRequest(binding_id=binding_id, refresh=True))
    charged = await use_cases.charge(
        call, replace(CHARGE, request_id=f"made-{ask}", order_id=order_id)
    )
    payment_id = charged.payment.payment_id
    await use_cases.get_status(call, GetStatusRequest(payment_id=payment_id, refresh=True))
    return Things(
        names={
            "payment_id": payment_id,
            "binding_id": binding_id,
            "order_id": order_id,
            "request_id": f"request-of-{scope}-{ask}",
        }
    )
