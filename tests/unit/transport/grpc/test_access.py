"""Every method has a rule, or nobody may call it."""

from ovo.payments.v1 import ovo_payments_pb2
from ovo_payments.transport.grpc.access import METHODS, RULES, Access, methods_of


def test_every_method_of_the_contract_has_a_rule() -> None:
    """A new RPC gets one on purpose: without it this fails, and everybody is refused."""
    service = ovo_payments_pb2.DESCRIPTOR.services_by_name["OvoPayments"]
    assert {method.name for method in service.methods} == METHODS == RULES.keys()


def test_no_method_that_moves_money_is_a_reading_one() -> None:
    """Whoever may read may not pay, link or refund: the requests with an id change something."""
    service = ovo_payments_pb2.DESCRIPTOR.services_by_name["OvoPayments"]
    changing = {
        method.name
        for method in service.methods
        if "request_id" in method.input_type.fields_by_name
    }
    assert changing == {"Bind", "Pay", "Charge", "Refund"}
    assert not methods_of(Access.READ) & (changing | {"Unbind"})


def test_every_kind_of_method_has_some() -> None:
    """None is left over."""
    assert all(methods_of(access) for access in Access)
