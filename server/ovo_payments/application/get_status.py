"""GetStatus: reads a payment or a binding as this service knows it."""

from ovo_payments.application import fields
from ovo_payments.application.ask import Ask
from ovo_payments.application.call import Call, GetStatusRequest
from ovo_payments.application.ownership import Owned
from ovo_payments.domain.binding import Binding
from ovo_payments.domain.errors import Violations
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.ports import Store


class GetStatus:
    """Reads a payment or a binding; with `refresh`, asks the provider first."""

    def __init__(self, store: Store, ask: Ask) -> None:
        """Reads from `store`; asks by `ask`."""
        self._owned = Owned(store)
        self._ask = ask

    async def __call__(self, call: Call, request: GetStatusRequest) -> Payment | Binding:
        """Gives what is known. A provider that can't be asked leaves it as it was.

        Raises InvalidRequestError, PaymentNotFoundError and BindingNotFoundError.
        """
        violations = Violations()
        if request.binding_id is not None:
            fields.name(violations, "binding_id", request.binding_id)
            violations.raise_if_any()
            binding = await self._owned.binding(call.caller, request.binding_id)
            return await self._ask.binding(binding) if request.refresh else binding
        if request.payment_id is None and request.order_id is None:
            violations.add("subject", "is required: name a payment_id, an order_id or a binding_id")
        payment = await self.payment(call, request.payment_id, request.order_id, violations)
        return await self._ask.payment(payment) if request.refresh else payment

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
