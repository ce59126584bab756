"""What the client's README says is so."""

import ast
import re
from pathlib import Path

import pytest

import ovo_payments_client
from ovo.payments.v1 import ovo_payments_pb2, payment_pb2
from ovo_payments_client import errors
from ovo_payments_client.terminal.exit_status import ExitStatus
from tests.unit.client.conftest import Ovo
from tests.unit.client.contract_messages import payment_message, version
from tests.unit.client.scripted_service import ScriptedService

README = (Path(__file__).parents[3] / "clients/python/README.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
PROGRAMS = [example for example in EXAMPLES if "import connect" in example]


@pytest.mark.parametrize("program", PROGRAMS, ids=["asyncio", "blocking"])
def test_the_programs_run(
    service: ScriptedService, capsys: pytest.CaptureFixture[str], program: str
) -> None:
    """The first call works as it stands there, but for the port."""
    service.answers("Charge", ovo_payments_pb2.ChargeResponse(payment=payment_message()))
    service.streams(version(1), version(2, payment_pb2.Payment.STATE_SUCCEEDED))

    exec(program.replace("127.0.0.1:50051", service.target), {})  # noqa: S102 - our own README.

    assert capsys.readouterr().out == "1 PENDING\n2 SUCCEEDED\n"


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_examples_are_python(example: str) -> None:
    """They also name nothing of the client that is not there."""
    compile(example, "README.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    named = set(re.findall(r"\b[A-Z]\w+Error\b|\bLineItem\b|\bCustomer\b", example))
    assert named <= set(ovo_payments_client.__all__)


def test_every_exit_status_is_told() -> None:
    """A script's author finds each number."""
    rows = re.findall(r"^\| (\d+) \|", README, flags=re.MULTILINE)
    assert [int(row) for row in rows] == sorted(ExitStatus)


def test_every_error_is_told() -> None:
    """The table names each class, but for the bases that the example shows."""
    classes = {name for name in vars(errors) if name.endswith("Error")}
    assert {name for name in classes if name not in README} <= {"OvoPaymentsError", "RefusedError"}


def test_every_option_and_variable_of_the_connection_is_told(ovo: Ovo) -> None:
    """What `--help` lists stands in the table."""
    help_text = ovo("status", "--help", env={"COLUMNS": "400"}).stdout
    listed = set(re.findall(r"OVOPAY_\w+", help_text))
    assert listed
    assert listed <= set(re.findall(r"OVOPAY_\w+", README))
