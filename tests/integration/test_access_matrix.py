"""Every caller, every method, everybody's things: each cell is allowed, refused or not found."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import grpc
import pytest

from ovo_payments.transport.grpc.access import METHODS
from tests.integration.access_matrix import (
    ASKS,
    CALLERS,
    DESCRIPTOR,
    UNKNOWN,
    WHOSE,
    Ask,
    Matrix,
    Told,
    Who,
    running_matrix,
)

NOT_FOUND: Final = {"PAYMENT_NOT_FOUND", "BINDING_NOT_FOUND"}


@pytest.fixture
async def matrix(tmp_path: Path) -> AsyncIterator[Matrix]:
    """A service with things of two scopes."""
    async with running_matrix(tmp_path) as it:
        yield it


def refusal(who: Who, ask: Ask) -> str:
    """The reason for which a caller is not even heard; empty where it is."""
    if not who.known:
        return "UNAUTHENTICATED"
    return "" if ask.method.name in who.methods else "PERMISSION_DENIED"


@pytest.mark.parametrize("ask", ASKS, ids=str)
async def test_each_cell_of_a_method_is_as_the_rules_say(matrix: Matrix, ask: Ask) -> None:
    """For each caller: its own, another's and what nobody has."""
    for who in CALLERS:
        cells = {whose: await matrix.told(who, ask, whose) for whose in WHOSE}
        reason = refusal(who, ask)
        for whose, told in cells.items():
            hold(who, ask, whose, told, reason)
            assert not told.ids & matrix.ids_of_others(who), f"{who.name}, {whose}"
        if not reason and ask.names_a_thing:
            anothers = cells["anothers"].without(matrix.about(who, ask, "anothers"))
            assert anothers == cells["unknown"].without(UNKNOWN), f"{who.name} tells them apart"


def hold(who: Who, ask: Ask, whose: str, told: Told, reason: str) -> None:
    """Holds one cell."""
    cell = f"{who.name}, {ask}, {whose}: {told}"
    if reason:
        # What it asked about makes no difference to who is not heard.
        assert told.reason == reason, cell
        assert told.facts == ({"method": ask.method.name} if who.known else {}), cell
    elif whose == "own" or not ask.names_a_thing:
        assert told.code is grpc.StatusCode.OK, cell
        assert told.ids or ask.method.name == "Balance", cell
    else:
        assert told.code is grpc.StatusCode.NOT_FOUND, cell
        assert told.reason in NOT_FOUND, cell


def test_the_matrix_is_made_of_the_whole_contract() -> None:
    """A new RPC brings its cells along, and fails in them until it has a rule."""
    assert {ask.method.name for ask in ASKS} == set(DESCRIPTOR.methods_by_name) == METHODS
    assert len(ASKS) * len(CALLERS) * len(WHOSE) == 684
    named = {str(ask) for ask in ASKS if ask.names_a_thing}
    assert {str(ask) for ask in ASKS} - named == {"Bind", "Charge", "WatchPayments"}
