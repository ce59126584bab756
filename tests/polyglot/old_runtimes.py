"""The old runtimes that Debian has, each with a checkout on plain stubs.

They are older than the clients ask for, so nothing of ours but the contract is in these programs:
its messages, and for Go its stubs, are made by Debian's own generators.
"""

import asyncio
from typing import Final

from tests.polyglot.languages import MADE, Command, Language
from tests.stack import CHECKOUT

SOURCES: Final = CHECKOUT / "tests/polyglot/debian"
_MADE: Final = MADE / "debian"
_CONTRACT: Final = tuple(
    f"ovo/payments/v1/{name}.proto" for name in ("binding", "errors", "ovo_payments", "payment")
)
_PROTOC: Final = ("/usr/bin/protoc", f"-I{CHECKOUT}/protos", f"-I{CHECKOUT}/protos/vendored")
_GO: Final = _MADE / "go"
_GO_CONTRACT: Final = _GO / "src/ovo.payments/contract"
_JAVA: Final = _MADE / "java"
_JARS: Final = (
    *("error_prone_annotations", "grpc-api", "grpc-context", "grpc-core", "grpc-netty"),
    *("grpc-protobuf", "grpc-protobuf-lite", "grpc-stub", "gson", "guava", "netty-buffer"),
    *("netty-codec", "netty-codec-http", "netty-codec-http2", "netty-common", "netty-handler"),
    *("netty-resolver", "netty-transport", "netty-transport-native-unix-common"),
    *("opencensus-api", "perfmark-api", "proto-google-common-protos", "protobuf"),
)
_CLASSPATH: Final = ":".join(f"/usr/share/java/{jar}.jar" for jar in _JARS)


def _shell(*lines: str) -> Command:
    return ("sh", "-ec", "\n".join(lines))


def _old(
    name: str, package: str, build: tuple[Command, ...], checkout: Command, **environment: str
) -> Language:
    return Language(
        name=name,
        runtime=f"Debian's {package}",
        version=("dpkg-query", "--show", "--showformat=${Version}", package),
        folder=SOURCES,
        sealed=False,
        build=build,
        tests=None,
        passed="",
        example=None,
        checkout=checkout,
        environment=environment,
    )


OLD_LANGUAGES: Final = (
    _old("Ruby", "ruby-grpc", (), ("ruby", "checkout.rb")),
    _old(
        "Go",
        "golang-google-grpc-dev",
        (
            _shell(
                f"mkdir -p {_GO_CONTRACT}",
                f"go build -o {_GO}/protoc-gen-go google.golang.org/protobuf/cmd/protoc-gen-go",
                " ".join(
                    (
                        *(*_PROTOC, f"--plugin={_GO}/protoc-gen-go"),
                        *(f"--go_out={_GO_CONTRACT}", "--go_opt=module=ovo.payments/contract"),
                        f"--go-grpc_out={_GO_CONTRACT}",
                        *("--go-grpc_opt=module=ovo.payments/contract", *_CONTRACT),
                    )
                ),
                f"go build -o {_GO}/checkout checkout.go",
            ),
        ),
        (f"{_GO}/checkout",),
        # Debian keeps the sources of Go's libraries there, for a Go without modules.
        GO111MODULE="off",
        GOPATH=f"{_GO}:/usr/share/gocode",
    ),
    _old(
        "Java",
        "libgrpc-java",
        (
            _shell(
                f"rm -rf {_JAVA}",
                f"mkdir -p {_JAVA}/sources {_JAVA}/classes",
                # Debian's common protos are from before ErrorInfo.
                f"{' '.join((*_PROTOC, *_CONTRACT))} google/rpc/error_details.proto"
                f" --java_out={_JAVA}/sources",
                # The stubs that are committed, without an annotation that Java has no more.
                f"find {_JAVA}/sources -name '*.java' | xargs javac -J-XX:TieredStopAtLevel=1"
                f" -nowarn -proc:none -d {_JAVA}/classes -classpath {_CLASSPATH} Checkout.java"
                f" {CHECKOUT}/generated/java/ovo/payments/v1/OvoPaymentsGrpc.java",
            ),
        ),
        ("java", "-classpath", f"{_JAVA}/classes:{_CLASSPATH}", "Checkout"),
    ),
)


async def is_installed(language: Language) -> bool:
    """Whether Debian's package is there; `make polyglot` installs it where it may."""
    try:
        process = await asyncio.create_subprocess_exec(
            *language.version,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except FileNotFoundError:
        return False
    return await process.wait() == 0
