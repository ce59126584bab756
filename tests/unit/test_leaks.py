"""The search of everything that tests write finds what is planted, wherever it is."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.leaks.canaries import CANARIES, redacted
from tests.leaks.exceptions import EXEMPTIONS
from tests.leaks.written import Written
from tests.stack import CHECKOUT, environment

# Put together, so that what this file writes about itself is no hit.
NUMBER: Final = "0812" + "34567890"
EVERY_KIND: Final = {
    "phone number": NUMBER,
    "server key": "SB-Mid-" + "server-tests",
    "server key in base64": "U0ItTWlkLXNlcnZl" + "ci10ZXN0czo=",
    "client secret": "SK-" + "tests",
    "caller's token": "ov" + "o_" + "a" * 43,
    "bearer token": "Bear" + "er abcdefghijkl",
    "token of a provider": "ey" + "JhbGciOiJSUzI1NiJ9.ey" + "JzdWIiOiIxMjM0NTY3ODkwIn0.c2ln",
    "private key": "-----BEGIN PRIVATE " + "KEY-----",
    "key of what is at rest": "cGF5IGFuZCBwcmF5OiAz" + "MiBieXRlcyBmb3IgdGVzdHM=",
    "secret that commands are given": "hush" + "hush",
}
EVERY_TOKEN: Final = EVERY_KIND["caller's token"]
_PLANTED: Final = """
import logging, sys
from pathlib import Path
import structlog
from ovo_payments.domain.phone import PhoneNumber
from tests.leaks.written import WRITTEN

NUMBER = {number!r}

def test_printed(): print("of", NUMBER)
def test_printed_as_an_error(): print(NUMBER, file=sys.stderr)
def test_logged_by_a_library(): logging.getLogger("a").warning("of %s", "SK-" + "tests")
def test_logged_in_an_event(): structlog.get_logger().debug("a.b", text="SB-Mid-" + "server-a")
def test_written_by_a_process(tmp_path):
    (tmp_path / "log").write_text("first\\nthen " + NUMBER)
    WRITTEN.file(tmp_path / "log")
def test_well():
    structlog.get_logger().debug("a.b", phone=PhoneNumber("6281234567890"), seen=NUMBER)
def test_that_failed_anyway():
    print(NUMBER)
    assert False
"""
_CONFTEST: Final = """
from tests.leaks.searching import logged_at_debug_level, pytest_runtest_makereport
"""


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_canary_of_each_kind_is_found(kind: str) -> None:
    """With its name and its line, and not told once more."""
    written = Written()
    written.text("a log", f'{{"event":"a.b"}}\n{{"of":"{EVERY_KIND[kind]}"}}')
    (hit,) = {hit for hit in written.look() if hit.canary == kind}
    assert hit.where == "a log, line 2"
    assert EVERY_KIND[kind] not in str(hit)
    assert EVERY_KIND[kind] not in redacted(EVERY_KIND[kind])
    assert written.look() == []


def test_there_is_a_sample_of_every_kind() -> None:
    """A kind that nobody tried might find nothing."""
    assert set(EVERY_KIND) == {canary.name for canary in CANARIES}


@pytest.mark.parametrize(
    "text",
    [
        "phone_number=*********7890",
        "took 0.081234567890 s",
        "2026-11-28T12:00:00.081234567Z",
        "the order a081234567890b",
        "keys of a sandbox begin with `SB-`",
        "send `authorization: Bearer <token>`",
        "ovo_rpc_open",
    ],
)
def test_what_is_no_canary_is_not_found(text: str) -> None:
    """What may be written, and what only looks alike."""
    written = Written()
    written.text("a log", text)
    assert written.look() == []


def test_a_file_is_searched_as_it_grows(tmp_path: Path) -> None:
    """What was written between two looks is found once, a line that is cut in two as well."""
    log, written = tmp_path / "service.log", Written()
    log.write_text("well\n")
    written.file(log)
    assert written.look() == []
    with log.open("a") as opened:
        opened.write(f"of {NUMBER[:6]}")
    assert written.look() == []
    with log.open("a") as opened:
        opened.write(f"{NUMBER[6:]} and\n")
    assert [hit.canary for hit in written.look()] == ["phone number"]
    assert written.look() == []


def test_what_a_run_made_is_found(tmp_path: Path) -> None:
    """Auth codes and keys that are drawn anew each time."""
    log, written = tmp_path / "service.log", Written()
    log.write_text("well\nauth code 4711-0815\n")
    written.of_one_run(log, {"4711-0815", "another"})
    (hit,) = written.look()
    assert str(hit) == "secret of this run 4711*** in service.log"


@pytest.mark.parametrize("side_by_side", [(), ("-n", "2", "--dist", "worksteal")])
def test_a_test_that_writes_a_canary_fails(tmp_path: Path, side_by_side: tuple[str, ...]) -> None:
    """Whatever it writes it to, and in whatever process; whoever writes none passes."""
    (tmp_path / "conftest.py").write_text(_CONFTEST)
    (tmp_path / "test_planted.py").write_text(_PLANTED.format(number=NUMBER))
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "--rootdir", str(tmp_path)),
            *("-p", "no:cacheprovider", *side_by_side, str(tmp_path)),
        ],
        cwd=CHECKOUT,
        env=environment({}),
        capture_output=True,
        text=True,
        check=False,
    )
    planted = re.findall(r"def (test_\w+)", _PLANTED)
    told = re.findall(r"^(?:ERROR|FAILED) \S+::(\w+)", ended.stdout, re.MULTILINE)
    assert set(told) == set(planted) - {"test_well"}, ended.stdout
    assert NUMBER not in ended.stdout.replace(f"NUMBER = {NUMBER!r}", "")
    assert ended.returncode == 1


@pytest.mark.parametrize(
    ("place", "line", "may"),
    [
        ("the output of ('-m', 'ovo_payments', 'callers', 'add')", EVERY_TOKEN, True),
        ("the output of ('-m', 'ovo_payments', 'callers', 'add')", f"of {EVERY_TOKEN}", False),
        ("the output of ('-m', 'ovo_payments', 'callers', 'list')", EVERY_TOKEN, False),
        ("service-1.log after byte 0", EVERY_TOKEN, False),
        ("output.log after byte 0", f"  ovo charge --phone {NUMBER}", True),
        ("output.log after byte 0", f"2026-11-28T12:00:00.000+00:00 [info] of {NUMBER}", False),
        ("output.log after byte 0", f'{{"timestamp":"2026-11-28T12","of":"{NUMBER}"}}', False),
        ("service-1.log after byte 0", f"  ovo charge --phone {NUMBER}", False),
    ],
)
def test_an_exemption_reaches_no_further_than_its_reason(
    place: str, line: str, *, may: bool
) -> None:
    """One kind of canary, at one place, in one kind of line."""
    written = Written()
    written.text(place, f"first\n{line}\nlast")
    assert (written.look() == []) is may


def test_an_exemption_says_why() -> None:
    """In a few words, and there are few of them."""
    assert all(exemption.why for exemption in EXEMPTIONS)
    assert len(EXEMPTIONS) < 8
