"""Reads what a tester asks of the control API, and tells him which field is wrong."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse

from ovo_sandbox.forms import BadField, read_json_object
from ovo_sandbox.phone import InvalidPhone, normalise_phone
from ovo_sandbox.wallet import Account

_SIX_DIGITS: Final = re.compile(r"[0-9]{6}")
_DIGITS_MAX: Final = 15

Handler = Callable[[Request], Awaitable[JSONResponse]]


def telling_errors(handler: Handler) -> Handler:
    """Turns a BadField into a 400 that names the field."""

    async def told(request: Request) -> JSONResponse:
        try:
            return await handler(request)
        except BadField as error:
            return JSONResponse(
                {"error": {"field": error.field, "message": str(error)}}, status_code=400
            )

    return told


def not_found(field: str, value: str) -> JSONResponse:
    """Answers 404 for an unknown id."""
    return JSONResponse(
        {"error": {"field": field, "message": f"{field} {value} is unknown"}}, status_code=404
    )


async def body_of(request: Request, fields: set[str]) -> dict[str, Any]:
    """Reads a JSON object that has no other fields than these, or raises BadField."""
    body = await read_json_object(request)
    for field in body:
        if field not in fields:
            raise BadField(field, f"is unknown; known are {', '.join(sorted(fields))}")
    return body


def phone_in(request: Request) -> str:
    """Reads the number in the path, or raises BadField."""
    try:
        return normalise_phone(request.path_params["phone"])
    except InvalidPhone as error:
        raise BadField("phone", str(error)) from error


def query_number(request: Request, field: str) -> int | None:
    """Reads a whole number from the query string, or raises BadField."""
    text = request.query_params.get(field)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS_MAX:
        raise BadField(field, f"must be a whole number of at most {_DIGITS_MAX} digits")
    return int(text)


def changed_account(account: Account, field: str, value: object) -> Account:
    """Returns an account with one field changed, or raises BadField."""
    if field == "phone" or field not in account.as_json():
        raise BadField(field, "is no field of an account that can be changed")
    expected: type = type(getattr(account, field))
    if type(value) is not expected:
        names = {int: "a whole number", bool: "true or false", str: "a text"}
        raise BadField(field, f"must be {names[expected]}")
    if isinstance(value, int) and value < 0:
        raise BadField(field, "must not be negative")
    if isinstance(value, str) and _SIX_DIGITS.fullmatch(value) is None:
        raise BadField(field, "must be six digits")
    return Account(**(account.as_json() | {field: value}))
