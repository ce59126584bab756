"""The witness sees what was committed when a byte passed, also through a database that is away."""

from pathlib import Path

import pytest

from deploy.local_postgres import local_postgres
from tests.torture.observed import Observed, Recorder
from tests.torture.real.database import (
    DatabaseAwayError,
    PostgresDatabase,
    Row,
    SqliteDatabase,
    Values,
)
from tests.torture.real.witness import Witness


class ShakyDatabase:
    """Is away when it is told to be."""

    def __init__(self) -> None:
        self.away = False
        self.payments = {"pay01"}
        self.webhooks = 0

    def rows(self, statement: str, values: Values | None = None) -> list[Row]:
        """Gives what is there."""
        if self.away:
            raise DatabaseAwayError
        if values:
            return [(str(values["reference"]),)] if values["reference"] in self.payments else []
        return [(self.webhooks,)]

    def close(self) -> None:
        """Has nothing to let go of."""


def test_what_can_not_be_seen_is_seen_later_and_keeps_its_place() -> None:
    """So a send that the database's end overtook is not taken for one without intent."""
    observed = Observed(mode="real", seed=1, command="")
    database, recorder = ShakyDatabase(), Recorder(observed, lambda: 0.0)
    witness = Witness(database, recorder)
    database.away = True
    witness.intent("pay", "pay01", "service-a-1")
    left = recorder.next()
    assert not observed.commits
    database.away = False
    witness.catch_up()
    (commit,) = observed.commits
    assert (commit.operation, commit.subject_id) == ("payments.create", "pay01")
    assert commit.order < left


def test_an_intent_that_is_not_there_is_not_seen() -> None:
    """Nor one of another kind."""
    observed = Observed(mode="real", seed=1, command="")
    witness = Witness(ShakyDatabase(), Recorder(observed, lambda: 0.0))
    witness.intent("pay", "pay02", "service-a-1")
    assert not observed.commits


def test_each_webhook_is_seen_once() -> None:
    """Whichever node stored it."""
    observed = Observed(mode="real", seed=1, command="")
    database = ShakyDatabase()
    witness = Witness(database, Recorder(observed, lambda: 0.0))
    for node, webhooks in (("service-a-1", 2), ("service-b-1", 2), ("service-b-1", 3)):
        database.webhooks = webhooks
        witness.inbox(node)
    assert [commit.node for commit in observed.commits] == [
        *("service-a-1", "service-a-1", "service-b-1")
    ]


_STATEMENT = "SELECT 1 + :more"


def test_both_kinds_of_database_understand_the_same_statements(tmp_path: Path) -> None:
    """The file must be there, and the server may go and come back."""
    file = tmp_path / "some.db"
    file.touch()
    sqlite = SqliteDatabase(file)
    assert sqlite.rows(_STATEMENT, {"more": 1}) == [(2,)]
    sqlite.close()
    with local_postgres() as server:
        postgres = PostgresDatabase(server.url())
        assert postgres.rows(_STATEMENT, {"more": 1}) == [(2,)]
        server.stop("immediate")
        with pytest.raises(DatabaseAwayError):
            postgres.rows(_STATEMENT, {"more": 1})
        server.start()
        assert postgres.rows(_STATEMENT, {"more": 1}) == [(2,)]
        postgres.close()
