"""How each client is built, tested and run."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.stack import CHECKOUT

CLIENTS: Final = CHECKOUT / "clients"
EXAMPLES: Final = CHECKOUT / "examples"
OLDEST: Final = CHECKOUT / "tests/polyglot/oldest"
MADE: Final = CHECKOUT / ".polyglot"
_MAVEN: Final = ("mvn", "--quiet", "--batch-mode", "-Dstyle.color=never")
_NPM: Final = ("--silent", "--no-audit", "--no-fund")

Command = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One client on one version of its runtime."""

    name: str
    runtime: str
    """The libraries that it runs on, as the README names them."""
    version: Command
    """Tells the version of the language itself."""
    folder: Path
    """Where the commands run."""
    sealed: bool
    """Whether it calls over TLS and with a token, or in clear and without one."""
    build: tuple[Command, ...]
    tests: Command | None
    """Runs the client's own tests, or only those against the service that OVOPAY_SERVER names."""
    passed: str
    """What the tests write for those that passed: a pattern with their number, or one for each."""
    example: Command | None
    """Plays the story against the address that is its last argument; without it checkouts do."""
    checkout: Command | None = None
    """Checks an order out for the phone number that is its last argument."""
    environment: dict[str, str] = field(default_factory=dict)


def _java(runtime: str, build: str, *versions: str, newest: bool) -> Language:
    maven = (*_MAVEN, *versions, f"-DbuildDirectory={build}")
    classes = "dependency:build-classpath"
    path = MADE / f"{build}.classpath"
    begin = f"exec java -cp target/{build}/test-classes:target/{build}/classes:$(cat {path})"
    return Language(
        name="Java",
        runtime=runtime,
        version=("java", "--version"),
        folder=CLIENTS / "java",
        build=((*maven, "test-compile", classes, f"-Dmdep.outputFile={path}"),),
        sealed=newest,
        tests=(*maven[:1], *maven[2:], "surefire:test") if newest else None,
        passed=r"Tests run: (\d+), Failures: 0, Errors: 0, Skipped: 0, Time",
        example=("sh", "-c", f'{begin} Shop "$1"', "sh"),
        checkout=("sh", "-c", f'{begin} Checkout "$1"', "sh") if newest else None,
    )


def _python(
    runtime: str, interpreter: Path, build: tuple[Command, ...], *paths: str, newest: bool
) -> Language:
    return Language(
        name="Python",
        runtime=runtime,
        version=(str(interpreter), "--version"),
        folder=CLIENTS / "python",
        sealed=newest,
        build=build,
        tests=None,  # `make test` runs them.
        passed="",
        example=(str(interpreter), str(EXAMPLES / "shop.py")),
        checkout=(str(interpreter), str(EXAMPLES / "checkout.py")),
        environment={"PYTHONPATH": os.pathsep.join(str(CHECKOUT / path) for path in paths)},
    )


_OLDEST_PYTHON: Final = MADE / "python"
_INSTALL: Final = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")

LANGUAGES: Final = (
    _python(
        "grpcio as locked",
        Path(sys.executable),
        (),
        *("clients/python", "generated/python"),
        newest=True,
    ),
    _python(
        "grpcio 1.76.0, protobuf 6.31.1",
        _OLDEST_PYTHON / "bin/python",
        (
            (sys.executable, "-m", "venv", str(_OLDEST_PYTHON)),
            (
                *(str(_OLDEST_PYTHON / "bin/python"), *_INSTALL, "--require-hashes"),
                *("-r", str(OLDEST / "python.lock")),
            ),
            (
                *(sys.executable, "-m", "hatchling", "build", "--target", "wheel"),
                *("--directory", str(MADE / "wheels")),
            ),
            (
                *(str(_OLDEST_PYTHON / "bin/python"), *_INSTALL, "--no-index", "--no-deps"),
                *("--force-reinstall", "--find-links", str(MADE / "wheels")),
                "ovo-payments-client",
            ),
        ),
        newest=False,
    ),
    Language(
        name="Go",
        runtime="grpc-go 1.64.0, protobuf-go 1.34.2",
        version=("go", "version"),
        folder=CLIENTS / "go",
        sealed=False,
        build=(
            ("go", "build", "-o", str(MADE / "go/shop"), "./example"),
            ("go", "build", "-C", str(EXAMPLES / "go"), "-o", str(MADE / "go/checkout")),
        ),
        tests=("go", "test", "-count=1", "-v", "."),
        passed=r"^--- PASS",
        example=(str(MADE / "go/shop"),),
        checkout=(str(MADE / "go/checkout"),),
    ),
    Language(
        name="Go",
        runtime="grpc-go 1.85.0, protobuf-go 1.36.12",
        version=("go", "version"),
        folder=CLIENTS / "go",
        sealed=True,
        build=(("go", "build", "-modfile=newest.mod", "-o", str(MADE / "go/newest"), "./example"),),
        tests=("go", "test", "-modfile=newest.mod", "-count=1", "-v", "-run=Live", "."),
        passed=r"^--- PASS",
        example=(str(MADE / "go/newest"),),
    ),
    Language(
        name="TypeScript",
        runtime="grpc-js as locked",
        version=("node", "--version"),
        folder=CLIENTS / "typescript",
        sealed=True,
        build=(
            ("npm", "ci", *_NPM),
            ("npm", "ci", *_NPM, "--prefix", str(EXAMPLES / "typescript")),
        ),
        tests=("node", "--test", "build/test/"),
        passed=r"^# pass (\d+)",
        example=("node", "build/example/shop.js"),
        checkout=("node", str(EXAMPLES / "typescript/checkout.js")),
        # Node.js warns where TLS is spoken to an IP address instead of a name.
        environment={"NODE_OPTIONS": "--disable-warning=DEP0123"},
    ),
    Language(
        name="TypeScript",
        runtime="grpc-js 1.13.4, protobuf-es 2.10.0",
        version=("node", "--version"),
        folder=OLDEST / "typescript",
        sealed=False,
        build=(
            ("npm", "ci", *_NPM),
            ("rm", "-rf", "build"),
            ("cp", "-R", str(CLIENTS / "typescript/build"), "build"),
        ),
        tests=None,
        passed="",
        example=("node", "build/example/shop.js"),
    ),
    _java("grpc-java 1.76.0, protobuf-java 3.25.8", "main", newest=True),
    _java(
        "grpc-java 1.64.0, protobuf-java 3.25.1",
        "oldest",
        *("-Dgrpc.version=1.64.0", "-Dprotobuf.version=3.25.1"),
        newest=False,
    ),
)
