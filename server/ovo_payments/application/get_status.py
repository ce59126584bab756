"""GetStatus: reads a payment or a binding as this service knows it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ovo_payments.application import fields
from ovo_payments.application.ask import Ask
from ovo_payments.application.call import Call, GetStatusRequest
from ovo_payments.application.ownership import Owned
from ovo_payments.application.sends import Sends
from ovo_payments.domain.binding import Binding
from ovo_payments.domain.errors import Violations
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.ports import Store

_Subject = TypeVar("_Subject", Payment, Binding)


class GetStatus:
    """Reads a payment or a binding; with `refresh`, asks the provider first."""

    def __init__(self, store: Store, ask: Ask, sends: Sends) -> None:
        """Reads from `store`; asks by `ask`, in a task of `sends`."""
        self._owned = Owned(store)
        self._ask = ask
        self._sends = sends
        self._flights: dict[str, asyncio.Future[Any]] = {}
        """The questions that are being asked, by what they are about: callers share them."""

    async def __call__(self, call: Call, request: GetStatusRequest) -> Payment | Binding:
        """Gives what is known. A provider that can't be asked leaves it as it was.

        The question is asked to its end whatever the caller does, lest an answer be stored and
        nobody be told. A caller whose time runs out first is given what is known without it.

        Raises InvalidRequestError, PaymentNotFoundError and BindingNotFoundError.
        """
        violations = Violations()
        if request.binding_id is not None:
            fields.name(violations, "binding_id", request.binding_id)
            violations.raise_if_any()
            binding = await self._owned.binding(call.caller, request.binding_id)
            if not request.refresh:
                return binding
            asked = await self._asked(call, binding.binding_id, lambda: self._ask.binding(binding))
            return asked or await self._owned.binding(call.caller, binding.binding_id)
        if request.payment_id is None and request.order_id is None:
            violations.add("subject", "is required: name a payment_id, an order_id or a binding_id")
        payment = await self.payment(call, request.payment_id, request.order_id, violations)
        if not request.refresh:
            return payment
        told = await self._asked(call, payment.payment_id, lambda: self._ask.payment(payment))
        return told or await self._owned.payment(call.caller, payment.payment_id)

    async def payment(
        self, call: Call, payment_id: str | None, order_id: str | None, violations: Violations
    ) -> Payment:
        """Reads a payment by its own name or by its order's; also for watches.

        Raises InvalidRequestError with all that was found wrong before.
        """
        if payment_id is not None:
            fields.name(violations, "payment_id", payment_id)
        elif order_id is not None:
            fields.name(violations, "order_id", order_id)
        violations.raise_if_any()
        if payment_id is not None:
            return await self._owned.payment(call.caller, payment_id)
        return await self._owned.latest_payment(call.caller, order_id or "")

    async def _asked(
        self, call: Call, subject_id: str, ask: Callable[[], Coroutine[Any, Any, _Subject]]
    ) -> _Subject | None:
        async def work(written: asyncio.Event) -> _Subject:
            # What the caller asks about is stored already.
            written.set()
            flight = self._flights.get(subject_id)
            if flight is None:
                flight = self._flights[subject_id] = asyncio.ensure_future(ask())
                flight.add_done_callback(lambda _: self._flights.pop(subject_id, None))
            found: _Subject = await asyncio.shield(flight)
            return found

        return await self._sends.carry(call, work)
