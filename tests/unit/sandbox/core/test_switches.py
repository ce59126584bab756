"""Switches hold a value of their own type, or their default."""

import pytest

from ovo_sandbox.store import Store
from ovo_sandbox.switches import InvalidSwitchValue, Switch, Switches, SwitchValue, UnknownSwitch

DECLARED = (
    Switch(name="mode", provider="p", default="auto", choices=("auto", "manual"), summary="."),
    Switch(name="wait_s", provider="p", default=3.0, summary="."),
    Switch(name="window_s", provider="p", default=55, minimum=1, summary="."),
    Switch(name="loud", provider="p", default=True, summary="."),
)


@pytest.fixture
def switches() -> Switches:
    """Four switches at their defaults."""
    made = Switches(Store(None))
    made.declare(DECLARED)
    return made


def test_an_untouched_switch_stands_at_its_default(switches: Switches) -> None:
    """Each is read in its own type."""
    assert switches.text("mode") == "auto"
    assert switches.number("wait_s") == 3.0
    assert switches.flag("loud") is True


@pytest.mark.parametrize(
    ("name", "value"), [("mode", "manual"), ("wait_s", 0), ("window_s", 60), ("loud", False)]
)
def test_a_switch_takes_a_value_that_fits(
    switches: Switches, name: str, value: SwitchValue
) -> None:
    """A whole number fits where a fraction may stand."""
    switches.set(name, value)
    assert switches.value(name) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mode", "off"),
        ("mode", 1),
        ("wait_s", "3"),
        ("wait_s", True),
        ("wait_s", -1),
        ("wait_s", float("inf")),
        ("wait_s", float("nan")),
        ("window_s", 0),
        ("window_s", 5.5),
        ("loud", 1),
        ("loud", None),
    ],
)
def test_a_switch_refuses_what_does_not_fit(switches: Switches, name: str, value: object) -> None:
    """It stays where it was."""
    before = switches.value(name)
    with pytest.raises(InvalidSwitchValue):
        switches.set(name, value)
    assert switches.value(name) == before


def test_an_unknown_switch_is_told(switches: Switches) -> None:
    """A typing error changes nothing silently."""
    with pytest.raises(UnknownSwitch):
        switches.set("moed", "auto")


def test_a_name_is_declared_once(switches: Switches) -> None:
    """Two providers cannot share a switch by accident."""
    with pytest.raises(ValueError, match="declared twice"):
        switches.declare(DECLARED[:1])
