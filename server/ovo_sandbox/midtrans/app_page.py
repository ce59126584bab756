"""Shows the payer's side: a page like a phone, on which pushes are accepted or declined."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ovo_sandbox.forms import read_form
from ovo_sandbox.midtrans.transaction import Status, Transaction
from ovo_sandbox.midtrans.transactions import Transactions
from ovo_sandbox.phone import InvalidPhone, local_phone, normalise_phone
from ovo_sandbox.sandbox import Sandbox

_OUTCOMES = {
    Status.PENDING: ("Waiting", "waiting"),
    Status.SETTLEMENT: ("Paid", "good"),
    Status.DENY: ("Declined", "bad"),
    Status.FAILURE: ("Failed", "bad"),
    Status.EXPIRE: ("Expired", "quiet"),
    Status.CANCEL: ("Cancelled", "quiet"),
    Status.REFUND: ("Refunded", "quiet"),
}


class AppPage:
    """Serves /app."""

    def __init__(self, sandbox: Sandbox, transactions: Transactions) -> None:
        """Shows the transactions of one sandbox."""
        self._sandbox = sandbox
        self._transactions = transactions

    def routes(self) -> list[Route]:
        """Lists the paths."""
        return [
            Route("/app", self.show, methods=["GET"]),
            Route("/app/pushes/{transaction_id}", self.answer, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """Shows one phone, or all phones with an open push where none is chosen."""
        typed = request.query_params.get("phone", "").strip()
        phone, complaint = None, None
        if typed:
            try:
                phone = normalise_phone(typed)
            except InvalidPhone:
                complaint = "Type an Indonesian mobile number, such as 0811 1111 1111."
        pushes = self._transactions.open_pushes()
        values: dict[str, Any] = {
            "typed": local_phone(phone) if phone else typed,
            "complaint": complaint,
            "phone": phone,
            "account": self._sandbox.wallet.account(phone) if phone else None,
            "pushes": [self._push(push) for push in pushes if phone in {None, push.phone}],
            "history": self._history(phone) if phone else [],
            "answered": self._answered(request),
            "merchant": self._sandbox.config.merchant_name,
            "manual": self._sandbox.switches.text("midtrans_push_mode") == "manual",
        }
        return self._sandbox.pages.page(
            "midtrans/app.html", status_code=400 if complaint else 200, **values
        )

    async def answer(self, request: Request) -> Response:
        """Accepts or declines a push, and shows what came of it."""
        form = await read_form(request)
        transaction = self._transactions.find(request.path_params["transaction_id"])
        query = {"phone": form.get("phone", "")}
        if transaction is not None:
            query["answered"] = transaction.transaction_id
            if transaction.is_open(self._sandbox.clock.now()):
                accepts = form.get("answer") == "accept"
                answer = self._transactions.accept if accepts else self._transactions.decline
                answer(transaction)
        return RedirectResponse(f"/app?{urlencode(query)}", status_code=303)

    def _push(self, transaction: Transaction) -> dict[str, Any]:
        now = self._sandbox.clock.now()
        window_s = (transaction.answer_until - transaction.created_at).total_seconds()
        return {
            "id": transaction.transaction_id,
            "order_id": transaction.order_id,
            "amount": transaction.gross_amount_rupiah,
            "phone": transaction.phone,
            "window_s": window_s,
            "seconds_left": max(0, int((transaction.answer_until - now).total_seconds())),
            "answers_by_itself_in_s": _seconds_until(transaction.answers_at, now),
        }

    def _history(self, phone: str) -> list[dict[str, Any]]:
        return [
            {
                "order_id": transaction.order_id,
                "amount": transaction.gross_amount_rupiah,
                "created_at": transaction.created_at,
                "outcome": _OUTCOMES[transaction.status][0],
                "tone": _OUTCOMES[transaction.status][1],
            }
            for transaction in self._transactions.book.payer_history(phone)
        ]

    def _answered(self, request: Request) -> dict[str, Any] | None:
        """Tells what came of the push that was just answered."""
        identifier = request.query_params.get("answered")
        transaction = self._transactions.find(identifier) if identifier else None
        if transaction is None:
            return None
        now = self._sandbox.clock.now()
        is_late = transaction.status is Status.PENDING and not transaction.is_open(now)
        return {
            "order_id": transaction.order_id,
            "amount": transaction.gross_amount_rupiah,
            "outcome": "Too late" if is_late else _OUTCOMES[transaction.status][0],
            "tone": _OUTCOMES[transaction.status][1],
            "reason": transaction.response_message,
        }


def _seconds_until(moment: datetime | None, now: datetime) -> int | None:
    return None if moment is None else max(0, int((moment - now).total_seconds()))
