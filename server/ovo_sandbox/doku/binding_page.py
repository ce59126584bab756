"""Serves the page on which a customer links an OVO account."""

from collections.abc import Mapping, Sequence
from typing import Any

from ovo_sandbox.doku.bindings import Bindings
from ovo_sandbox.doku.hosted import HostedPages
from ovo_sandbox.doku.operations import BINDING_PAGE
from ovo_sandbox.doku.records import Binding, Step
from ovo_sandbox.sandbox import Sandbox


class BindingPages(HostedPages[Binding]):
    """Asks for consent, one-time code and PIN."""

    path = BINDING_PAGE
    template = "doku/binding.html"

    def __init__(self, context: Sandbox, bindings: Bindings) -> None:
        """Completes bindings."""
        super().__init__(context)
        self._bindings = bindings

    def find(self, code: str) -> Binding | None:
        """Reads the binding; its auth code is its address."""
        return self._bindings.find(code)

    def is_open(self, page: Binding) -> bool:
        """Tells whether the account is still to be linked."""
        return page.state == "PENDING"

    def steps(self, page: Binding) -> Sequence[Step]:  # noqa: ARG002 - the same for every binding
        """Lists all the steps there are."""
        return ("review", "otp", "pin")

    def save(self, page: Binding) -> None:
        """Writes how far the customer has come."""
        self._bindings.save(page)

    def approve(self, page: Binding) -> None:
        """Links the account."""
        self._bindings.complete(page)

    def cancel(self, page: Binding) -> None:
        """Leaves the account as it was."""
        self._bindings.fail(page, "You canceled the linking")

    def fail(self, page: Binding, reason: str) -> None:
        """Leaves the account as it was."""
        self._bindings.fail(page, reason)

    def view(self, page: Binding) -> Mapping[str, Any]:
        """Tells whether it worked out; an account unlinked since then was linked once."""
        linked = page.state in ("SUCCESS", "UNLINKED")
        return {"succeeded": linked, "return_url": page.success_url if linked else page.failed_url}
