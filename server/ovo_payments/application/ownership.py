"""Finds what a caller may see: another's payment or binding is the same as an unknown one."""

from dataclasses import dataclass

from ovo_payments.application.call import Caller
from ovo_payments.domain.binding import Binding
from ovo_payments.domain.errors import (
    BindingNotActiveError,
    BindingNotFoundError,
    PaymentNotFoundError,
)
from ovo_payments.domain.payment import Payment
from ovo_payments.domain.ports import Store


@dataclass(frozen=True, slots=True)
class Owned:
    """What the store holds, as far as it belongs to the caller."""

    store: Store

    async def payment(self, caller: Caller, payment_id: str) -> Payment:
        """Reads a payment. Raises PaymentNotFoundError."""
        payment = await self.store.find_own_payment(caller.scope, payment_id)
        if payment is None:
            raise PaymentNotFoundError(payment_id=payment_id)
        return payment

    async def latest_payment(self, caller: Caller, order_id: str) -> Payment:
        """Reads the latest payment of an order. Raises PaymentNotFoundError."""
        payment = await self.store.find_latest_payment(caller.scope, order_id)
        if payment is None:
            raise PaymentNotFoundError(order_id=order_id)
        return payment

    async def binding(self, caller: Caller, binding_id: str) -> Binding:
        """Reads a binding. Raises BindingNotFoundError."""
        binding = await self.store.find_own_binding(caller.scope, binding_id)
        if binding is None:
            raise BindingNotFoundError(binding_id=binding_id)
        return binding


def require_usable(binding: Binding) -> None:
    """Raises BindingNotActiveError where nothing may be done with a binding."""
    if not binding.usable:
        raise BindingNotActiveError(binding_id=binding.binding_id, state=binding.state.value)
