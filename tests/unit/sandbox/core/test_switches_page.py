"""The page of the sandbox tells each switch with the default that it has."""

from pathlib import Path

import pytest

from ovo_sandbox.doku.switches import SWITCHES as DOKU
from ovo_sandbox.midtrans.switches import SWITCHES as MIDTRANS
from ovo_sandbox.switches import Switch

PAGE = (Path(__file__).parents[4] / "docs/sandbox.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("switch", [*DOKU, *MIDTRANS], ids=lambda switch: switch.name)
def test_a_switch_stands_in_the_page_with_its_default(switch: Switch) -> None:
    """As one would write it to set it."""
    default = str(switch.default)
    if isinstance(switch.default, bool | float | int):
        default = default.lower().removesuffix(".0")
    assert f"| `{switch.name}` | `{default}` |" in PAGE
