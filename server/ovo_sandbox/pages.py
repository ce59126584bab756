"""Renders the sandbox's web pages."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from starlette.responses import HTMLResponse

from ovo_sandbox.phone import local_phone

# Indonesia's western time, in which both providers tell the time; it knows no summer time.
JAKARTA: Final = timezone(timedelta(hours=7))

_HERE = Path(__file__).parent
_PROVIDERS = ("midtrans", "doku")


def rupiah(amount: int) -> str:
    """Writes an amount as people in Indonesia do: Rp15.000."""
    sign = "-" if amount < 0 else ""
    return f"{sign}Rp{abs(amount):,}".replace(",", ".")


def jakarta_time(moment: datetime) -> str:
    """Writes a moment as a wall clock in Jakarta shows it: 12 Nov 2025, 14:26:53."""
    return moment.astimezone(JAKARTA).strftime("%d %b %Y, %H:%M:%S")


class Pages:
    """Renders templates: the sandbox's own by their names, a provider's as `doku/….html`.

    Every template may use the filters rupiah, jakarta_time and local_phone.
    """

    def __init__(self) -> None:
        """Finds the templates beside the code."""
        folders = {name: FileSystemLoader(_HERE / name / "templates") for name in _PROVIDERS}
        self._environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(_HERE / "templates"), PrefixLoader(folders)]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "rupiah": rupiah,
            "jakarta_time": jakarta_time,
            "local_phone": local_phone,
        }

    def page(
        self,
        template: str,
        *,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: Any,  # noqa: ANN401 - a template takes what it names
    ) -> HTMLResponse:
        """Renders a template to an answer that is never cached."""
        content = self._environment.get_template(template).render(**values)
        return HTMLResponse(
            content, status_code, headers={"Cache-Control": "no-store", **(headers or {})}
        )
