"""What the command line says and returns where there is no answer."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import grpc
import pytest

from ovo_payments_client.command_line import main
from tests.unit.client.conftest import Ovo
from tests.unit.client.scripted_service import (
    Refusal,
    ScriptedService,
    bad_request,
    refusal,
    retry_after,
)

Code = grpc.StatusCode

CHARGE = (
    *("charge", "--order-id", "order-1", "--phone", "081234567890", "--amount", "15000"),
    *("--request-id", "request-1"),
)

CASES = [
    (refusal(Code.INVALID_ARGUMENT, "INVALID_REQUEST"), 3, "Mend the fields and call again."),
    (
        refusal(Code.ALREADY_EXISTS, "REQUEST_ID_REUSED"),
        3,
        "The id belongs to a call with other content; for another payment choose another.",
    ),
    (
        refusal(Code.NOT_FOUND, "PAYMENT_NOT_FOUND"),
        3,
        "Check the id; another caller's payments and bindings are not shown.",
    ),
    (
        refusal(Code.OUT_OF_RANGE, "VERSION_OUT_OF_RANGE", latest_version="4"),
        3,
        "The latest version is 4.",
    ),
    (refusal(Code.OUT_OF_RANGE, "VERSION_OUT_OF_RANGE"), 3, "Watch from a lower version."),
    (
        refusal(Code.ALREADY_EXISTS, "ORDER_ALREADY_PAID", payment_id="pay_0"),
        4,
        "See the order's payment: ovo status pay_0",
    ),
    (
        refusal(Code.FAILED_PRECONDITION, "BINDING_NOT_ACTIVE", state="UNBOUND"),
        4,
        "The binding is UNBOUND; link it anew: ovo bind",
    ),
    (
        refusal(Code.FAILED_PRECONDITION, "PAYMENT_IN_FLIGHT", payment_id="pay_0"),
        4,
        "Wait until the open payment ends: ovo watch pay_0",
    ),
    (
        refusal(Code.FAILED_PRECONDITION, "NOT_REFUNDABLE", state="PENDING"),
        4,
        "Only a succeeded payment can be refunded; this one is PENDING.",
    ),
    (refusal(Code.FAILED_PRECONDITION, "NEWER"), 4, "Look at the state first: ovo status"),
    (
        refusal(Code.UNIMPLEMENTED, "NOT_SUPPORTED_BY_PROVIDER"),
        4,
        "Choose another provider, or another way to pay.",
    ),
    (
        refusal(Code.RESOURCE_EXHAUSTED, "RATE_LIMITED", retry_after(timedelta(seconds=7))),
        5,
        "Nothing was sent. Call again in 7 s, with --request-id request-1.",
    ),
    (
        refusal(Code.DEADLINE_EXCEEDED, "DEADLINE_TOO_SHORT"),
        5,
        "Nothing was sent. Call again a little later, with --request-id request-1.",
    ),
    (
        Refusal(code=Code.CANCELLED),
        6,
        (
            "It may have acted. Only a repetition with the same request id is safe: "
            "--request-id request-1"
        ),
    ),
    (
        refusal(Code.UNAUTHENTICATED, "UNAUTHENTICATED"),
        7,
        "Give the caller's token: --token, --token-file or OVOPAY_TOKEN.",
    ),
    (
        refusal(Code.PERMISSION_DENIED, "PERMISSION_DENIED"),
        7,
        "This caller may not make this call; ask who runs the service.",
    ),
    (
        Refusal(code=Code.UNKNOWN),
        8,
        "Report this to who runs the service; look at the state before any new payment.",
    ),
]


@pytest.mark.parametrize(("answer", "status", "advice"), CASES)
def test_each_error_has_its_exit_status_and_says_what_to_do(
    service: ScriptedService, ovo: Ovo, answer: Refusal, status: int, advice: str
) -> None:
    """Both forms go to standard error and end with the same status."""
    service.answers("Charge", answer, answer)

    readable = ovo(*CHARGE)
    document = ovo(*CHARGE, "--json")

    assert (readable.exit_code, document.exit_code) == (status, status)
    assert (readable.stdout, document.stdout) == ("", "")
    assert f"→ {advice}\n" in readable.stderr
    told = json.loads(document.stderr)["error"]
    assert (told["advice"], told["exit_status"]) == (advice, status)


def test_an_error_is_told_in_words_with_its_reason_and_fields(
    service: ScriptedService, ovo: Ovo
) -> None:
    """A person reads what is wrong with which field."""
    service.answers(
        "Charge",
        refusal(
            Code.INVALID_ARGUMENT,
            "INVALID_REQUEST",
            bad_request(phone_number="is no Indonesian mobile; write 081234567890"),
            message="One field is wrong.",
        ),
    )

    result = ovo(*CHARGE)

    assert result.stderr.startswith("✗ One field is wrong.\n")
    assert "reason        INVALID_REQUEST" in result.stderr
    assert "phone_number  is no Indonesian mobile; write 081234567890" in result.stderr
    assert "request id    request-1" in result.stderr


def test_an_error_document_has_every_fact(service: ScriptedService, ovo: Ovo) -> None:
    """A program needs no text to decide."""
    service.answers(
        "Charge",
        refusal(
            Code.RESOURCE_EXHAUSTED,
            "RATE_LIMITED",
            retry_after(timedelta(seconds=2.5)),
            bad_request(amount="is too often the same"),
            message="Too many calls.",
            provider="midtrans",
        ),
    )

    result = ovo(*CHARGE, "--json")

    assert json.loads(result.stderr) == {
        "error": {
            "kind": "RateLimitedError",
            "reason": "RATE_LIMITED",
            "status": "RESOURCE_EXHAUSTED",
            "message": "Too many calls.",
            "field_violations": [{"field": "amount", "description": "is too often the same"}],
            "metadata": {"provider": "midtrans"},
            "retry_delay_seconds": 2.5,
            "request_id": "request-1",
            "advice": "Nothing was sent. Call again in 3 s, with --request-id request-1.",
            "exit_status": 5,
        },
    }


def test_words_of_others_can_not_steer_the_terminal(service: ScriptedService, ovo: Ovo) -> None:
    """Control characters in a message are shown as what they are: no letters."""
    service.answers(
        "Charge", Refusal(code=Code.NOT_FOUND, message="gone \x1b[2J[bold]not bold[/bold]")
    )

    result = ovo(*CHARGE)

    assert "\x1b" not in result.stderr
    assert "gone �[2J[bold]not bold[/bold]" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("charge", "--amount", "15.000"), "'15.000' is no whole number of rupiah"),
        (("charge", "--amount", "1e4"), "'1e4' is no whole number of rupiah"),
        (("charge", "--amount", "15_000"), "'15_000' is no whole number of rupiah"),
        (("pay", "--points-amount", "x"), "'--points-amount': 'x' is no whole number"),
        (("charge", "--item", "Kopi"), "'Kopi' is not understood; write name=Kopi,price=15000"),
        (("charge", "--item", "name=Kopi"), "'name=Kopi' has no price=…"),
        (("charge", "--item", "price=1"), "'price=1' has no name=…"),
        (("charge", "--item", "name=a,name=b,price=1"), "'name=b' is not understood"),
        (("charge", "--item", "name=a,price=1.5"), "'1.5' is no whole number of rupiah"),
        (("charge", "--item", "name=a,price=1,quantity=x"), "quantity=x is no whole number"),
        (("charge", "--metadata", "basket"), "'basket' is not key=value"),
        (("status",), "give exactly one of these"),
        (("status", "pay_1", "--order-id", "order-1"), "give exactly one of these"),
        (("watch",), "give exactly one of these"),
        (("watch", "pay_1", "--heartbeat-interval", "0.5"), "'--heartbeat-interval'"),
        (("status", "pay_1", "--deadline", "0"), "'--deadline'"),
        (("status", "pay_1", "--token", "a", "--token-file", "/dev/null"), "give one of the two"),
        (("status", "pay_1", "--tls-certificate", "/dev/null"), "give both or none"),
        (
            ("status", "pay_1", "--server", "payments.internal:443", "--token", "a"),
            "the token would travel to payments.internal:443 in clear",
        ),
    ],
)
def test_what_is_obviously_wrong_is_refused_before_a_call(
    service: ScriptedService,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    words: str,
) -> None:
    """The message names the option, in JSON too, and no call is made."""
    monkeypatch.setenv("OVOPAY_SERVER", service.target)
    monkeypatch.setattr(sys, "argv", ["ovo", *arguments, "--json"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 2
    told = json.loads(capsys.readouterr().err)["error"]
    assert words in told["message"]
    assert told["exit_status"] == 2
    assert service.calls == []


def test_the_program_runs_as_a_module_and_writes_nothing_but_its_answer(tmp_path: Path) -> None:
    """A service that is not there is one document on standard error and status 6."""
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "ovo_payments_client"),
            *("status", "pay_1", "--server", "127.0.0.1:1", "--json"),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        timeout=50,
    )

    assert ended.returncode == 6
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    told = json.loads(line)["error"]
    assert told["kind"] == "NoAnswerError"
    assert told["advice"].startswith("Is the service there?")


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_its_libraries_the_command_line_says_what_to_install(missing: str) -> None:
    """The library alone needs neither, so its wheel brings them as an extra."""
    without = f"import sys; sys.modules[{missing!r}] = None; import ovo_payments_client.__main__"
    ended = subprocess.run(
        [sys.executable, "-c", f"{without} as started; started.main()"],
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )

    assert ended.returncode == 1
    assert ended.stderr == (
        "The command line needs typer and rich: install ovo-payments-client[cli].\n"
    )
