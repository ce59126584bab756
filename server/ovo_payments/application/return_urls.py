"""Where customers may be sent back to: addresses of the caller, which the service never fetches."""

from collections.abc import Sequence

from ovo_payments.application import fields
from ovo_payments.application.call import Caller
from ovo_payments.application.url_prefix import UrlPrefix
from ovo_payments.domain.errors import Violations


class ReturnUrls:
    """Checks addresses to which a customer's browser is sent."""

    def __init__(self, prefixes: Sequence[UrlPrefix] = ()) -> None:
        """Takes what holds for callers that registered none of their own; none: any https URL."""
        self._prefixes = tuple(prefixes)

    def check(
        self, violations: Violations, field: str, value: str, caller: Caller, *, required: bool
    ) -> None:
        """Notes what is wrong with an address."""
        if not fields.https_url(violations, field, value, required=required) or not value:
            return
        prefixes = caller.return_url_prefixes or self._prefixes
        if prefixes and not any(prefix.covers(value) for prefix in prefixes):
            violations.add(field, "is not under an address that is registered for this caller")
