"""The configured providers, and which of them a call goes to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ovo_payments.domain.errors import (
    NotSupportedByProviderError,
    ProviderUnavailableError,
    Violations,
)
from ovo_payments.domain.provider import CallClass, Capability, Provider


@dataclass(frozen=True, slots=True)
class Providers:
    """The providers by name, in the order in which they are preferred."""

    by_name: Mapping[str, Provider]

    def __iter__(self) -> Iterator[Provider]:
        """Gives each provider."""
        return iter(self.by_name.values())

    def named(self, name: str) -> Provider:
        """Gives the provider that carries something; it is configured for as long as that lives.

        Raises ProviderUnavailableError where the operator took it out all the same.
        """
        provider = self.by_name.get(name)
        if provider is None:
            raise ProviderUnavailableError(provider=name, retry_after_s=60.0)
        return provider

    def chosen(self, violations: Violations, name: str, capability: Capability) -> Provider:
        """Gives the provider that a caller names, or the first that can do what is asked.

        Notes an unknown name, and gives the first all the same, so that the rest of the
        request can be checked. Raises NotSupportedByProviderError where the provider, or
        every provider, lacks the capability.
        """
        provider = self.by_name.get(name)
        if provider is not None:
            require(provider, capability)
            return provider
        if name:
            known = ", ".join(self.by_name) or "none"
            violations.add("provider", f"is unknown: leave it empty or use one of: {known}")
        for candidate in self:
            if capability in candidate.spec.capabilities:
                return candidate
        violations.raise_if_any()
        raise NotSupportedByProviderError(provider="", capability=capability.value)


def require(provider: Provider, capability: Capability) -> None:
    """Raises NotSupportedByProviderError where a provider lacks a capability."""
    if capability not in provider.spec.capabilities:
        raise NotSupportedByProviderError(provider=provider.spec.name, capability=capability.value)


def require_available(provider: Provider) -> None:
    """Raises ProviderUnavailableError while the breaker lets nothing through that moves money."""
    wait_s = provider.available_for(CallClass.MUTATE)
    if wait_s > 0:
        raise ProviderUnavailableError(provider=provider.spec.name, retry_after_s=wait_s)
