"""The docs keep up: what users can set, call, read or run is named in them."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer
from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.message import Message
from typer.core import TyperCommand, TyperGroup

import ovo_payments.main
import ovo_payments_client.command_line
import ovo_sandbox.main
from ovo.payments.v1 import binding_pb2, errors_pb2, ovo_payments_pb2, payment_pb2
from ovo_payments.settings import Settings

CHECKOUT = Path(__file__).parents[2]
README = CHECKOUT / "README.md"
PAGES = [README, CHECKOUT / "SECURITY.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]
# Read where the code of a client or an example is.
GUIDES = [CHECKOUT / "examples/README.md", *sorted((CHECKOUT / "clients").glob("*/README.md"))]
README_LINES_MAX = 120
EXAMPLE_LINES_MAX = 60
CHECKOUTS = sorted((CHECKOUT / "examples").rglob("[cC]heckout.*"))
# Spelled in parts, so that this file does not hold what it forbids.
FORBIDDEN_WORDS = [
    "".join(parts)
    for parts in (
        ("/wo", "rk/"),
        ("py", "pi.org"),
        ("python", "hosted.org"),
        ("registry.", "npmjs"),
        ("proxy.", "golang.org"),
        ("repo.", "maven"),
    )
]
WRITTEN_FOR_PEOPLE = [
    *PAGES,
    *GUIDES,
    *CHECKOUT.glob("clients/*/package-lock.json"),
    *CHECKOUT.glob("clients/*/.npmrc"),
    *CHECKOUT.glob("generators/*/*.*"),
    *CHECKOUT.glob("examples/*/package-lock.json"),
    *CHECKOUT.glob("tests/polyglot/oldest/*/package-lock.json"),
    *CHECKOUT.glob("*.md"),
    *CHECKOUT.glob("*.lock"),
    CHECKOUT / "Makefile",
    CHECKOUT / "pyproject.toml",
]


@cache
def words_of_the_docs() -> str:
    """Reads the README and every page of docs/ as one text."""
    return "\n".join(page.read_text() for page in PAGES)


def is_documented(name: str) -> bool:
    """Tells whether the docs hold a name as a word of its own."""
    return re.search(rf"(?<![\w/-]){re.escape(name)}(?![\w-])", words_of_the_docs()) is not None


def commands_of(path: str, command: object) -> Iterator[str]:
    """Lists a command's commands as one types them, groups opened."""
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            yield from commands_of(f"{path} {name}", inner)
    elif isinstance(command, TyperCommand) and not command.hidden:
        yield path


def commands(program: str, app: typer.Typer) -> list[str]:
    """Lists all that a program can be told to do."""
    return list(commands_of(program, typer.main.get_command(app)))


def settings() -> Iterator[str]:
    """Names every variable that the service reads."""
    prefix = Settings.model_config.get("env_prefix", "")
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        yield alias if isinstance(alias, str) else f"{prefix}{name}".upper()


def words_of_enum(enum: EnumDescriptor, prefix: str) -> list[str]:
    """Names an enum's values as errors and pages write them, but for the one never sent."""
    names = enum.values_by_name
    return [name.removeprefix(prefix) for name in names if not name.endswith("UNSPECIFIED")]


def sidecar_paths() -> Iterator[str]:
    """Names every path that the sidecar's modules spell out."""
    for module in sorted((CHECKOUT / "server/ovo_payments/transport/http").rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text())):
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, str) and re.fullmatch(r"(/[a-z0-9.-]+)+", value):
                yield value


def make_targets() -> list[str]:
    """Names what `make` alone lists."""
    lines = (CHECKOUT / "Makefile").read_text().splitlines()
    return [f"make {line.partition(':')[0]}" for line in lines if re.match(r"[a-z]+:.*## ", line)]


def anchors(page: Path) -> set[str]:
    """Names the places that a link into a page can lead to."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def states(message: type[Message]) -> EnumDescriptor:
    """Finds the states that a kind of message can tell."""
    enum: EnumDescriptor = message.DESCRIPTOR.enum_types_by_name["State"]
    return enum


ERRORS = errors_pb2.DESCRIPTOR.enum_types_by_name
NAMES: dict[str, list[str]] = {
    "setting": list(settings()),
    "error reason": words_of_enum(ERRORS["ErrorReason"], "ERROR_REASON_"),
    "failure reason": words_of_enum(ERRORS["FailureReason"], "FAILURE_REASON_"),
    "payment state": words_of_enum(states(payment_pb2.Payment), "STATE_"),
    "refund state": words_of_enum(states(payment_pb2.RefundDetails), "STATE_"),
    "binding state": words_of_enum(states(binding_pb2.Binding), "STATE_"),
    "RPC": list(ovo_payments_pb2.DESCRIPTOR.services_by_name["OvoPayments"].methods_by_name),
    "make target": make_targets(),
    "sidecar path": list(sidecar_paths()),
    "command of ovo": commands("ovo", ovo_payments_client.command_line.app),
    "command of ovo-payments": commands("ovo-payments", ovo_payments.main.app),
    "command of ovo-sandbox": commands("ovo-sandbox", ovo_sandbox.main.app),
}


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind in NAMES for name in sorted(set(NAMES[kind]))]
)
def test_every_name_that_users_meet_is_documented(kind: str, name: str) -> None:
    """Each one stands in the README or on a page of docs/."""
    assert is_documented(name), f"the {kind} {name} is missing from README.md and docs/"


@pytest.mark.parametrize("kind", NAMES)
def test_names_of_every_kind_were_found(kind: str) -> None:
    """No list is empty because its source moved."""
    assert NAMES[kind]


def test_the_readme_is_short_and_opens_with_the_two_commands() -> None:
    """A newcomer's first block of code runs the service and its tests."""
    lines = README.read_text().splitlines()
    assert len(lines) < README_LINES_MAX
    first_block = README.read_text().split("```")[1]
    assert first_block.index("make run") < first_block.index("make test")


@pytest.mark.parametrize(
    "page", [*PAGES, *GUIDES], ids=lambda page: str(page.relative_to(CHECKOUT))
)
def test_links_lead_somewhere(page: Path) -> None:
    """A link within the checkout names a file that is there and a heading that it has."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        assert not anchor or anchor in anchors(target), f"{link} names no heading"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_a_test_that_a_page_cites_is_there(page: Path) -> None:
    """Nothing is shown by a test that was renamed or removed."""
    for name, path in re.findall(r"\[(test_\w+)\]\(([^)\s]+\.py)\)", page.read_text()):
        assert f"def {name}(" in (page.parent / path).read_text(), f"no {name} in {path}"


@pytest.mark.parametrize("word", FORBIDDEN_WORDS)
def test_no_page_names_a_host_or_a_folder_of_one_machine(word: str) -> None:
    """What is written holds on any machine and with any package index."""
    holders = [page.name for page in WRITTEN_FOR_PEOPLE if word in page.read_text()]
    assert holders == []


@pytest.mark.parametrize("example", CHECKOUTS, ids=lambda path: path.name)
def test_a_checkout_is_short_enough_to_be_copied(example: Path) -> None:
    """Whoever opens it sees all of it."""
    assert len(example.read_text().splitlines()) < EXAMPLE_LINES_MAX


def test_there_is_a_checkout_in_each_language() -> None:
    """Each client has one."""
    assert {path.suffix for path in CHECKOUTS} == {".go", ".java", ".js", ".py"}
    assert len(list((CHECKOUT / "clients").iterdir())) == len(CHECKOUTS)
