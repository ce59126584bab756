"""Tells what a call is about before anything of it is checked, so that faults can be aimed."""

from collections.abc import Mapping

from starlette.requests import Request

from ovo_sandbox.doku.bindings import Bindings
from ovo_sandbox.doku.fields import glance_at_object
from ovo_sandbox.doku.payment_book import PaymentBook
from ovo_sandbox.doku.tokens import Tokens
from ovo_sandbox.phone import InvalidPhone, normalise_phone


class Scopes:
    """Finds the merchant's reference and the customer's phone, as far as a call shows them."""

    def __init__(self, bindings: Bindings, book: PaymentBook, tokens: Tokens) -> None:
        """Looks in what is linked and what was paid."""
        self._bindings = bindings
        self._book = book
        self._tokens = tokens

    def of(self, request: Request, raw: bytes) -> tuple[str, str]:
        """Returns reference and phone, each empty where it cannot be told."""
        document = glance_at_object(raw)
        info = document.get("additionalInfo")
        customer_id = info.get("custIdMerchant") if isinstance(info, dict) else None
        reference = _first_text(
            document.get("partnerReferenceNo"),
            document.get("originalPartnerReferenceNo"),
            customer_id,
        )
        phone = _phone(document.get("phoneNo")) or self._linked_phone(request, document)
        if not phone and reference:
            client_id = request.headers.get("X-PARTNER-ID", "")
            payment = self._book.find_by_partner_reference(client_id, reference)
            phone = "" if payment is None else payment.phone
        return reference, phone

    def _linked_phone(self, request: Request, document: Mapping[str, object]) -> str:
        token = request.headers.get("Authorization-Customer") or document.get("tokenId")
        auth_code = document.get("authCode")
        if isinstance(token, str) and token:
            auth_code = self._tokens.auth_code_of_customer_token(token.removeprefix("Bearer "))
        binding = self._bindings.find(auth_code) if isinstance(auth_code, str) else None
        return "" if binding is None else binding.phone


def _first_text(*values: object) -> str:
    return next((value for value in values if isinstance(value, str) and value), "")


def _phone(value: object) -> str:
    try:
        return normalise_phone(value) if isinstance(value, str) else ""
    except InvalidPhone:
        return ""
