"""Writes amounts, times and bodies the way Midtrans does."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ovo_sandbox.pages import JAKARTA

Body = dict[str, Any]


def amount_text(rupiah: int) -> str:
    """Writes an amount as a text with two decimals: 15000.00."""
    return f"{rupiah}.00"


def time_text(moment: datetime) -> str:
    """Writes a moment in GMT+7, to the second and without an offset: 2025-11-12 14:26:53."""
    return moment.astimezone(JAKARTA).strftime("%Y-%m-%d %H:%M:%S")


def without_nulls(body: Mapping[str, Any]) -> Body:
    """Leaves out what is null, as Google's JSON style guide asks and Midtrans does."""
    return {name: value for name, value in body.items() if value is not None}


def encode(body: Mapping[str, Any]) -> bytes:
    """Writes a body as compact UTF-8 JSON."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def encode_notification(body: Mapping[str, Any]) -> bytes:
    """Writes a notification's body, its keys in reverse alphabetical order."""
    return encode(dict(sorted(body.items(), reverse=True)))
