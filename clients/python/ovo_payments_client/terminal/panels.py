"""Results and errors as a person reads them on a terminal."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ovo_payments_client.binding import Balance, Binding, BindingResult, BindingState
from ovo_payments_client.errors import NoAnswerError, OvoPaymentsError
from ovo_payments_client.payment import (
    Failure,
    Payment,
    PaymentResult,
    PaymentState,
    Refund,
    RefundState,
)
from ovo_payments_client.terminal import advice
from ovo_payments_client.terminal.documents import Result
from ovo_payments_client.terminal.words import clock_and_distance, rupiah, state_style

Row = tuple[str, str | Text | None]


def of_result(result: Result, now: datetime) -> RenderableType:
    """Draws a call's result."""
    match result:
        case PaymentResult():
            return of_payment(result.payment, now, _call(result))
        case BindingResult():
            return of_binding(result.binding, now, _call(result))
        case Payment():
            return of_payment(result, now)
        case Binding():
            return of_binding(result, now)
        case Balance():
            return of_balance(result, now)


def of_payment(payment: Payment, now: datetime, call: Sequence[Row] = ()) -> RenderableType:
    """Draws a payment, and the call that asked for it."""
    is_open = not payment.state.is_final
    rows: list[Row] = [
        ("payment", f"{payment.payment_id}  v{payment.version}"),
        ("order", payment.order_id),
        ("by", " · ".join(carriers(payment))),
        ("reference", payment.provider_reference),
        ("failure", _failure(payment.failure)),
        ("refund", _refund(payment.refund)),
        ("created", _time(payment.create_time, now)),
        ("succeeded", _time(payment.success_time, now)),
        ("expires", _time(payment.expire_time, now) if is_open else None),
        ("next check", _time(payment.next_check_time, now)),
        ("remarks", ", ".join(remarks(payment))),
        ("metadata", " ".join(f"{key}={value}" for key, value in payment.metadata.items())),
        *call,
        ("follow", f"ovo watch {payment.payment_id}" if is_open else None),
    ]
    headline = Text.assemble(state_label(payment.state), "  ", (rupiah(payment.amount), "bold"))
    page = payment.redirect_url if payment.state is PaymentState.PENDING else None
    return Group(headline, _grid(rows), *_hint(advice.after_payment(payment)), *address(page))


def of_binding(binding: Binding, now: datetime, call: Sequence[Row] = ()) -> RenderableType:
    """Draws a link, and the call that asked for it."""
    pending = binding.state is BindingState.PENDING
    rows: list[Row] = [
        ("binding", binding.binding_id),
        ("customer", binding.customer_id),
        ("by", " · ".join(part for part in (binding.provider, binding.phone_number) if part)),
        ("failure", _failure(binding.failure)),
        ("created", _time(binding.create_time, now)),
        ("changed", _time(binding.update_time, now)),
        ("expires", _time(binding.expire_time, now) if pending else None),
        *call,
        ("follow", f"ovo status --binding-id {binding.binding_id}" if pending else None),
    ]
    page = binding.redirect_url if pending else None
    hint = _hint(advice.after_binding(binding))
    return Group(state_label(binding.state), _grid(rows), *hint, *address(page))


def of_balance(balance: Balance, now: datetime) -> RenderableType:
    """Draws what an account holds."""
    rows: list[Row] = [
        (f"OVO {entry.type.capitalize()}", Text(rupiah(entry.available), style="bold"))
        for entry in balance.balances
    ]
    return _grid([*rows, ("read", _time(balance.read_time, now))])


def of_error(error: OvoPaymentsError) -> RenderableType:
    """Draws a call without an answer: what, why, which fields, and what to do."""
    no_answer = isinstance(error, NoAnswerError)
    told = "The service did not answer." if no_answer else printable(error.message)
    headline = Text.assemble(("✗ ", "bold red"), (told, "bold"))
    rows: list[Row] = [
        ("because", error.message if no_answer else None),
        ("reason", error.reason),
        ("status", None if error.reason else error.status.name),
        *((violation.field, violation.description) for violation in error.field_violations),
        *((key, value) for key, value in error.metadata.items()),
        ("request id", error.request_id),
    ]
    return Group(headline, _grid(rows), *_hint(advice.after_error(error)))


def state_label(state: PaymentState | RefundState | BindingState) -> Text:
    """Writes a state in its colour."""
    return Text(f"● {state}", style=state_style(state))


def remarks(payment: Payment) -> Iterator[str]:
    """Gives what is unusual about a payment."""
    if payment.needs_review:
        yield "needs review"
    if payment.late_success:
        yield "late success"


def address(url: str | None) -> Iterator[Text]:
    """Writes a page's address on one line, however long, so that it can be clicked or copied."""
    if url is not None:
        words = printable(url)
        yield Text(words, style=f"underline link {words}", no_wrap=True, overflow="ignore")


def failure_words(failure: Failure) -> str:
    """Writes why the money did not move."""
    code = f" (provider code {failure.provider_code})" if failure.provider_code else ""
    words = f"{failure.reason}: {failure.message}" if failure.message else failure.reason
    return printable(words + code)


def carriers(payment: Payment) -> Iterator[str]:
    """Gives who and what carries the payment."""
    yield payment.method.replace("_", " ").lower()
    for part in (payment.phone_number, payment.binding_id, payment.provider):
        if part:
            yield part


def _failure(failure: Failure | None) -> Text | None:
    return None if failure is None else Text(failure_words(failure), style="red")


def _refund(refund: Refund | None) -> Text | None:
    if refund is None:
        return None
    words = Text.assemble(
        state_label(refund.state), f"  {rupiah(refund.amount)}  {refund.refund_id}"
    )
    if refund.reason:
        words.append(f"  “{printable(refund.reason)}”")
    if refund.failure is not None:
        words.append(f"\n{failure_words(refund.failure)}", style="red")
    return words


def _time(moment: datetime | None, now: datetime) -> str | None:
    return None if moment is None else clock_and_distance(moment, now)


def _call(result: PaymentResult | BindingResult) -> list[Row]:
    """Names the call, so that it can be repeated."""
    replayed = "an earlier call with this request id did it; nothing was done anew"
    return [("request id", result.request_id), ("replayed", replayed if result.replayed else None)]


def _hint(words: str | None) -> Iterator[RenderableType]:
    """Tells what to do next, where there is something to do."""
    if words is not None:
        yield Text.assemble(("→ ", "bold cyan"), words)


def _grid(rows: Sequence[Row]) -> Table:
    """Puts names and values in two columns, leaving out what is not set."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bright_black", no_wrap=True, min_width=10)
    grid.add_column(overflow="fold")
    for name, value in rows:
        if value:
            grid.add_row(
                f"  {printable(name)}", value if isinstance(value, Text) else Text(printable(value))
            )
    return grid


def printable(text: str) -> str:
    """Takes control characters out of what somebody else wrote."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "�" for letter in text)
