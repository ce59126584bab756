"""Answers Midtrans' endpoints, in the order in which Midtrans checks things."""

from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ovo_sandbox.faults import Fault, Stage, refusal, spoil
from ovo_sandbox.midtrans import bodies
from ovo_sandbox.midtrans.bodies import Bodies
from ovo_sandbox.midtrans.calls import (
    Answer,
    Call,
    MalformedBody,
    Refused,
    phone_in,
    read_payload,
    reference_in,
)
from ovo_sandbox.midtrans.idempotency import Idempotency, SavedAnswer, usable_key
from ovo_sandbox.midtrans.magic import scenario_of
from ovo_sandbox.midtrans.notifications import notification_urls
from ovo_sandbox.midtrans.signing import is_authorized
from ovo_sandbox.midtrans.switches import PROVIDER
from ovo_sandbox.midtrans.transaction import Status, Transaction
from ovo_sandbox.midtrans.transactions import Transactions
from ovo_sandbox.midtrans.validation import InvalidPayload, read_charge, read_refund
from ovo_sandbox.midtrans.wire import encode
from ovo_sandbox.sandbox import Sandbox

Operation = Callable[[Call], Awaitable[Answer]]

_RATE_WINDOW: Final = timedelta(minutes=1)
_IN_PROCESS: Final = {"status_code": "202", "status_message": "The request is being processed"}


class MidtransApi:
    """Serves /v2."""

    def __init__(self, sandbox: Sandbox, transactions: Transactions, writer: Bodies) -> None:
        """Answers from the transactions."""
        self._sandbox = sandbox
        self._transactions = transactions
        self._bodies = writer
        self._idempotency = Idempotency(sandbox.store, sandbox.clock)
        self._charged_at: deque[datetime] = deque()

    def routes(self) -> list[Route]:
        """Lists the paths."""
        return [
            self._route("POST", "/v2/charge", "charge", self._charge),
            self._route("GET", "/v2/{id}/status", "status", self._status),
            self._route("POST", "/v2/{id}/cancel", "cancel", self._cancel),
            self._route("POST", "/v2/{id}/expire", "expire", self._expire),
            self._route("POST", "/v2/{id}/refund", "refund", self._refund),
            # For cards and other wallets; no OVO transaction can be changed by them.
            self._route("POST", "/v2/{id}/refund/online/direct", "refund", self._refuse),
            self._route("POST", "/v2/{id}/approve", "approve", self._refuse),
            self._route("POST", "/v2/{id}/deny", "deny", self._refuse),
        ]

    def reset(self) -> None:
        """Forgets what is in memory."""
        self._idempotency.reset()
        self._charged_at.clear()

    def _route(self, method: str, path: str, operation: str, handler: Operation) -> Route:
        async def endpoint(request: Request) -> Response:
            authorization = request.headers.get("Authorization")
            if not is_authorized(authorization, self._sandbox.config.midtrans_server_key):
                return self._refused(Refused("401", bodies.UNAUTHORIZED, http_status=401))
            call = await self._call(request, operation)
            if call.fault is not None and call.fault.stage is Stage.BEFORE:
                return self._stopped(call.fault)
            response = await self._once(request, call, handler)
            return spoil(call.fault, response, self._sandbox.scheduler)

        return Route(path, endpoint, methods=[method])

    async def _call(self, request: Request, operation: str) -> Call:
        try:
            payload, is_malformed = read_payload(await request.body()), False
        except MalformedBody:
            payload, is_malformed = {}, True
        identifier = request.path_params.get("id", "")
        transaction = self._transactions.find(identifier) if identifier else None
        fault = self._sandbox.faults.take(
            PROVIDER,
            operation,
            reference=transaction.order_id if transaction else identifier or reference_in(payload),
            phone=transaction.phone if transaction else phone_in(payload),
        )
        return Call(
            operation=operation,
            identifier=identifier,
            payload=payload,
            is_malformed=is_malformed,
            headers=request.headers,
            fault=fault,
        )

    async def _once(self, request: Request, call: Call, handler: Operation) -> Response:
        """Answers anew, or as an Idempotency-Key asks."""
        key = usable_key(request.headers.get("Idempotency-Key"))
        if request.method != "POST" or key is None:
            return (await self._answer(call, handler)).response()
        if self._idempotency.is_in_process(key):
            empty = self._sandbox.switches.text("midtrans_in_process_body") == "empty"
            return Response(status_code=202) if empty else JSONResponse(_IN_PROCESS, 202)
        if (saved := self._idempotency.saved(key)) is not None:
            return Response(saved.body, saved.http_status, media_type="application/json")
        with self._idempotency.processing(key):
            answer = await self._answer(call, handler)
        if answer.is_success:
            body = encode(answer.body).decode()
            self._idempotency.save(key, SavedAnswer(http_status=answer.http_status, body=body))
        return answer.response()

    async def _answer(self, call: Call, handler: Operation) -> Answer:
        try:
            return await handler(call)
        except InvalidPayload as error:
            messages = error.messages
            refused = Refused("400", bodies.INVALID, http_status=400, validation_messages=messages)
        except Refused as error:
            refused = error
        return refused.answer(self._request_id())

    async def _charge(self, call: Call) -> Answer:
        if self._is_over_rate():
            return Answer(body={"message": "API rate limit exceeded"}, http_status=429)
        _refuse_malformed(call)
        switches = self._sandbox.switches
        if delay_s := switches.number("midtrans_processing_delay_s"):
            await self._sandbox.scheduler.sleep(delay_s)
        payment_type = call.payload.get("payment_type")
        if isinstance(payment_type, str) and payment_type not in {"", "ovo"}:
            raise Refused("402", bodies.NOT_ACTIVATED)
        charge = read_charge(
            call.payload,
            bad_phone_message=switches.text("midtrans_bad_phone_message"),
            refuses_custom_expiry=switches.text("midtrans_custom_expiry") == "rejected",
        )
        if not self._transactions.takes_order_id(charge.order_id):
            raise Refused("406", bodies.CONFLICT)
        self._check_payer(charge.phone)
        transaction = self._transactions.charge(
            charge,
            urls=notification_urls(call.headers, self._sandbox.config.midtrans_notification_url),
            pays_in_s=_seconds_of(call.fault, Stage.LATER),
        )
        return Answer(body=self._bodies.charge(transaction))

    async def _status(self, call: Call) -> Answer:
        if call.fault is not None and call.fault.stage is Stage.QUERY:
            raise Refused("404", bodies.NOT_FOUND)
        return Answer(body=self._bodies.status(self._known(call)))

    async def _cancel(self, call: Call) -> Answer:
        transaction = self._known(call)
        self._check_endable(transaction, "midtrans_cancel_pending")
        return Answer(body=self._bodies.cancel(self._transactions.end(transaction, Status.CANCEL)))

    async def _expire(self, call: Call) -> Answer:
        transaction = self._known(call)
        self._check_endable(transaction, "midtrans_expire_pending")
        return Answer(body=self._bodies.expire(self._transactions.end(transaction, Status.EXPIRE)))

    async def _refund(self, call: Call) -> Answer:
        _refuse_malformed(call)
        refund = read_refund(call.payload)
        transaction = self._known(call)
        switches = self._sandbox.switches
        if transaction.status is Status.REFUND and transaction.refund_key == refund.refund_key:
            if switches.text("midtrans_repeated_refund_key") == "conflict":
                raise Refused("406", bodies.DUPLICATE_REFUND)
            return Answer(body=self._bodies.refund(transaction))
        if not self._is_refundable(transaction):
            raise Refused("412", bodies.CANNOT_MODIFY)
        if refund.amount_rupiah not in {None, transaction.gross_amount_rupiah}:
            raise Refused("414", bodies.REFUND_REJECTED)
        if switches.text("midtrans_merchant_balance") == "insufficient":
            raise Refused("414", bodies.REFUND_BALANCE)
        return Answer(body=self._bodies.refund(self._transactions.refund(transaction, refund)))

    async def _refuse(self, call: Call) -> Answer:
        self._known(call)
        raise Refused("412", bodies.CANNOT_MODIFY)

    def _known(self, call: Call) -> Transaction:
        transaction = self._transactions.find(call.identifier)
        if transaction is None:
            raise Refused("404", bodies.NOT_FOUND)
        return transaction

    def _check_payer(self, phone: str) -> None:
        account = self._sandbox.wallet.account(phone)
        if scenario_of(phone).reaction == "unregistered" or not account.registered:
            raise self._charge_error("404", bodies.ACCOUNT_NOT_FOUND)
        if account.blocked:
            raise self._charge_error("410", bodies.ACCOUNT_BLOCKED)

    def _check_endable(self, transaction: Transaction, switch: str) -> None:
        allowed = self._sandbox.switches.text(switch) == "allowed"
        if transaction.status is not Status.PENDING or not allowed:
            raise Refused("412", bodies.CANNOT_MODIFY)

    def _is_refundable(self, transaction: Transaction) -> bool:
        window = timedelta(days=self._sandbox.switches.number("midtrans_refund_window_days"))
        settled_at = transaction.settled_at
        return (
            transaction.status is Status.SETTLEMENT
            and settled_at is not None
            and self._sandbox.clock.now() - settled_at < window
        )

    def _is_over_rate(self) -> bool:
        maximum = self._sandbox.switches.number("midtrans_charges_per_minute_max")
        if not maximum:
            return False
        now = self._sandbox.clock.now()
        while self._charged_at and now - self._charged_at[0] >= _RATE_WINDOW:
            self._charged_at.popleft()
        if len(self._charged_at) >= maximum:
            return True
        self._charged_at.append(now)
        return False

    def _stopped(self, fault: Fault) -> Response:
        """Answers for a fault that stops the operation, in Midtrans' own shape where it has one."""
        if fault.name == "http_503_before":
            return self._refused(self._charge_error("503", bodies.PARTNER_DOWN))
        if fault.name == "http_500_before":
            return self._refused(Refused("500", bodies.INTERNAL, http_status=500))
        return refusal(fault, self._sandbox.scheduler)

    def _charge_error(self, code: str, message: str) -> Refused:
        as_body = self._sandbox.switches.text("midtrans_charge_error_http") == "as_body"
        return Refused(code, message, http_status=int(code) if as_body else 200)

    def _refused(self, refused: Refused) -> Response:
        return refused.answer(self._request_id()).response()

    def _request_id(self) -> str:
        return str(UUID(int=self._sandbox.random.getrandbits(128), version=4))


def _refuse_malformed(call: Call) -> None:
    if call.is_malformed:
        raise Refused("413", bodies.MALFORMED)


def _seconds_of(fault: Fault | None, stage: Stage) -> float | None:
    return fault.seconds if fault is not None and fault.stage is stage else None
