"""Nothing of ours shows a secret or a customer where it is printed, whoever prints it."""

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any, Final

import pytest

import ovo_payments
from ovo_payments.application.call import BindRequest, ChargeRequest, ItemInput, RefundRequest
from ovo_payments.domain.binding import Binding
from ovo_payments.domain.payment import Customer, LineItem
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.ports import InboxEntry, PaymentChange, PositionedPayment, RequestRecord
from ovo_payments.domain.provider import InboundAnswer, InboundRequest
from ovo_payments.domain.refund import Refund, RefundState
from ovo_payments.domain.secret import Secret
from ovo_payments.logs import safe
from ovo_payments.providers.http import Answered
from ovo_payments.storage import documents
from ovo_payments.storage.keys import EncryptionKey
from tests.contract.store.samples import NOW, a_binding, a_payment
from tests.sealing import a_sealer

CANARY: Final = "c4nary"
NUMBER: Final = "81299887766"
PHONE: Final = PhoneNumber(f"62{NUMBER}")
WHO: Final = Customer(customer_id=CANARY, name=CANARY, email=f"{CANARY}@shop.example")
PAGE: Final = f"https://shop.example/{CANARY}"
PAYMENT: Final = a_payment(
    phone_number=PHONE,
    customer=WHO,
    items=(LineItem(item_id="1", name=CANARY, price_rupiah=1, quantity=1),),
    metadata=MappingProxyType({CANARY: CANARY}),
    success_url=PAGE,
    failure_url=PAGE,
    redirect_url=PAGE,
    refund=Refund(
        refund_id="refund1",
        state=RefundState.PENDING,
        amount=a_payment().amount,
        reason=CANARY,
        create_time=NOW,
    ),
)
BINDING: Final[Binding] = a_binding(
    phone_number=PHONE,
    customer_id=CANARY,
    customer=WHO,
    success_url=PAGE,
    failure_url=PAGE,
    redirect_url=PAGE,
    credentials=MappingProxyType({"auth_code": Secret(CANARY)}),
)
HOLDERS: Final = (
    PAYMENT,
    BINDING,
    PHONE,
    Secret(CANARY),
    EncryptionKey("newest", CANARY.encode()),
    a_sealer(),
    PaymentChange(before=PAYMENT, after=PAYMENT),
    PositionedPayment(position=1, payment=PAYMENT),
    documents.encode_payment(PAYMENT),
    documents.encode_binding(BINDING),
    RequestRecord(
        scope="shop", method="Bind", request_id="1", digests={"a": CANARY}, subject_id="bind1"
    ),
    InboxEntry(
        inbox_id="1",
        provider="doku",
        kind="binding",
        target="/",
        headers={"a": CANARY},
        body=f"{CANARY} 0{NUMBER}".encode(),
        receive_time=NOW,
    ),
    InboundRequest(target="/", headers={"authorization": CANARY}, body=CANARY.encode()),
    InboundAnswer(status=200, body=CANARY.encode()),
    Answered(status=200, headers={"a": CANARY}, body=CANARY.encode(), elapsed_s=0.1),
    ItemInput(item_id="1", name=CANARY, price=None, quantity=1),
    RefundRequest(request_id="1", payment_id="pay1", reason=CANARY),
    BindRequest(
        request_id="1",
        customer_id=CANARY,
        phone_number=f"0{NUMBER}",
        success_url=PAGE,
        failure_url=PAGE,
        customer=WHO,
    ),
    ChargeRequest(
        request_id="1",
        order_id="order-1",
        phone_number=f"+62{NUMBER}",
        amount=None,
        customer=WHO,
        metadata={CANARY: CANARY},
    ),
)
# A field of one of these names holds what may not be shown, unless its type hides it.
HIDDEN: Final = frozenset(
    {
        *("authorization", "body", "credentials", "customer", "customer_id", "digests", "email"),
        *(
            "failure_url",
            "headers",
            "items",
            "key",
            "metadata",
            "payer_phone_number",
            "phone_number",
            "private",
        ),
        *("redirect_url", "secret", "success_url", "text", "token", "tokens"),
    }
)
# Their own text hides them.
HIDES_ITSELF: Final = ("Secret", "PhoneNumber", "Credentials")
# Nothing of a customer, and no secret: names of columns, and hashes as the callers' file has them.
SHOWN: Final = frozenset({"SealedColumn.key", "KnownCaller.digests"})


def dataclasses_of_the_service() -> Iterator[type[Any]]:
    """Finds every one of them."""
    for module in pkgutil.walk_packages(ovo_payments.__path__, "ovo_payments."):
        if module.name == "ovo_payments.__main__":
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if dataclasses.is_dataclass(value) and isinstance(value, type):
                yield value


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda holder: type(holder).__name__)
@pytest.mark.parametrize("print_it", [repr, str, lambda held: f"{held}", safe, lambda held: [held]])
def test_nothing_shows_what_it_holds(holder: object, print_it: Any) -> None:  # noqa: ANN401 - any
    """Printed, formatted, in a list, or handed to the log."""
    shown = str(print_it(holder))

    assert CANARY not in shown
    assert NUMBER[:-4] not in shown


def test_a_field_that_holds_a_customer_or_a_secret_is_not_shown() -> None:
    """One that is added under such a name hides itself, or this fails."""
    shown = {
        f"{found.__name__}.{field.name}"
        for found in dataclasses_of_the_service()
        if found.__dataclass_params__.repr
        for field in dataclasses.fields(found)
        if field.name in HIDDEN and field.repr
        if not any(name in str(field.type) for name in HIDES_ITSELF)
    }

    assert shown == SHOWN
