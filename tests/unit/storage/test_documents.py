"""Payments, refunds and bindings survive being written as JSON and read back."""

import json
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovo_payments.domain.binding import Binding, BindingState
from ovo_payments.domain.failure import Failure, FailureReason
from ovo_payments.domain.money import Money
from ovo_payments.domain.payment import (
    Checks,
    Customer,
    LineItem,
    Method,
    Payment,
    PaymentState,
    Review,
)
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.refund import Refund, RefundState
from ovo_payments.domain.secret import Secret
from ovo_payments.storage import documents
from ovo_payments.storage.documents import Document, DocumentIncompleteError

TEXTS: Final = st.text(max_size=20)
TIMES: Final = st.datetimes(timezones=st.just(UTC))
INTEGERS: Final = st.integers(-(2**63), 2**63 - 1)
MONEY: Final = st.builds(Money, INTEGERS, TEXTS)
PHONE_NUMBERS: Final = st.builds(PhoneNumber, TEXTS)
CUSTOMERS: Final = st.builds(Customer, customer_id=TEXTS, name=TEXTS, email=TEXTS)
FAILURES: Final = st.builds(
    Failure,
    reason=st.sampled_from(FailureReason),
    message=TEXTS,
    provider_code=TEXTS,
    retryable=st.booleans(),
)
REFUNDS: Final = st.builds(
    Refund,
    refund_id=TEXTS,
    state=st.sampled_from(RefundState),
    amount=MONEY,
    reason=TEXTS,
    create_time=TIMES,
    acknowledged=st.booleans(),
    failure=st.none() | FAILURES,
    success_time=st.none() | TIMES,
)
CHECKS: Final = st.builds(
    Checks,
    next_check_time=st.none() | TIMES,
    sending=st.booleans(),
    not_found_count=INTEGERS,
    not_found_time=st.none() | TIMES,
)
PAYMENTS: Final = st.builds(
    Payment,
    payment_id=TEXTS,
    scope=TEXTS,
    order_id=TEXTS,
    state=st.sampled_from(PaymentState),
    version=INTEGERS,
    method=st.sampled_from(Method),
    provider=TEXTS,
    amount=MONEY,
    create_time=TIMES,
    update_time=TIMES,
    points_amount=st.none() | MONEY,
    binding_id=TEXTS,
    phone_number=st.none() | PHONE_NUMBERS,
    merchant_initiated=st.booleans(),
    success_url=TEXTS,
    failure_url=TEXTS,
    items=st.lists(
        st.builds(LineItem, item_id=TEXTS, name=TEXTS, price_rupiah=INTEGERS, quantity=INTEGERS),
        max_size=3,
    ).map(tuple),
    customer=st.none() | CUSTOMERS,
    metadata=st.dictionaries(TEXTS, TEXTS, max_size=3),
    redirect_url=TEXTS,
    provider_reference=TEXTS,
    acknowledged=st.booleans(),
    failure=st.none() | FAILURES,
    refund=st.none() | REFUNDS,
    expire_time=st.none() | TIMES,
    success_time=st.none() | TIMES,
    review=st.none() | st.sampled_from(Review),
    late_success=st.booleans(),
    checks=CHECKS,
)
BINDINGS: Final = st.builds(
    Binding,
    binding_id=TEXTS,
    scope=TEXTS,
    customer_id=TEXTS,
    provider=TEXTS,
    phone_number=PHONE_NUMBERS,
    state=st.sampled_from(BindingState),
    version=INTEGERS,
    external_reference=TEXTS,
    success_url=TEXTS,
    failure_url=TEXTS,
    create_time=TIMES,
    update_time=TIMES,
    expire_time=TIMES,
    customer=st.none() | CUSTOMERS,
    redirect_url=TEXTS,
    failure=st.none() | FAILURES,
    credentials=st.dictionaries(TEXTS, st.builds(Secret, TEXTS), max_size=3),
    unbind_requested=st.booleans(),
    next_check_time=st.none() | TIMES,
    sending=st.booleans(),
)

NOW: Final = datetime(2025, 6, 1, 9, 30, 0, 123456, tzinfo=UTC)
FAILURE: Final = Failure(reason=FailureReason.LIMIT_EXCEEDED, message="Too much.")
REFUND: Final = Refund(
    refund_id="refund1",
    state=RefundState.FAILED,
    amount=Money(15_000),
    reason="Out of stock.",
    create_time=NOW,
    failure=FAILURE,
)
PAYMENT: Final = Payment(
    payment_id="pay1",
    scope="shop",
    order_id="order-1",
    state=PaymentState.SUCCEEDED,
    version=3,
    method=Method.PUSH_TO_PHONE,
    provider="midtrans",
    amount=Money(15_000),
    create_time=NOW,
    update_time=NOW,
    phone_number=PhoneNumber("6281234567890"),
    items=(LineItem(item_id="1", name="Kopi", price_rupiah=15_000, quantity=1),),
    customer=Customer(customer_id="c-1", name="Siti", email="siti@shop.example"),
    failure=FAILURE,
    refund=REFUND,
)
BINDING: Final = Binding(
    binding_id="bind1",
    scope="shop",
    customer_id="customer-1",
    provider="doku",
    phone_number=PhoneNumber("6281234567890"),
    state=BindingState.ACTIVE,
    version=1,
    external_reference="1",
    success_url="",
    failure_url="",
    create_time=NOW,
    update_time=NOW,
    expire_time=NOW,
    credentials={"token": Secret("b2b2c-token")},
)


def assert_same(one: object, other: object) -> None:
    """Compares every field, those too that take no part in `==`."""
    assert isinstance(one, Payment | Binding)
    for field in fields(one):
        assert getattr(one, field.name) == getattr(other, field.name), field.name


@given(PAYMENTS)
def test_a_payment_reads_back_whole(payment: Payment) -> None:
    """Whatever its fields hold, the checks too."""
    assert_same(documents.decode_payment(*documents.encode_payment(payment)), payment)


@given(BINDINGS)
def test_a_binding_reads_back_whole(binding: Binding) -> None:
    """Whatever its fields hold, secrets, schedule and sending too."""
    assert_same(documents.decode_binding(*documents.encode_binding(binding)), binding)


@given(REFUNDS)
def test_a_refund_reads_back_whole(refund: Refund) -> None:
    """Whatever its fields hold."""
    assert documents.decode_refund(*documents.encode_refund(refund)) == refund


@given(st.dictionaries(TEXTS, TEXTS))
def test_a_mapping_of_texts_reads_back_whole(texts: dict[str, str]) -> None:
    """Digests and headers too."""
    assert documents.decode_texts(documents.encode_texts(texts)) == texts


@pytest.mark.parametrize(
    ("of", "document"),
    [
        (Payment, documents.encode_payment(PAYMENT)),
        (Binding, documents.encode_binding(BINDING)),
        (Refund, documents.encode_refund(REFUND)),
    ],
    ids=["payment", "binding", "refund"],
)
def test_no_field_is_left_out_of_a_document(of: type[Any], document: Document) -> None:
    """A field that is added to the domain is added here too, or this fails."""
    keys = {key.removesuffix("_us") for text in document for key in json.loads(text)}

    assert keys == {field.name for field in fields(of)}


def test_nothing_of_a_customer_stands_in_what_is_not_sealed() -> None:
    """Neither a phone number nor a name, nor what a merchant may say of either."""
    payment = replace(
        PAYMENT,
        metadata={"note": "for Siti"},
        redirect_url="https://pay.example/Siti",
        success_url="https://shop.example/Siti",
        failure_url="https://shop.example/Siti",
        items=(LineItem(item_id="1", name="Siti's", price_rupiah=15_000, quantity=1),),
        refund=replace(REFUND, reason="Siti's wish"),
    )
    binding = replace(BINDING, customer_id="Siti", redirect_url="https://link.example/Siti")

    for document in (
        documents.encode_payment(payment),
        documents.encode_binding(binding),
        documents.encode_refund(replace(REFUND, reason="Siti's wish")),
    ):
        assert b"Siti" in document.private
        for private in ("Siti", "siti", "81234567890", "b2b2c-token"):
            assert private not in document.text


def test_the_checks_of_a_row_take_the_place_of_the_documents() -> None:
    """They change without a version, so the row's are newer."""
    checks = Checks(next_check_time=NOW, not_found_count=2)

    read = documents.decode_payment(*documents.encode_payment(PAYMENT), checks)

    assert read.checks == checks


def test_a_time_of_another_zone_is_the_same_instant() -> None:
    """Jakarta's clock or Greenwich's: one instant, kept in UTC."""
    jakarta = NOW.astimezone(timezone(timedelta(hours=7)))
    payment = replace(PAYMENT, create_time=jakarta)

    read = documents.decode_payment(*documents.encode_payment(payment))

    assert read == payment
    assert read.create_time.tzinfo is UTC


def objects_in(value: object) -> list[dict[str, Any]]:
    """Finds every JSON object in a document, itself included."""
    found = []
    if isinstance(value, dict):
        found.append(value)
        value = list(value.values())
    if isinstance(value, list):
        found.extend(each for part in value for each in objects_in(part))
    return found


def with_unknown_keys(document: Document) -> Document:
    """Writes a document as a newer process might."""
    whole = [json.loads(document.text), json.loads(document.private)]
    for part in objects_in(whole):
        if part not in ({}, {"token": "b2b2c-token"}):  # The caller's and the provider's words.
            part["not yet known"] = {"x": 1}
    return Document(json.dumps(whole[0]), json.dumps(whole[1]).encode())


def test_unknown_keys_are_passed_over() -> None:
    """An older process reads what a newer one wrote."""
    payment, binding = documents.encode_payment(PAYMENT), documents.encode_binding(BINDING)
    assert_same(documents.decode_payment(*with_unknown_keys(payment)), PAYMENT)
    assert_same(documents.decode_binding(*with_unknown_keys(binding)), BINDING)


def without_one_key(document: Document) -> Iterator[tuple[str, Document]]:
    """Leaves each key out in turn, however deep it stands, except the caller's own."""
    text, private = json.loads(document.text), json.loads(document.private)
    for place, part in enumerate(objects_in([text, private])):
        for key in part:
            less = json.loads(json.dumps([text, private]))
            del objects_in(less)[place][key]
            yield key, Document(json.dumps(less[0]), json.dumps(less[1]).encode())


def test_a_missing_key_is_never_filled_in() -> None:
    """What is not there is not guessed, however deep it stands."""
    count = 0
    for key, document in without_one_key(documents.encode_payment(PAYMENT)):
        with pytest.raises(DocumentIncompleteError, match=key):
            documents.decode_payment(*document)
        count += 1
    assert count > len(fields(Payment))


def test_a_missing_key_of_a_binding_or_a_refund_is_never_filled_in() -> None:
    """The same."""
    for key, document in without_one_key(documents.encode_binding(BINDING)):
        if key == "token":  # The provider's own, and not ours to miss.
            continue
        with pytest.raises(DocumentIncompleteError, match=key):
            documents.decode_binding(*document)
    with pytest.raises(DocumentIncompleteError, match="refund_id"):
        documents.decode_refund("{}", b"{}")
