"""Serves DOKU's hosted pages, on which a customer links an account or approves a payment."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hmac import compare_digest
from typing import Any, Final, Generic

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ovo_sandbox.doku.challenge import PageT, judge, tries_left
from ovo_sandbox.doku.records import HostedPage, Step
from ovo_sandbox.forms import read_form
from ovo_sandbox.phone import local_phone
from ovo_sandbox.sandbox import Sandbox

# After this many seconds the last screen takes the browser back to the merchant.
RETURN_AFTER_S: Final = 4

_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
}


class HostedPages(ABC, Generic[PageT]):
    """Leads a customer through a page's steps, by plain forms that redirect to themselves."""

    path: str
    template: str

    def __init__(self, context: Sandbox) -> None:
        """Renders with the sandbox's templates."""
        self._context = context

    @abstractmethod
    def find(self, code: str) -> PageT | None:
        """Reads the page by the digits in its address."""

    @abstractmethod
    def is_open(self, page: PageT) -> bool:
        """Tells whether the customer can still do something here."""

    @abstractmethod
    def steps(self, page: PageT) -> Sequence[Step]:
        """Lists the steps that the customer goes through."""

    @abstractmethod
    def save(self, page: PageT) -> None:
        """Writes how far the customer has come."""

    @abstractmethod
    def approve(self, page: PageT) -> None:
        """Does what the customer came for."""

    @abstractmethod
    def cancel(self, page: PageT) -> None:
        """Ends it by the customer's wish."""

    @abstractmethod
    def fail(self, page: PageT, reason: str) -> None:
        """Ends it because the customer was not who he should be."""

    @abstractmethod
    def view(self, page: PageT) -> Mapping[str, Any]:
        """Returns what the template shows beside the steps."""

    def routes(self) -> list[Route]:
        """Lists the page's paths."""
        path = f"{self.path}{{code:str}}"
        return [
            Route(path, self._show, methods=["GET"]),
            Route(path, self._take, methods=["POST"]),
        ]

    async def _show(self, request: Request) -> Response:
        page = self.find(request.path_params["code"])
        if page is None:
            return self._missing()
        account = self._context.wallet.account(page.phone)
        steps = self.steps(page)
        return self._context.pages.page(
            self.template,
            headers=_HEADERS,
            page=page,
            account=account,
            masked=_masked(page.phone),
            merchant=self._context.config.merchant_name,
            step=page.step if self.is_open(page) else "done",
            step_number=steps.index(page.step) + 1,
            steps_count=len(steps),
            is_last_step=page.step == steps[-1],
            was_wrong=_was_wrong(page),
            tries_left=tries_left(page),
            return_after_s=RETURN_AFTER_S,
            **self.view(page),
        )

    async def _take(self, request: Request) -> Response:
        # First the form, then the page: while a form is read, another one may end the page.
        form = await read_form(request)
        page = self.find(request.path_params["code"])
        if page is None:
            return self._missing()
        if not compare_digest(form.get("form_token", "").encode(), page.form_token.encode()):
            return self._notice("This form is out of date", "Open the page again to go on.", 403)
        if self.is_open(page):
            self._apply(page, form)
        return RedirectResponse(request.url.path, status_code=303)

    def _apply(self, page: PageT, form: Mapping[str, str]) -> None:
        # A form of an earlier screen (the browser's back button) changes nothing.
        if form.get("action") == "cancel":
            self.cancel(page)
            return
        if form.get("step") != page.step:
            return
        account = self._context.wallet.account(page.phone)
        verdict = judge(page, account, self.steps(page), form.get("entry", "").strip())
        if verdict.outcome in ("next", "again"):
            self.save(verdict.page)
        elif verdict.outcome == "passed":
            self.approve(verdict.page)
        else:
            with self._context.store.transaction():
                if verdict.blocks:
                    self._context.wallet.save(replace(account, blocked=True))
                self.fail(verdict.page, verdict.reason)

    def _missing(self) -> Response:
        return self._notice(
            "There is nothing here",
            "The address is wrong, or what it led to was removed with the sandbox's state.",
            404,
        )

    def _notice(self, title: str, text: str, status_code: int) -> Response:
        return self._context.pages.page(
            "doku/notice.html",
            status_code=status_code,
            headers=_HEADERS,
            heading=title,
            text=text,
            merchant=self._context.config.merchant_name,
        )


def _masked(phone: str) -> str:
    """Shows what its owner recognises a number by, and no more."""
    local = local_phone(phone)
    return f"{local[:4]}-••••-{local[-4:]}"


def _was_wrong(page: HostedPage) -> bool:
    wrong = {"review": 0, "otp": page.wrong_otps, "pin": page.wrong_pins}
    return wrong[page.step] > 0
