"""Reads what browsers and scripts post."""

import json
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request


class BadField(ValueError):
    """Tells which field of a request is wrong, and what it should be."""

    def __init__(self, field: str, reason: str) -> None:
        """Takes the field's name, and the rest of a sentence that begins with it."""
        super().__init__(f"{field} {reason}")
        self.field = field
        self.reason = reason


async def read_form(request: Request) -> dict[str, str]:
    """Reads an urlencoded form; of a field given twice, the last counts."""
    return dict(parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True))


async def read_json_object(request: Request) -> dict[str, Any]:
    """Reads a JSON object (an empty body is an empty one), or raises BadField."""
    body = await request.body()
    if not body.strip():
        return {}
    try:
        value = json.loads(body)
    except ValueError as error:
        raise BadField("body", "must be JSON") from error
    if not isinstance(value, dict):
        raise BadField("body", "must be a JSON object")
    return value
