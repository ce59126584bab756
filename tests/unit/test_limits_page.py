"""The page of limits has every limit, with its value and a test that is there."""

import re
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, Final

import pytest

from ovo_payments.settings import Settings
from ovo_payments.transport.grpc.server import GrpcLimits
from ovo_payments.transport.http.limits import HttpLimits

PAGE: Final = (Path(__file__).parents[2] / "docs/limits.md").read_text(encoding="utf-8")
_SECTION: Final = re.compile(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_SECTIONS: Final = dict(_SECTION.findall(PAGE))
_ROW: Final = re.compile(r"^\| `(\w+)` \| ([0-9,]+)( s| bytes)? \| (.*) \| (.*) \|$", re.MULTILINE)
_LIMITS: Final = {"gRPC": GrpcLimits, "The sidecar": HttpLimits}
_UNITS: Final = {"_s": " s", "_bytes_max": " bytes"}
EVERY_LIMIT: Final = [
    pytest.param(section, limit, id=f"{section}: {limit.name}")
    for section, limits in _LIMITS.items()
    for limit in fields(limits)
]


@pytest.mark.parametrize(("section", "limit"), EVERY_LIMIT)
def test_a_limit_stands_on_the_page(section: str, limit: "Field[Any]") -> None:
    """With the value that it has, in its unit, and a test; that it is there is told elsewhere."""
    (row,) = [row for row in _ROW.findall(_SECTIONS[section]) if row[0] == limit.name]
    _, value, unit, _, tests = row
    assert value == f"{limit.default:,g}"
    assert unit == next((unit for end, unit in _UNITS.items() if limit.name.endswith(end)), "")
    assert tests.startswith("[test_"), "the test that reaches it is missing"


@pytest.mark.parametrize("setting", [name for name in Settings.model_fields if "_max" in name])
def test_a_setting_that_limits_is_named_with_its_limit(setting: str) -> None:
    """It is a field of the same name, with the same value."""
    (row,) = [row for row in _ROW.findall(_SECTIONS["gRPC"]) if row[0] == setting]
    assert f"`OVO_{setting.upper()}`" in row[3]
    assert getattr(GrpcLimits(), setting) == Settings.model_fields[setting].default


def test_the_page_has_no_limit_that_is_gone() -> None:
    """Each row is a field."""
    for section, limits in _LIMITS.items():
        names = [row[0] for row in _ROW.findall(_SECTIONS[section])]
        assert names == [limit.name for limit in fields(limits)]
