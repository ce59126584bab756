"""What makes two requests the same: their content, field by field."""

from dataclasses import replace

import pytest

from ovo_payments.application import idempotency
from ovo_payments.application.call import BindRequest, ChargeRequest, PayRequest
from ovo_payments.domain.errors import RequestIdReusedError
from ovo_payments.domain.payment import Customer
from ovo_payments.domain.ports import RequestRecord
from tests.unit.application.bench import BIND, CALL, CHARGE, PAY


def record(request: BindRequest | ChargeRequest | PayRequest) -> RequestRecord:
    """Makes the record of a request."""
    return idempotency.record_of("Any", CALL, request, subject_id="pay1")


def test_what_was_left_out_is_no_content() -> None:
    """So a field that a later version adds does not make every old request another one."""
    assert record(CHARGE).digests.keys() == {"order_id", "phone_number", "amount", "metadata"}
    assert record(BIND).digests.keys() == {
        "customer_id",
        "phone_number",
        "success_url",
        "failure_url",
    }
    assert record(PAY).digests.keys() == {"order_id", "binding_id", "amount", "merchant_initiated"}


def test_a_field_that_is_added_or_taken_away_is_another_content() -> None:
    """The refusal names it either way."""
    with_customer = record(replace(CHARGE, customer=Customer(name="Ani")))
    for earlier, later in ((record(CHARGE), with_customer), (with_customer, record(CHARGE))):
        with pytest.raises(RequestIdReusedError) as caught:
            idempotency.require_same(earlier, later, payment_id="pay1")
        assert caught.value.differing_fields == ("customer",)


def test_neither_phone_numbers_nor_names_are_kept() -> None:
    """Only digests are."""
    kept = repr(record(replace(CHARGE, customer=Customer(name="Ani Yudhoyono"))))
    assert "Ani" not in kept
    assert CHARGE.phone_number not in kept
