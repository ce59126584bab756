"""The catalogue of errors holds every reason that the service can answer, as it answers it."""

import json
import re
from pathlib import Path
from typing import Final

import pytest
from google.protobuf.json_format import MessageToDict
from google.rpc.status_pb2 import Status

from ovo.payments.v1 import errors_pb2
from ovo_payments.transport.grpc.errors import TABLE, Row, internal, refusal_of
from ovo_payments_client.error_decoding import BY_REASON
from ovo_payments_client.errors import RetryableError
from tests.unit.transport.grpc.test_errors import SAMPLES

PAGE: Final = (Path(__file__).parents[2] / "docs/errors.md").read_text(encoding="utf-8")
PREFIX: Final = "ERROR_REASON_"
SECTIONS: Final[dict[str, str]] = dict(
    re.findall(r"^## ([A-Z_]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
)
ROWS: Final = {
    errors_pb2.ErrorReason.Name(row.reason).removeprefix(PREFIX): row for row in TABLE.values()
}
EVERY_REASON: Final = pytest.mark.parametrize("reason", ROWS)


def examples_of(reason: str) -> list[object]:
    """What the service answers for the samples of a reason, as JSON."""
    refusals = [refusal_of(error) for error, _ in SAMPLES]
    return [
        MessageToDict(Status.FromString(refusal.details))
        for refusal in refusals
        if refusal.reason == reason
    ]


def test_the_catalogue_has_every_reason_and_no_other() -> None:
    """What the service can answer, what the contract names and what the page explains are one."""
    names = (name for name, _ in errors_pb2.ErrorReason.items())
    contract = {name.removeprefix(PREFIX) for name in names} - {"UNSPECIFIED"}
    assert set(SECTIONS) == set(ROWS) == contract


def test_a_fault_of_the_service_has_an_example() -> None:
    """What has no reason is told as the service answers it too."""
    fault = internal("0198f3")
    code, _ = fault.status.value
    (example,) = re.findall(r"```json\n(.*)\n```", PAGE.partition("## INVALID_REQUEST")[0])
    assert json.loads(example) == {"code": code, "message": fault.message}
    assert fault.details == b""


@EVERY_REASON
def test_a_reason_has_its_status(reason: str) -> None:
    """In its section, and in the list at the top."""
    row: Row = ROWS[reason]
    assert SECTIONS[reason].lstrip().startswith(f"`{row.status.name}`. ")
    assert f"| [{reason}](#{reason.lower()}) | {row.status.name} |" in PAGE


@EVERY_REASON
def test_a_reason_says_whether_to_repeat(reason: str) -> None:
    """As the client does."""
    repeat = issubclass(BY_REASON[reason], RetryableError)
    assert ("**Repeat.**" in SECTIONS[reason]) is repeat
    assert ("**Do not repeat.**" in SECTIONS[reason]) is not repeat
    assert f"| {ROWS[reason].status.name} | {'yes' if repeat else 'no'} |" in PAGE


@EVERY_REASON
def test_a_reason_has_an_example(reason: str) -> None:
    """The example is what the service answers, to the letter."""
    (example,) = re.findall(r"```json\n(.*?)```", SECTIONS[reason], re.DOTALL)
    assert json.loads(example) in examples_of(reason)


@EVERY_REASON
def test_a_reason_names_the_facts_that_come_with_it(reason: str) -> None:
    """Whoever reads the metadata knows its keys beforehand."""
    for fact in ROWS[reason].facts:
        assert f"`{fact}`" in SECTIONS[reason]
