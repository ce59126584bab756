"""Reads amounts, items and metadata as they are typed."""

import re
from typing import Final, NamedTuple

import typer

from ovo_payments_client.payment import LineItem

_ITEM_FIELDS: Final = ("name", "price", "quantity", "item_id")

# A comma ends a field only where the next field begins, so names may have commas.
_BETWEEN_FIELDS: Final = re.compile(rf",\s*(?=(?:{'|'.join(_ITEM_FIELDS)})=)")


def whole_rupiah(text: str) -> int:
    """Reads an amount: digits alone, for what a dot means is not the same everywhere."""
    if not re.fullmatch(r"-?[0-9]+", text):
        raise typer.BadParameter(f"{text!r} is no whole number of rupiah, such as 15000")
    return int(text)


def line_item(text: str) -> LineItem:
    """Reads one thing that is bought: `name=Kopi,price=15000,quantity=2`."""
    fields: dict[str, str] = {}
    for part in _BETWEEN_FIELDS.split(text):
        name, equals, value = part.partition("=")
        if not equals or name not in _ITEM_FIELDS or name in fields:
            raise typer.BadParameter(
                f"{part!r} is not understood; write name=Kopi,price=15000,quantity=2,item_id=sku-1",
            )
        fields[name] = value
    for name in ("name", "price"):
        if name not in fields:
            raise typer.BadParameter(f"{text!r} has no {name}=…")
    return LineItem(
        name=fields["name"],
        price=whole_rupiah(fields["price"]),
        quantity=_quantity(fields.get("quantity", "1")),
        item_id=fields.get("item_id", ""),
    )


class MetadataEntry(NamedTuple):
    """One entry of the caller's own data."""

    key: str
    value: str


def metadata_entry(text: str) -> MetadataEntry:
    """Reads one entry of the caller's own data: `key=value`."""
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise typer.BadParameter(f"{text!r} is not key=value")
    return MetadataEntry(key, value)


def _quantity(text: str) -> int:
    """Reads how many."""
    if not re.fullmatch(r"[0-9]+", text):
        raise typer.BadParameter(f"quantity={text} is no whole number")
    return int(text)
