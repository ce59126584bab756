"""Balance: reads what a linked account holds."""

from ovo_payments.application import fields
from ovo_payments.application.call import BalanceResult, Call
from ovo_payments.application.ownership import Owned, require_usable
from ovo_payments.application.providers import Providers, require
from ovo_payments.application.recorder import Recorder
from ovo_payments.domain.errors import Violations
from ovo_payments.domain.ports import Clock, Store
from ovo_payments.domain.provider import Capability


class Balance:
    """Reads the balance of a linked account at the provider, now."""

    def __init__(
        self, store: Store, providers: Providers, recorder: Recorder, clock: Clock
    ) -> None:
        """Reads bindings from `store` and tells `recorder` what a call taught about them."""
        self._owned = Owned(store)
        self._providers = providers
        self._recorder = recorder
        self._clock = clock

    async def __call__(self, call: Call, binding_id: str) -> BalanceResult:
        """Asks the provider.

        Raises InvalidRequestError, BindingNotFoundError, BindingNotActiveError (also where
        the customer unlinked the account elsewhere) and ProviderUnavailableError.
        """
        violations = Violations()
        fields.name(violations, "binding_id", binding_id)
        violations.raise_if_any()
        binding = await self._owned.binding(call.caller, binding_id)
        provider = self._providers.named(binding.provider)
        require(provider, Capability.BALANCE)
        require_usable(binding)
        outcome = await provider.balance(binding)
        if outcome.binding is not None:
            binding = await self._recorder.record_binding(binding_id, outcome.binding)
            require_usable(binding)
        return BalanceResult(balances=outcome.balances, read_time=self._clock.now())
