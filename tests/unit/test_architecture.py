"""Imports follow the arrow: a table says which room may import what, and this test holds it."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
SOURCE_ROOTS = ("server", "clients/python")
LINES_MAX = 400
FORBIDDEN_NAMES = {"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
PROVIDER_FILES = {
    "__init__.py",
    "adapter.py",
    "client.py",
    "config.py",
    "signing.py",
    "translate.py",
    "webhook.py",
    "wire.py",
}


@dataclass(frozen=True, slots=True)
class Room:
    """What the modules of one package may import, beside the standard library and themselves."""

    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


GRPC = ("google", "grpc", "grpc_health", "grpc_reflection", "grpc_status", "ovo.payments")
DOMAIN = "ovo_payments.domain"
APPLICATION = "ovo_payments.application"
PROVIDERS = "ovo_payments.providers"
# A module belongs to the room with the longest name that its own name starts with.
ROOMS = {
    # Runs where the client's wheel is built, and is in no wheel.
    "hatch_build": Room(others=("hatchling",)),
    DOMAIN: Room(),
    APPLICATION: Room(own=(DOMAIN,), others=("structlog",)),
    PROVIDERS: Room(own=(DOMAIN,)),
    # The only importer of httpx, for all providers; it logs what it could not send.
    f"{PROVIDERS}.http": Room(
        own=(DOMAIN,),
        others=("h11", "httpx", "stamina", "structlog"),
    ),
    # The one list of providers.
    f"{PROVIDERS}.registry": Room(own=(DOMAIN, PROVIDERS)),
    # It seals what is at rest.
    "ovo_payments.storage": Room(
        own=(DOMAIN,), others=("cryptography", "psycopg", "psycopg_pool", "sqlite3")
    ),
    # Opens whichever kind of database a URL names.
    "ovo_payments.storage.database": Room(own=(DOMAIN, "ovo_payments.storage")),
    # Its feed logs that other nodes can't be reached.
    "ovo_payments.storage.postgres": Room(
        own=(DOMAIN, "ovo_payments.storage"), others=("psycopg", "psycopg_pool", "structlog")
    ),
    "ovo_payments.transport": Room(),
    # Its interceptors write the request log and count the calls.
    "ovo_payments.transport.grpc": Room(
        own=(APPLICATION, DOMAIN), others=(*GRPC, "prometheus_client", "structlog")
    ),
    # It serves /metrics, and logs the webhooks that it refuses.
    "ovo_payments.transport.http": Room(
        own=(APPLICATION, DOMAIN),
        others=("h11", "prometheus_client", "starlette", "structlog", "uvicorn"),
    ),
    # The root: bootstrap joins the rooms, settings and logs serve it, main is the command line.
    "ovo_payments": Room(
        own=("ovo_payments",),
        others=(
            *(*GRPC, "prometheus_client", "pydantic", "pydantic_settings", "structlog"),
            # The command that probes health over TLS reads the name in the certificate.
            *("cryptography", "typer", "uvloop"),
        ),
    ),
    # Written apart from the service, or its signing and verifying prove nothing.
    "ovo_sandbox": Room(
        others=(
            *("aiohttp", "cryptography", "httpx", "jinja2", "markupsafe", "rich"),
            *("sqlite3", "starlette", "structlog", "typer", "uvicorn", "uvloop"),
        )
    ),
    "ovo_payments_client": Room(others=(*GRPC, "click", "rich", "typer")),
}
# What a provider's folder may import; a new provider needs no row.
PROVIDER = Room(own=(DOMAIN, f"{PROVIDERS}.http"), others=("cryptography",))
# Rows above name sqlite3 where it is welcome, though the standard library has it.
STANDARD_LIBRARY = sys.stdlib_module_names - {"sqlite3"}
# Nobody knows the joint but the command line that starts it.
JOINT = "ovo_payments.bootstrap"
KNOW_THE_JOINT = (JOINT, "ovo_payments.commands", "ovo_payments.main")


@dataclass(frozen=True, slots=True)
class Breach:
    """A place in the code that does not follow the architecture."""

    path: Path
    line: int
    fault: str

    def __str__(self) -> str:
        """Names the place as editors do."""
        return f"{self.path}:{self.line}: {self.fault}"


def starts_with(name: str, prefix: str) -> bool:
    """Tells whether a dotted name is a package or lies within it."""
    return name == prefix or name.startswith(prefix + ".")


def module_name(path: Path) -> str:
    """Names the module of a file, as it is imported."""
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_names(path: Path, module: str) -> Iterator[tuple[int, str]]:
    """Lists every import of a file, wherever it stands, by line and absolute dotted name."""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                origin = ".".join([*above, origin]).rstrip(".")
            for alias in node.names:
                yield node.lineno, f"{origin}.{alias.name}"


def room_of(name: str) -> str:
    """Names the room that a module belongs to; empty where it is not ours."""
    room = max((room for room in ROOMS if starts_with(name, room)), key=len, default="")
    if room == PROVIDERS and name != PROVIDERS:
        return ".".join(name.split(".")[:3])
    return room


def may_import(module: str, name: str) -> bool:
    """Looks an import up in the table."""
    if starts_with(name, JOINT):
        return module.startswith(KNOW_THE_JOINT)
    room, entered = room_of(module), room_of(name)
    rules = ROOMS.get(room, PROVIDER)
    if entered:
        return entered == room or any(starts_with(entered, own) for own in rules.own)
    if name.partition(".")[0] in STANDARD_LIBRARY:
        return True
    return any(starts_with(name, other) for other in rules.others)


def breaches_of_file(path: Path, source_root: Path) -> Iterator[Breach]:
    """Finds what is wrong with one file: its names, its length, its imports."""
    relative = path.relative_to(source_root)
    for name in sorted(FORBIDDEN_NAMES.intersection(relative.with_suffix("").parts)):
        yield Breach(relative, 1, f"`{name}` names no noun of the domain")
    length = len(path.read_text().splitlines())
    if length > LINES_MAX:
        yield Breach(relative, length, f"has {length} lines, more than {LINES_MAX}")
    module = module_name(relative)
    if not room_of(module):
        yield Breach(relative, 1, "belongs to no package of ours")
        return
    for line, name in imported_names(path, module):
        if not may_import(module, name):
            yield Breach(relative, line, f"{room_of(module)} may not import {name}")


def breaches(source_root: Path) -> list[str]:
    """Finds what is wrong below a source root, one line each."""
    paths = sorted(source_root.rglob("*.py"))
    return [str(breach) for path in paths for breach in breaches_of_file(path, source_root)]


@pytest.mark.parametrize("source_root", SOURCE_ROOTS)
def test_every_module_follows_the_architecture(source_root: str) -> None:
    """No module has an import, a name or a length that the table and the rules forbid."""
    assert list((CHECKOUT / source_root).rglob("*.py"))
    assert breaches(CHECKOUT / source_root) == []


def test_no_test_outgrows_its_module() -> None:
    """Tests keep to the same length and the same names as the code."""
    found = [
        str(breach)
        for path in sorted((CHECKOUT / "tests").rglob("*.py"))
        for breach in breaches_of_file(path, CHECKOUT)
        if breach.fault != "belongs to no package of ours"
    ]
    assert found == []


def test_every_provider_has_the_same_files() -> None:
    """Whoever knows one provider's folder finds the way in another's."""
    providers = CHECKOUT / "server/ovo_payments/providers"
    folders = [path.parent for path in providers.glob("*/signing.py")]
    assert {folder.name for folder in folders} >= {"doku", "midtrans"}
    for folder in folders:
        missing = PROVIDER_FILES - {path.name for path in folder.glob("*.py")}
        assert missing == set(), folder


@pytest.mark.parametrize(
    ("path", "source", "fault"),
    [
        ("domain/money.py", "import structlog", "import structlog"),
        ("domain/money.py", "from ovo_payments.storage import events", "storage.events"),
        ("domain/money.py", "def f():\n    from ..application import pay", "application.pay"),
        ("application/pay.py", "from ovo_payments.providers.doku import SPEC", "doku.SPEC"),
        ("application/pay.py", "import sqlite3", "import sqlite3"),
        ("application/pay.py", "import ovo_payments.bootstrap", "ovo_payments.bootstrap"),
        ("providers/doku/client.py", "import httpx", "import httpx"),
        ("providers/doku/client.py", "import aiohttp.client", "aiohttp.client"),
        ("providers/doku/client.py", "from ..midtrans import wire", "midtrans.wire"),
        ("providers/http.py", "from ovo_payments.providers.doku import wire", "doku.wire"),
        ("storage/sqlite/store.py", "from ovo.payments.v1 import payment_pb2", "payment_pb2"),
        ("transport/grpc/service.py", "import starlette", "import starlette"),
        ("transport/http/app.py", "from ovo_payments.transport.grpc import codec", "grpc.codec"),
        ("transport/http/app.py", "from ovo_payments import settings", "ovo_payments.settings"),
        ("settings.py", "from ovo_payments import bootstrap", "ovo_payments.bootstrap"),
        ("main.py", "import ovo_sandbox.main", "ovo_sandbox.main"),
        ("main.py", "import server.ovo_payments", "server.ovo_payments"),
        ("domain/utils.py", "", "`utils` names no noun"),
        ("common/money.py", "", "`common` names no noun"),
        ("domain/money.py", "\n" * 401, "401 lines"),
    ],
)
def test_a_breach_is_found_and_named(tmp_path: Path, path: str, source: str, fault: str) -> None:
    """Each rule can fail, and then names the file and what is wrong in it."""
    file = tmp_path / "ovo_payments" / path
    file.parent.mkdir(parents=True)
    file.write_text(source)
    (found,) = breaches(tmp_path)
    assert found.startswith(f"ovo_payments/{path}:")
    assert fault in found


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("ovo_payments/domain/money.py", "from ovo_payments.domain.errors import X\nimport re"),
        ("ovo_payments/application/pay.py", "import structlog\nfrom ..domain import money"),
        ("ovo_payments/providers/http.py", "import httpx"),
        ("ovo_payments/providers/doku/client.py", "from ovo_payments.providers.http import Pool"),
        ("ovo_payments/providers/registry.py", "from . import doku, midtrans"),
        ("ovo_payments/main.py", "from ovo_payments.bootstrap import build"),
        ("ovo_sandbox/main.py", "from ovo_sandbox import doku\nimport sqlite3"),
    ],
)
def test_what_the_table_allows_is_no_breach(tmp_path: Path, path: str, source: str) -> None:
    """The arrow's own direction stays open."""
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(source)
    assert breaches(tmp_path) == []


@pytest.mark.parametrize("imported", ["ovo_payments", "ovo_payments_client", "ovo"])
def test_the_sandbox_imports_nothing_of_the_service(tmp_path: Path, imported: str) -> None:
    """The stand-in shares no line with what it tests."""
    file = tmp_path / "ovo_sandbox" / "signing.py"
    file.parent.mkdir(parents=True)
    file.write_text(f"import {imported}.signing")
    assert breaches(tmp_path) == [
        f"ovo_sandbox/signing.py:1: ovo_sandbox may not import {imported}.signing"
    ]
