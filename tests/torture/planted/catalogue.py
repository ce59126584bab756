"""All planted bugs, by kind of mistake."""

from collections.abc import Mapping
from typing import Final

from tests.torture.planted.bug import Bug
from tests.torture.planted.bugs import (
    idempotency,
    money,
    sending,
    standing,
    states,
    webhooks,
)

BUGS: Final[Mapping[str, Bug]] = {
    bug.name: bug
    for kind in (sending, money, idempotency, states, webhooks, standing)
    for bug in kind.BUGS
}
