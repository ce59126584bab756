"""Lets a tester see what DOKU holds, and unlink an account as its owner would in the OVO app."""

from collections.abc import Mapping
from hmac import compare_digest
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from ovo_sandbox.doku.bindings import Bindings
from ovo_sandbox.doku.payments import Payments
from ovo_sandbox.doku.records import STATUS_WORDS, Binding, Payment
from ovo_sandbox.forms import read_form
from ovo_sandbox.sandbox import Sandbox

ACCOUNTS_PAGE = "/doku/accounts"
_SHOWN = 50
_SECRETS = {"form_token", "customer_token"}


class DokuControl:
    """Answers `/sandbox/doku/…` for scripts, and shows the linked accounts to people."""

    def __init__(self, context: Sandbox, bindings: Bindings, payments: Payments) -> None:
        """Looks into the provider's state."""
        self._context = context
        self._bindings = bindings
        self._payments = payments

    def routes(self) -> list[Route]:
        """Lists the paths."""
        api = "/sandbox/doku"
        return [
            Route(f"{api}/bindings", self._list_bindings, methods=["GET"]),
            Route(f"{api}/bindings/{{auth_code:str}}/unlink", self._unlink, methods=["POST"]),
            Route(f"{api}/payments", self._list_payments, methods=["GET"]),
            Route(ACCOUNTS_PAGE, self._show_accounts, methods=["GET"]),
            Route(f"{ACCOUNTS_PAGE}/{{auth_code:str}}", self._unlink_by_form, methods=["POST"]),
        ]

    async def _list_bindings(self, _: Request) -> Response:
        return JSONResponse({"bindings": [_shown(binding) for binding in self._bindings.all()]})

    async def _list_payments(self, _: Request) -> Response:
        return JSONResponse({"payments": [_shown(one) for one in self._payments.book.all()]})

    async def _unlink(self, request: Request) -> Response:
        auth_code = request.path_params["auth_code"]
        binding = self._bindings.find(auth_code)
        if binding is None or binding.state != "SUCCESS":
            message = f"auth_code {auth_code} is no linked account"
            return JSONResponse(
                {"error": {"field": "auth_code", "message": message}},
                status_code=404 if binding is None else 409,
            )
        return JSONResponse(_shown(self._bindings.unlink(binding)))

    async def _show_accounts(self, _: Request) -> Response:
        bindings = self._bindings.all()[::-1]
        payments = self._payments.book.all()[::-1]
        return self._context.pages.page(
            "doku/accounts.html",
            merchant=self._context.config.merchant_name,
            linked=[binding for binding in bindings if binding.state == "SUCCESS"][:_SHOWN],
            others=[binding for binding in bindings if binding.state != "SUCCESS"][:_SHOWN],
            payments=payments[:_SHOWN],
            balances={one.phone: self._context.wallet.account(one.phone) for one in bindings},
            words=STATUS_WORDS,
        )

    async def _unlink_by_form(self, request: Request) -> Response:
        form = await read_form(request)
        binding = self._bindings.find(request.path_params["auth_code"])
        if (
            binding is not None
            and binding.state == "SUCCESS"
            and compare_digest(form.get("form_token", "").encode(), binding.form_token.encode())
        ):
            self._bindings.unlink(binding)
        return RedirectResponse(ACCOUNTS_PAGE, status_code=303)


def _shown(record: Binding | Payment) -> Mapping[str, Any]:
    return {name: value for name, value in record.as_json().items() if name not in _SECRETS}
