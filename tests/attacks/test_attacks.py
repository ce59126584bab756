"""Whoever attacks loses a connection, and nobody else anything."""

from collections.abc import AsyncIterator, Iterator
from typing import Final

import pytest
import pytest_asyncio

from tests.attacks.attacked import written_by
from tests.attacks.case import Case
from tests.attacks.doors import SIEGES, door_of
from tests.attacks.neighbour import Neighbour, living_beside

CASES_MIN: Final = {"in clear": 40, "over TLS": 20}
PATIENCE_S: Final = 0.1

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def neighbour(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Neighbour]:
    """A caller who does no harm, beside all attacks on one real process."""
    siege = SIEGES[request.param]
    async with siege.run(tmp_path_factory.mktemp("attacked")) as service:
        async with living_beside(service) as one:
            yield one
        assert "Traceback" not in written_by(service)


def attacks() -> Iterator[object]:
    """Names each attack and where it is made."""
    for way, siege in SIEGES.items():
        for door, cases in siege.attacks.items():
            for case in cases:
                yield pytest.param(way, door, case, id=f"{door} {way}: {case.name}")


@pytest.mark.parametrize(
    ("neighbour", "door", "case"), list(attacks()), indirect=["neighbour"], scope="module"
)
async def test_an_attack_costs_its_own_connection_and_nobody_else_anything(
    neighbour: Neighbour, door: str, case: Case
) -> None:
    """Calls, payments, the watch and probes beside it go on without an error."""
    beside = await neighbour.beside(case, door_of(neighbour.service, door, case, PATIENCE_S))
    assert beside.outcome.fate in case.fate.or_harder, str(beside.outcome)


async def test_there_are_attacks_at_both_doors() -> None:
    """No list is empty because its source moved."""
    for way, siege in SIEGES.items():
        assert set(siege.attacks) == {"gRPC", "sidecar"}
        for cases in siege.attacks.values():
            assert len({case.name for case in cases}) == len(cases) >= CASES_MIN[way]
