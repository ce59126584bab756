"""Names every point on which the providers' documents are silent, and how the sandbox decides."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ovo_sandbox.store import Store

SwitchValue = bool | int | float | str

_KIND: Final = "switch"
# More is a slip, and overflows dates.
_MAXIMUM: Final = 1e9


class UnknownSwitch(KeyError):
    """Tells that no switch has that name."""


class InvalidSwitchValue(ValueError):
    """Tells that a switch cannot take a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """Is one choice of the sandbox's behaviour.

    The type of `default` is the type of its values; `choices` limits text, and `minimum` numbers.
    """

    name: str
    provider: str
    default: SwitchValue
    summary: str
    choices: tuple[str, ...] = ()
    minimum: float = 0

    def checked(self, value: object) -> SwitchValue:
        """Returns the value in the switch's type, or raises InvalidSwitchValue."""
        if isinstance(self.default, bool):
            if isinstance(value, bool):
                return value
            raise InvalidSwitchValue("must be true or false")
        if isinstance(self.default, str):
            if isinstance(value, str) and (not self.choices or value in self.choices):
                return value
            expected = ", ".join(self.choices) if self.choices else "a text"
            raise InvalidSwitchValue(f"must be {expected}")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidSwitchValue("must be a number")
        if isinstance(self.default, int) and not isinstance(value, int):
            raise InvalidSwitchValue("must be a whole number")
        if not self.minimum <= value <= _MAXIMUM:
            raise InvalidSwitchValue(f"must be from {self.minimum:g} to {_MAXIMUM:.0f}")
        return value


class Switches:
    """Knows every declared switch and the values that a tester has set, which the store keeps."""

    def __init__(self, store: Store) -> None:
        """Starts without any switch declared."""
        self._store = store
        self._declared: dict[str, Switch] = {}
        # Switches are read many times in every call, so the store's values are held here too.
        self._set: dict[str, SwitchValue] = {}
        self.reload()

    def reload(self) -> None:
        """Takes up what the store holds: after a restart, and after it was cleared."""
        self._set = {
            document["name"]: document["value"] for document in self._store.documents(_KIND)
        }

    def declare(self, switches: Iterable[Switch]) -> None:
        """Adds switches; a provider calls this once when it is made."""
        for switch in switches:
            if switch.name in self._declared:
                raise ValueError(f"switch {switch.name} is declared twice")
            self._declared[switch.name] = switch

    def declared(self) -> list[Switch]:
        """Lists all switches by provider and name."""
        return sorted(self._declared.values(), key=lambda switch: (switch.provider, switch.name))

    def value(self, name: str) -> SwitchValue:
        """Tells what a switch stands at."""
        switch = self._switch(name)
        return self._set.get(name, switch.default)

    def flag(self, name: str) -> bool:
        """Tells what a yes-or-no switch stands at."""
        value = self.value(name)
        if not isinstance(value, bool):
            raise TypeError(f"{name} is no yes-or-no switch")
        return value

    def number(self, name: str) -> float:
        """Tells what a number's switch stands at."""
        value = self.value(name)
        if isinstance(value, bool | str):
            raise TypeError(f"{name} is no number")
        return value

    def text(self, name: str) -> str:
        """Tells what a text's switch stands at."""
        value = self.value(name)
        if not isinstance(value, str):
            raise TypeError(f"{name} is no text")
        return value

    def set(self, name: str, value: object) -> None:
        """Changes a switch; raises UnknownSwitch or InvalidSwitchValue."""
        checked = self._switch(name).checked(value)
        self._store.put(_KIND, name, {"name": name, "value": checked})
        self._set[name] = checked

    def check(self, name: str, value: object) -> None:
        """Raises what `set` would, and changes nothing."""
        self._switch(name).checked(value)

    def _switch(self, name: str) -> Switch:
        if name not in self._declared:
            raise UnknownSwitch(name)
        return self._declared[name]
