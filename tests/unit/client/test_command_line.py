"""Each command: what it sends, what it shows, and its exit status."""

import json
from pathlib import Path

import pytest

from ovo.payments.v1 import binding_pb2, ovo_payments_pb2, payment_pb2
from ovo_payments_client.version import VERSION
from tests.unit.client.conftest import Ovo
from tests.unit.client.contract_messages import (
    binding_message,
    declined_message,
    moment,
    payment_message,
    rupiah,
)
from tests.unit.client.scripted_service import ScriptedService

Payments = payment_pb2.Payment

CHARGE = ("charge", "--order-id", "order-1", "--phone", "081234567890", "--amount", "15000")
PAY = ("pay", "--order-id", "order-1", "--binding-id", "bind_1", "--amount", "15000")
BIND = (
    *("bind", "--customer-id", "customer-7", "--phone-number", "081234567890"),
    *("--success-url", "https://shop.example/ok", "--failure-url", "https://shop.example/no"),
)

PENDING_DOCUMENT = {
    "payment_id": "pay_1",
    "order_id": "order-1",
    "state": "PENDING",
    "version": 1,
    "method": "PUSH_TO_PHONE",
    "provider": "midtrans",
    "amount": 15000,
    "binding_id": None,
    "phone_number": "+*********7890",
    "redirect_url": None,
    "provider_reference": "ref-9",
    "failure": None,
    "refund": None,
    "create_time": "2026-03-01T05:00:00Z",
    "update_time": "2026-03-01T05:00:00Z",
    "expire_time": "2026-03-01T05:01:05Z",
    "success_time": None,
    "next_check_time": "2026-03-01T05:00:10Z",
    "needs_review": False,
    "late_success": False,
    "metadata": {"basket": "42"},
}


def test_charge_sends_every_option_and_writes_one_document(
    service: ScriptedService, ovo: Ovo
) -> None:
    """The JSON of a result has every field of the payment and the call's request id."""
    service.answers("Charge", ovo_payments_pb2.ChargeResponse(payment=payment_message()))

    result = ovo(
        *CHARGE,
        *("--customer-id", "customer-7", "--customer-name", "Siti"),
        *("--customer-email", "siti@example.com", "--provider", "midtrans"),
        *("--item", "name=Kopi, susu,price=8000,quantity=2,item_id=sku-1"),
        *("--item", "name=Diskon,price=-1000"),
        *("--metadata", "basket=42", "--metadata", "note=a=b"),
        *("--request-id", "request-1", "--deadline", "12", "--token", "caller-token", "--json"),
    )

    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "payment": PENDING_DOCUMENT,
        "request_id": "request-1",
        "replayed": False,
    }
    assert result.stdout.count("\n") == 1
    assert result.stderr == ""
    (call,) = service.calls
    assert call.request == ovo_payments_pb2.ChargeRequest(
        request_id="request-1",
        order_id="order-1",
        phone_number="081234567890",
        amount=rupiah(15_000),
        customer=payment_pb2.Customer(
            customer_id="customer-7", name="Siti", email="siti@example.com"
        ),
        items=[
            payment_pb2.LineItem(
                name="Kopi, susu", price=rupiah(8_000), quantity=2, item_id="sku-1"
            ),
            payment_pb2.LineItem(name="Diskon", price=rupiah(-1_000), quantity=1),
        ],
        metadata={"basket": "42", "note": "a=b"},
        provider="midtrans",
    )
    assert call.metadata["authorization"] == "Bearer caller-token"
    assert call.seconds_left == pytest.approx(12, abs=2)


def test_charge_tells_a_person_what_comes_next(service: ScriptedService, ovo: Ovo) -> None:
    """The readable form has the amount, the state, the ids and the next step."""
    service.answers(
        "Charge", ovo_payments_pb2.ChargeResponse(payment=payment_message(), replayed=True)
    )

    result = ovo(*CHARGE, "--request-id", "request-1")

    assert result.exit_code == 0
    for words in (
        "● PENDING  Rp15.000",
        "push to phone · +*********7890 · midtrans",
        "request-1",
        "an earlier call with this request id did it",
        "ovo watch pay_1",
        "→ The customer accepts it in the OVO app.",
    ):
        assert words in result.stdout


def test_a_payment_that_failed_at_once_has_its_own_exit_status(
    service: ScriptedService, ovo: Ovo
) -> None:
    """The call was answered, and the answer is that no money moves."""
    failed = payment_message(state=Payments.STATE_FAILED, failure=declined_message())
    service.answers("Charge", ovo_payments_pb2.ChargeResponse(payment=failed))

    result = ovo(*CHARGE)

    assert result.exit_code == 1
    assert "DECLINED_BY_CUSTOMER: The customer declined. (provider code 202)" in result.stdout
    assert "A new payment for the same order may succeed." in result.stdout


def test_pay_sends_every_option_and_shows_the_page_on_one_line(
    service: ScriptedService, ovo: Ovo
) -> None:
    """A long address is not broken, so that it can be copied."""
    page = "https://pages.example/pay?token=" + "x" * 300
    service.answers("Pay", ovo_payments_pb2.PayResponse(payment=payment_message(redirect_url=page)))

    result = ovo(
        *PAY,
        *("--points-amount", "500", "--merchant-initiated"),
        *("--success-url", "https://shop.example/ok", "--failure-url", "https://shop.example/no"),
    )

    assert result.exit_code == 0
    assert f"→ The customer confirms it on this page:\n{page}\n" in result.stdout
    (request,) = service.requests("Pay")
    assert isinstance(request, ovo_payments_pb2.PayRequest)
    assert request.points_amount == rupiah(500)
    assert request.merchant_initiated
    assert request.success_url == "https://shop.example/ok"
    assert request.failure_url == "https://shop.example/no"


def test_bind_shows_the_page_and_how_to_go_on(service: ScriptedService, ovo: Ovo) -> None:
    """The customer has to open a page; the caller has to ask afterwards."""
    service.answers("Bind", ovo_payments_pb2.BindResponse(binding=binding_message()))

    result = ovo(*BIND, "--customer-name", "Siti")

    assert result.exit_code == 0
    assert "on this page:\nhttps://pages.example/bind/1\n" in result.stdout
    assert "ovo status --binding-id bind_1" in result.stdout
    (request,) = service.requests("Bind")
    assert isinstance(request, ovo_payments_pb2.BindRequest)
    assert request.customer == payment_pb2.Customer(customer_id="customer-7", name="Siti")


def test_bind_writes_a_document(service: ScriptedService, ovo: Ovo) -> None:
    """The JSON of a link has every field of the binding and the call's request id."""
    service.answers("Bind", ovo_payments_pb2.BindResponse(binding=binding_message()))

    result = ovo(*BIND, "--request-id", "request-1", "--json")

    assert json.loads(result.stdout) == {
        "binding": {
            "binding_id": "bind_1",
            "customer_id": "customer-7",
            "state": "PENDING",
            "provider": "doku",
            "phone_number": "+*********7890",
            "redirect_url": "https://pages.example/bind/1",
            "failure": None,
            "create_time": "2026-03-01T05:00:00Z",
            "update_time": "2026-03-01T05:00:01Z",
            "expire_time": "2026-03-01T05:10:00Z",
        },
        "request_id": "request-1",
        "replayed": False,
    }


def test_a_link_that_failed_has_its_own_exit_status(service: ScriptedService, ovo: Ovo) -> None:
    """Like a payment that failed."""
    failed = binding_message(binding_pb2.Binding.STATE_FAILED)
    service.answers("Bind", ovo_payments_pb2.BindResponse(binding=failed))

    assert ovo(*BIND).exit_code == 1


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_unbind_shows_the_unlinked_account(
    service: ScriptedService, ovo: Ovo, form: tuple[str, ...]
) -> None:
    """Both forms name the state."""
    unbound = binding_message(binding_pb2.Binding.STATE_UNBOUND)
    service.answers("Unbind", ovo_payments_pb2.UnbindResponse(binding=unbound))

    result = ovo("unbind", "bind_1", *form)

    assert result.exit_code == 0
    assert "UNBOUND" in result.stdout
    assert service.requests("Unbind") == [ovo_payments_pb2.UnbindRequest(binding_id="bind_1")]


def test_balance_shows_each_kind_of_money(service: ScriptedService, ovo: Ovo) -> None:
    """Readable amounts have Indonesian dots, JSON has plain numbers."""
    answer = ovo_payments_pb2.BalanceResponse(
        balances=[
            binding_pb2.AccountBalance(
                type=binding_pb2.AccountBalance.TYPE_CASH, available=rupiah(250_000)
            ),
            binding_pb2.AccountBalance(
                type=binding_pb2.AccountBalance.TYPE_POINTS, available=rupiah(1_200)
            ),
        ],
        read_time=moment(0),
    )
    service.answers("Balance", answer, answer)

    readable = ovo("balance", "bind_1")
    document = ovo("balance", "bind_1", "--json")

    assert "OVO Cash    Rp250.000" in readable.stdout
    assert "OVO Points  Rp1.200" in readable.stdout
    assert json.loads(document.stdout) == {
        "balances": [
            {"type": "CASH", "available": 250000},
            {"type": "POINTS", "available": 1200},
        ],
        "read_time": "2026-03-01T05:00:00Z",
    }


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (payment_pb2.RefundDetails.STATE_SUCCEEDED, 0),
        (payment_pb2.RefundDetails.STATE_PENDING, 0),
        (payment_pb2.RefundDetails.STATE_FAILED, 1),
    ],
)
def test_refund_shows_the_refund_and_how_it_went(
    service: ScriptedService,
    ovo: Ovo,
    state: payment_pb2.RefundDetails.State.ValueType,
    status: int,
) -> None:
    """The exit status is the refund's, not the payment's."""
    failed = state == payment_pb2.RefundDetails.STATE_FAILED
    refund = payment_pb2.RefundDetails(
        refund_id="refund_1",
        state=state,
        amount=rupiah(5_000),
        reason="too cold",
        failure=declined_message() if failed else None,
    )
    payment = payment_message(state=Payments.STATE_SUCCEEDED, refund=refund)
    service.answers("Refund", ovo_payments_pb2.RefundResponse(payment=payment))

    result = ovo("refund", "pay_1", "--amount", "5000", "--reason", "too cold")

    assert result.exit_code == status
    assert "Rp5.000  refund_1  “too cold”" in result.stdout
    assert ("DECLINED_BY_CUSTOMER" in result.stdout) == failed
    (request,) = service.requests("Refund")
    assert isinstance(request, ovo_payments_pb2.RefundRequest)
    assert (request.amount, request.reason) == (rupiah(5_000), "too cold")


@pytest.mark.parametrize(
    ("arguments", "request_", "answer", "document"),
    [
        (
            ("pay_1", "--refresh"),
            ovo_payments_pb2.GetStatusRequest(payment_id="pay_1", refresh=True),
            ovo_payments_pb2.GetStatusResponse(payment=payment_message()),
            {"payment": PENDING_DOCUMENT},
        ),
        (
            ("--order-id", "order-1"),
            ovo_payments_pb2.GetStatusRequest(order_id="order-1"),
            ovo_payments_pb2.GetStatusResponse(payment=payment_message()),
            {"payment": PENDING_DOCUMENT},
        ),
    ],
)
def test_status_reads_a_payment_by_each_name(
    service: ScriptedService,
    ovo: Ovo,
    arguments: tuple[str, ...],
    request_: ovo_payments_pb2.GetStatusRequest,
    answer: ovo_payments_pb2.GetStatusResponse,
    document: object,
) -> None:
    """A payment by its id, an order by its own."""
    service.answers("GetStatus", answer)

    result = ovo("status", *arguments, "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout) == document
    assert service.requests("GetStatus") == [request_]


def test_status_reads_a_binding(service: ScriptedService, ovo: Ovo) -> None:
    """A linked account tells how to debit it."""
    active = binding_message(binding_pb2.Binding.STATE_ACTIVE)
    service.answers("GetStatus", ovo_payments_pb2.GetStatusResponse(binding=active))

    result = ovo("status", "--binding-id", "bind_1")

    assert "● ACTIVE" in result.stdout
    assert "ovo pay --binding-id bind_1" in result.stdout


def test_reading_a_failed_payment_is_no_failure(service: ScriptedService, ovo: Ovo) -> None:
    """Status asked what is known, and it is known."""
    failed = payment_message(state=Payments.STATE_FAILED, failure=declined_message())
    service.answers("GetStatus", ovo_payments_pb2.GetStatusResponse(payment=failed))

    assert ovo("status", "pay_1").exit_code == 0


def test_the_token_can_stand_in_a_file_or_in_the_environment(
    service: ScriptedService, ovo: Ovo, tmp_path: Path
) -> None:
    """Neither shows in the list of processes."""
    token_file = tmp_path / "token"
    token_file.write_text("of-the-file\n")
    answer = ovo_payments_pb2.GetStatusResponse(payment=payment_message())
    service.answers("GetStatus", answer, answer)

    ovo("status", "pay_1", "--token-file", str(token_file))
    ovo("status", "pay_1", env={"OVOPAY_TOKEN": "of-the-environment"})

    assert [call.metadata["authorization"] for call in service.calls] == [
        "Bearer of-the-file",
        "Bearer of-the-environment",
    ]


def test_the_version_is_told_without_a_command(ovo: Ovo) -> None:
    """It is the wheel's."""
    result = ovo("--version")

    assert (result.exit_code, result.stdout) == (0, f"{VERSION}\n")


def test_the_shared_options_may_stand_before_the_command(
    service: ScriptedService, ovo: Ovo
) -> None:
    """What is typed after the command counts first, then before it, then the environment."""
    answer = ovo_payments_pb2.GetStatusResponse(payment=payment_message())
    service.answers("GetStatus", answer, answer)
    elsewhere = {"OVOPAY_SERVER": "127.0.0.1:1", "OVOPAY_TOKEN": "of-the-environment"}

    before = ovo("--server", service.target, "--json", "status", "pay_1", env=elsewhere)
    after = ovo("--token", "before", "status", "pay_1", "--token", "after")

    assert json.loads(before.stdout) == {"payment": PENDING_DOCUMENT}
    assert (before.exit_code, after.exit_code) == (0, 0)
    assert [call.metadata["authorization"] for call in service.calls] == [
        "Bearer of-the-environment",
        "Bearer after",
    ]
