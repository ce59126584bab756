"""The one place where what names or empowers a customer becomes text at rest, and back.

Every credential and every phone number of every document passes here, so that sealing them
touches this module alone.
"""

from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.secret import Secret


def write_secret(secret: Secret) -> str:
    """Gives the text that is stored for a secret."""
    return secret.reveal()


def read_secret(stored: str) -> Secret:
    """Reads a secret back."""
    return Secret(stored)


def write_phone_number(phone_number: PhoneNumber) -> str:
    """Gives the text that is stored for a phone number."""
    return phone_number.international


def read_phone_number(stored: str) -> PhoneNumber:
    """Reads a phone number back."""
    return PhoneNumber(stored)
