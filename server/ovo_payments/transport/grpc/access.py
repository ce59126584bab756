"""What each method lets its caller do. A method without a rule is refused for everybody."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from ovo.payments.v1 import ovo_payments_pb2

METHODS: Final = frozenset(
    ovo_payments_pb2.DESCRIPTOR.services_by_name["OvoPayments"].methods_by_name
)
"""All that the contract has, whether or not there is a rule for it."""


class Access(StrEnum):
    """Kinds of methods, which operators allow by one word."""

    READ = "read"
    """Tells what is known, and changes nothing."""
    LINK = "link"
    """Links customers' accounts, and unlinks them."""
    PAY = "pay"
    """Takes customers' money."""
    REFUND = "refund"
    """Gives it back."""


RULES: Final[Mapping[str, Access]] = {
    "Bind": Access.LINK,
    "Unbind": Access.LINK,
    "Balance": Access.READ,
    "Pay": Access.PAY,
    "Charge": Access.PAY,
    "Refund": Access.REFUND,
    "GetStatus": Access.READ,
    "WatchPayment": Access.READ,
    "WatchPayments": Access.READ,
}


def methods_of(access: Access) -> frozenset[str]:
    """Lists the methods of one kind."""
    return frozenset(method for method, kind in RULES.items() if kind is access)
