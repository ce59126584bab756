"""Reads the fields of requests, and notes what is wrong with each.

A reader that notes a violation gives a value that means nothing: `Violations.raise_if_any` comes
before any use of it.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from ovo_payments.application.call import ItemInput
from ovo_payments.application.url_prefix import is_https
from ovo_payments.domain.errors import Violations
from ovo_payments.domain.money import RUPIAH, Money, MoneyInput
from ovo_payments.domain.payment import Customer, LineItem
from ovo_payments.domain.phone import PhoneNumber, PhoneNumberFormatError
from ovo_payments.domain.provider import Limits

_ID_LENGTH_MAX: Final = 64
_URL_LENGTH_MAX: Final = 2048
_REASON_LENGTH_MAX: Final = 255
_METADATA_ENTRIES_MAX: Final = 20
_METADATA_KEY_LENGTH_MAX: Final = 40
_METADATA_VALUE_LENGTH_MAX: Final = 500
_ITEMS_MAX: Final = 100
_QUANTITY_MAX: Final = 1_000_000
_NO_PHONE_NUMBER: Final = PhoneNumber("")
_NO_MONEY: Final = Money(0)
_UNBOUNDED: Final = 2**63 - 1

NO_LIMITS: Final = Limits(
    amount_min=Money(1),
    amount_max=Money(_UNBOUNDED),
    item_id_length_max=_UNBOUNDED,
    item_name_length_max=_UNBOUNDED,
    customer_id_length_max=_UNBOUNDED,
    customer_name_length_max=_UNBOUNDED,
    customer_email_length_max=_UNBOUNDED,
)
"""Where the provider is not known: what is wrong with every provider is named all the same."""

_VISIBLE_ASCII: Final = re.compile(r"[!-~]+", re.ASCII)


def request_id(violations: Violations, value: str) -> None:
    """Checks the caller's name for a request."""
    if not value:
        violations.add("request_id", "is required: give each request a name, for example a UUID")
    elif len(value) > _ID_LENGTH_MAX or not _VISIBLE_ASCII.fullmatch(value):
        violations.add("request_id", "must be 1 to 64 visible ASCII characters, without spaces")


def name(violations: Violations, field: str, value: str) -> None:
    """Checks an id that the merchant or this service gave."""
    if not value:
        violations.add(field, "is required")
    elif len(value) > _ID_LENGTH_MAX:
        violations.add(field, f"has {len(value)} characters; at most {_ID_LENGTH_MAX} are allowed")
    elif not _printable(value):
        violations.add(field, "must hold no control characters")


def phone_number(violations: Violations, value: str) -> PhoneNumber:
    """Reads an Indonesian mobile number."""
    if not value:
        violations.add("phone_number", "is required: write 08…, 628… or +628…")
        return _NO_PHONE_NUMBER
    try:
        return PhoneNumber.parse(value)
    except PhoneNumberFormatError:
        violations.add("phone_number", "is no Indonesian mobile number: write 08…, 628… or +628…")
        return _NO_PHONE_NUMBER


def amount(violations: Violations, value: MoneyInput | None, limits: Limits) -> Money:
    """Reads the amount to be paid, within the provider's limits."""
    if value is None:
        violations.add("amount", "is required")
        return _NO_MONEY
    money = _rupiah(violations, "amount", value)
    if money is None:
        return _NO_MONEY
    if money.rupiah < 1:
        violations.add("amount.units", "must be at least 1 rupiah")
        return _NO_MONEY
    if not limits.amount_min <= money <= limits.amount_max:
        violations.add(
            "amount.units",
            f"must be {limits.amount_min.rupiah} to {limits.amount_max.rupiah} rupiah"
            " with this provider",
        )
        return _NO_MONEY
    return money


def points_amount(violations: Violations, value: MoneyInput | None, whole: Money) -> Money | None:
    """Reads the part of the amount that comes from OVO Points; None where there is none."""
    if value is None:
        return None
    money = _rupiah(violations, "points_amount", value)
    if money is None:
        return None
    if money.rupiah < 0:
        violations.add("points_amount.units", "must be 0 or more")
    elif whole.rupiah > 0 and money > whole:
        violations.add("points_amount.units", "must not exceed the amount")
    return money if money.rupiah > 0 else None


def items(
    violations: Violations,
    values: tuple[ItemInput, ...],
    whole: Money,
    limits: Limits,
) -> tuple[LineItem, ...]:
    """Reads line items, whose prices must add up to the amount."""
    if len(values) > _ITEMS_MAX:
        violations.add("items", f"holds {len(values)} items; at most {_ITEMS_MAX} are allowed")
        return ()
    count_before = len(violations.found)
    read = tuple(
        _item(violations, f"items[{index}]", value, limits) for index, value in enumerate(values)
    )
    if not read or len(violations.found) > count_before:
        return ()
    total = sum(item.price_rupiah * item.quantity for item in read)
    if whole.rupiah > 0 and total != whole.rupiah:
        violations.add("items", f"add up to {total} rupiah where the amount is {whole.rupiah}")
    return read


def https_url(violations: Violations, field: str, value: str, *, required: bool) -> bool:
    """Checks an address; True where it is one, or may be left out and is."""
    if not value:
        if required:
            violations.add(field, "is required: an absolute https URL")
        return not required
    if len(value) > _URL_LENGTH_MAX:
        violations.add(field, f"is longer than {_URL_LENGTH_MAX} characters")
        return False
    if not is_https(value):
        violations.add(field, "must be an absolute https URL, for example https://shop.example/ok")
        return False
    return True


def customer(violations: Violations, value: Customer | None, limits: Limits) -> None:
    """Checks what is told of the payer."""
    if value is None:
        return
    id_max = limits.customer_id_length_max
    if len(value.customer_id) > id_max or not _printable(value.customer_id):
        violations.add("customer.customer_id", f"must be at most {id_max} printable characters")
    name_max = limits.customer_name_length_max
    if len(value.name) > name_max or not _printable(value.name):
        violations.add("customer.name", f"must be at most {name_max} printable characters")
    email_max = limits.customer_email_length_max
    email_length = len(value.email)
    if email_length > email_max or not _printable(value.email) or " " in value.email:
        violations.add("customer.email", f"must be an address of at most {email_max} characters")
    elif value.email and "@" not in value.email.strip("@"):
        violations.add("customer.email", "must be an e-mail address, for example ani@shop.example")


def metadata(violations: Violations, value: Mapping[str, str]) -> None:
    """Checks the caller's own data."""
    if len(value) > _METADATA_ENTRIES_MAX:
        violations.add(
            "metadata",
            f"holds {len(value)} entries; at most {_METADATA_ENTRIES_MAX} are allowed",
        )
    for key, text in value.items():
        good_key = 1 <= len(key) <= _METADATA_KEY_LENGTH_MAX
        if not good_key or len(text) > _METADATA_VALUE_LENGTH_MAX:
            violations.add(
                f"metadata[{key[:_METADATA_KEY_LENGTH_MAX]!r}]",
                f"must have a key of 1 to {_METADATA_KEY_LENGTH_MAX} characters"
                f" and a value of at most {_METADATA_VALUE_LENGTH_MAX}",
            )


def reason(violations: Violations, value: str) -> None:
    """Checks a merchant's reason for a refund."""
    if len(value) > _REASON_LENGTH_MAX:
        violations.add("reason", f"must have at most {_REASON_LENGTH_MAX} characters")


def _rupiah(violations: Violations, field: str, value: MoneyInput) -> Money | None:
    good = True
    if value.currency_code != RUPIAH:
        violations.add(f"{field}.currency_code", "must be IDR")
        good = False
    if value.nanos != 0:
        violations.add(f"{field}.nanos", "must be 0: amounts are whole rupiah")
        good = False
    return Money(value.units) if good else None


def _item(violations: Violations, field: str, value: ItemInput, limits: Limits) -> LineItem:
    id_max = limits.item_id_length_max
    if len(value.item_id) > id_max or not _printable(value.item_id):
        violations.add(f"{field}.item_id", f"must be at most {id_max} printable characters")
    name_max = limits.item_name_length_max
    if not 1 <= len(value.name) <= name_max or not _printable(value.name):
        violations.add(f"{field}.name", f"must be 1 to {name_max} printable characters")
    if not 1 <= value.quantity <= _QUANTITY_MAX:
        violations.add(f"{field}.quantity", f"must be 1 to {_QUANTITY_MAX}")
    price = None
    if value.price is None:
        violations.add(f"{field}.price", "is required")
    else:
        price = _rupiah(violations, f"{field}.price", value.price)
        if price is not None and abs(price.rupiah) > limits.amount_max.rupiah:
            most = limits.amount_max.rupiah
            violations.add(f"{field}.price.units", f"must be -{most} to {most} rupiah")
    return LineItem(
        item_id=value.item_id,
        name=value.name,
        price_rupiah=price.rupiah if price else 0,
        quantity=value.quantity,
    )


def _printable(value: str) -> bool:
    # What Python calls printable is so; most of what it does not call so is allowed as well.
    return value.isprintable() or not any(
        unicodedata.category(character) in {"Cc", "Cs"} for character in value
    )
