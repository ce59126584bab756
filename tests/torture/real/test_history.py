"""The history says of each call what its caller can know."""

from pathlib import Path

from tests.torture.real.history import HistoryWriter, read_history


def _write(file: Path, writer: str, *, dies: bool) -> None:
    with file.open("w", encoding="utf-8") as opened:
        history = HistoryWriter(opened, writer)
        number = history.invoked(scope="shop", method="Charge", request_id="r", amount_rupiah=7)
        if not dies:
            history.ended(number, "ok", payment_id="pay01", state="PENDING", version=1)
            watch = history.watching(payment_id="pay01", after_version=1)
            history.seen(watch, 2, is_open=False)
            history.watched(watch, "done")
        else:
            opened.write('{"at": 1, "event": "o')


def test_the_histories_of_all_callers_are_one(tmp_path: Path) -> None:
    """In the order of their times, each call with its end."""
    files = [tmp_path / "0", tmp_path / "1"]
    _write(files[0], "0", dies=False)
    _write(files[1], "1", dies=True)
    operations, watches = read_history(files, 0.0)
    assert [(one.outcome, one.payment_id) for one in operations] == [
        ("ok", "pay01"),
        ("unknown", ""),
    ]
    assert [one.version for one in operations] == [1, 0]
    assert [version for _, version, _ in watches[0].versions] == [2]
    assert watches[0].ended == "done"


def test_a_caller_that_died_leaves_a_call_of_unknown_outcome(tmp_path: Path) -> None:
    """Half a line is no line."""
    file = tmp_path / "0"
    _write(file, "0", dies=True)
    operations, _ = read_history([file], 0.0)
    assert [one.outcome for one in operations] == ["unknown"]
