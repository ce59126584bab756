"""The contract's gate lets harmless changes through, and stops those that break a caller."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
BUF = Path(sys.executable).with_name("buf")
RELEASED = CHECKOUT / "protos/released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A change of the contract: in one of its files, one text becomes another."""

    what: str
    file: str
    before: str
    after: str

    def __str__(self) -> str:
        return self.what


def in_payment(what: str, before: str, after: str) -> Mutant:
    """Changes the payment."""
    return Mutant(what=what, file="payment", before=before, after=after)


def in_service(what: str, before: str, after: str) -> Mutant:
    """Changes the service, a request or an answer."""
    return Mutant(what=what, file="ovo_payments", before=before, after=after)


def in_errors(what: str, before: str, after: str) -> Mutant:
    """Changes the reasons."""
    return Mutant(what=what, file="errors", before=before, after=after)


BREAKING = [
    in_payment("a field gets another number", "bool late_success = 20;", "bool late_success = 22;"),
    in_payment("a field gets another name", "string order_id = 2;", "string order = 2;"),
    in_payment("a field gets another type", "int64 version = 4;", "string version = 4;"),
    in_payment("a number gets smaller", "int64 version = 4;", "int32 version = 4;"),
    in_payment("a field becomes repeated", "string provider = 6;", "repeated string provider = 6;"),
    in_payment(
        "a map becomes a list",
        "map<string, string> metadata = 21;",
        "repeated string metadata = 21;",
    ),
    in_payment("a field goes away", "bool needs_review = 19;", ""),
    in_payment(
        "a field goes away, and its number alone is reserved",
        "bool needs_review = 19;",
        "reserved 19;",
    ),
    in_payment(
        "a field gets another name in JSON",
        "string order_id = 2;",
        'string order_id = 2 [json_name = "order"];',
    ),
    in_payment("a state gets another number", "STATE_REFUNDED = 6;", "STATE_REFUNDED = 7;"),
    in_payment("a state gets another name", "STATE_IN_DOUBT = 2;", "STATE_UNKNOWN = 2;"),
    in_payment(
        "a field becomes another message",
        "Failure failure = 12;",
        "RefundDetails failure = 12;",
    ),
    in_errors("an enum goes away", "enum ErrorReason {", "enum CallReason {"),
    in_errors("a reason goes away", "ERROR_REASON_CURSOR_GONE = 18;", ""),
    in_errors(
        "two reasons change places",
        "ERROR_REASON_RATE_LIMITED = 11;",
        "ERROR_REASON_RATE_LIMITED = 31;",
    ),
    in_service("an RPC goes away", "rpc Balance(BalanceRequest) returns (BalanceResponse);", ""),
    in_service("an RPC gets another name", "rpc Pay(PayRequest)", "rpc Debit(PayRequest)"),
    in_service("an RPC takes another request", "rpc Pay(PayRequest)", "rpc Pay(ChargeRequest)"),
    in_service("an RPC gives another answer", "returns (PayResponse)", "returns (ChargeResponse)"),
    in_service(
        "a stream becomes a single answer",
        "returns (stream WatchPaymentResponse)",
        "returns (WatchPaymentResponse)",
    ),
    in_service(
        "an answer becomes a stream", "returns (PayResponse)", "returns (stream PayResponse)"
    ),
    in_service("the service gets another name", "service OvoPayments {", "service Payments {"),
    in_service(
        "a field leaves its oneof",
        "    // A link.\n    string binding_id = 3;\n  }",
        "  }\n  // A link.\n  string binding_id = 3;",
    ),
    in_service(
        "unset and zero become one", "optional int64 after_version = 3;", "int64 after_version = 3;"
    ),
]

HARMLESS = [
    in_payment(
        "a field comes",
        "string order_id = 2;",
        "string order_id = 2;\n  // More.\n  string more = 99;",
    ),
    in_payment(
        "a state comes",
        "STATE_REFUNDED = 6;",
        "STATE_REFUNDED = 6;\n    // Frozen.\n    STATE_FROZEN = 7;",
    ),
    in_payment(
        "a field retires, number and name reserved",
        "bool needs_review = 19;",
        'reserved 19;\n  reserved "needs_review";',
    ),
    in_payment("a comment says more", "// Counts the changes", "// Numbers the changes"),
    in_payment(
        "a field is deprecated",
        "string phone_number = 9;",
        "string phone_number = 9 [deprecated = true];",
    ),
    in_payment(
        "a message comes",
        "// One thing that is bought.",
        "// A discount.\nmessage Discount {}\n\n// One thing that is bought.",
    ),
    in_payment(
        "fields change their order",
        "  bool needs_review = 19;\n"
        "  // True where the money moved after the payment was told expired or failed.\n"
        "  bool late_success = 20;\n",
        "  bool late_success = 20;\n  // The same.\n  bool needs_review = 19;\n",
    ),
    in_errors(
        "a reason comes",
        "ERROR_REASON_CURSOR_GONE = 18;",
        "ERROR_REASON_CURSOR_GONE = 18;\n  // ABORTED: later.\n  ERROR_REASON_LATER = 19;",
    ),
    in_service(
        "an RPC comes",
        "// Debits a linked account.",
        "// Asks.\n  rpc Ask(PayRequest) returns (PayResponse);\n\n  // Debits a linked account.",
    ),
    in_service(
        "a oneof gets another case",
        "    string binding_id = 3;\n  }",
        "    string binding_id = 3;\n    // A refund.\n    string refund_id = 5;\n  }",
    ),
    in_service(
        "another language gets options",
        'option java_package = "ovo.payments.v1";',
        'option java_package = "ovo.payments.v1";\noption csharp_namespace = "Ovo.Payments.V1";',
    ),
]


def judged(mutant: Mutant, folder: Path) -> tuple[bool, str]:
    """Changes a copy of the contract; tells whether the gate lets it through, and what it says."""
    protos = folder / "protos"
    shutil.copytree(CHECKOUT / "protos", protos)
    file = protos / f"ovo/payments/v1/{mutant.file}.proto"
    text = file.read_text(encoding="utf-8")
    assert mutant.before in text, "the mutant changes nothing"
    file.write_text(text.replace(mutant.before, mutant.after, 1), encoding="utf-8")
    image = folder / "mutant.binpb"
    subprocess.run([str(BUF), "build", str(protos), "-o", str(image)], check=True)
    (released,) = sorted(RELEASED.glob("*.binpb"))[-1:]
    gate = [
        *(str(BUF), "breaking", str(image), "--against", str(released)),
        *("--config", str(RELEASED / "gate.yaml")),
    ]
    finished = subprocess.run(gate, capture_output=True, text=True, check=False)
    assert finished.returncode in {0, 100}, finished.stderr
    return finished.returncode == 0, finished.stdout


@pytest.mark.parametrize("mutant", BREAKING, ids=str)
def test_a_change_that_breaks_a_caller_is_stopped(mutant: Mutant, tmp_path: Path) -> None:
    """Whoever was built against the release would misread, or miss, what it calls."""
    harmless, told = judged(mutant, tmp_path)
    assert not harmless
    assert told


@pytest.mark.parametrize("mutant", HARMLESS, ids=str)
def test_a_change_that_breaks_nobody_passes(mutant: Mutant, tmp_path: Path) -> None:
    """What the contract allows is not forbidden by its gate."""
    harmless, told = judged(mutant, tmp_path)
    assert harmless, told


def test_the_check_runs_this_gate() -> None:
    """`make check` compares with the same release by the same rules."""
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    assert "breaking - --against $(RELEASED) --config protos/released/gate.yaml" in makefile
    assert "\t$(GATE)\n" in makefile
