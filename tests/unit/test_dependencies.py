"""What the code imports is declared in pyproject.toml, and what is declared is imported."""

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
SOURCE_ROOTS = ("server", "clients/python", "generated/python")
OURS = {"ovo", "ovo_payments", "ovo_payments_client", "ovo_sandbox"}
OUR_CLIENT = "ovo-payments-client"


def normalized(distribution: str) -> str:
    """Writes a distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def declared() -> set[str]:
    """Names the distributions of others that the wheel asks for."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    return {
        normalized(re.split(r"[^\w.-]", requirement)[0]) for requirement in project["dependencies"]
    } - {OUR_CLIENT}


@cache
def imported() -> frozenset[str]:
    """Names the top-level modules of others that our code imports."""
    names: set[str] = set()
    for root in SOURCE_ROOTS:
        for path in (CHECKOUT / root).rglob("ovo*/**/*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    names.update(alias.name.partition(".")[0] for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    names.add((node.module or "").partition(".")[0])
    return frozenset(names - OURS - sys.stdlib_module_names)


def brought_by(module: str) -> set[str]:
    """Names the distributions that a top-level module comes from."""
    return {normalized(distribution) for distribution in packages_distributions().get(module, [])}


def test_every_import_is_declared() -> None:
    """No module works only because another dependency happens to bring what it imports."""
    undeclared = {module for module in imported() if not brought_by(module) & declared()}
    assert undeclared == set()


def test_every_dependency_is_imported() -> None:
    """Nobody installs what the code does not use."""
    brought = {distribution for module in imported() for distribution in brought_by(module)}
    assert declared() - brought == set()
