"""Brings Indonesian mobile numbers into one form."""

import re

_MOBILE = re.compile(r"628\d{7,12}")


class InvalidPhone(ValueError):
    """Tells that a text is no Indonesian mobile number."""


def normalise_phone(text: str) -> str:
    """Turns 08…, 8…, 628… and +628… (spaces, dashes, dots and brackets allowed) into 628…."""
    digits = re.sub(r"[\s\-.()]", "", text).removeprefix("+")
    if digits.startswith("0"):
        digits = "62" + digits[1:]
    elif digits.startswith("8"):
        digits = "62" + digits
    if _MOBILE.fullmatch(digits) is None:
        message = "is no Indonesian mobile number (08…, 628… or +628…)"
        raise InvalidPhone(message)
    return digits


def local_phone(phone: str) -> str:
    """Writes a normalised number as people in Indonesia do: 08…."""
    return "0" + phone.removeprefix("62")
