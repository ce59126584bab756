"""Callers are who their tokens prove them to be, and may call what their file says."""

from pathlib import Path
from typing import Final

import pytest

from ovo.payments.v1 import ovo_payments_pb2
from ovo_payments.application.call import Caller
from ovo_payments.domain.errors import PermissionDeniedError, UnauthenticatedError
from ovo_payments.transport.grpc.authentication import (
    ANONYMOUS,
    METHODS,
    Callers,
    CallersFileError,
    KnownCaller,
    read_callers,
    token_digest,
)

SHOP: Final = KnownCaller(
    caller=Caller(name="shop", scope="shop"),
    digests=(token_digest("new token"), token_digest("old token")),
)
REPORTS: Final = KnownCaller(
    caller=Caller(name="reports", scope="shop"),
    digests=(token_digest("reports token"),),
    methods=frozenset({"GetStatus"}),
)
CALLERS: Final = Callers([SHOP, REPORTS])


def written(directory: Path, text: str) -> Path:
    """Writes a callers file."""
    path = directory / "callers.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("token", ["new token", "old token"])
def test_each_token_of_a_caller_proves_it(token: str) -> None:
    """Two are good while one is being replaced."""
    assert CALLERS.identify(f"Bearer {token}", "Charge") == SHOP.caller
    assert CALLERS.identify(f"bearer {token}", "Charge") == SHOP.caller


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", "new token", "Basic new token"],
)
def test_who_proves_nothing_is_refused(authorization: str | None) -> None:
    """No token, a wrong one, another scheme."""
    with pytest.raises(UnauthenticatedError):
        CALLERS.identify(authorization, "Charge")


def test_a_digest_is_no_token() -> None:
    """Who reads the callers file can't call."""
    with pytest.raises(UnauthenticatedError):
        CALLERS.identify(f"Bearer {SHOP.digests[0]}", "Charge")


def test_a_caller_may_call_only_its_methods() -> None:
    """Also once it has proven who it is."""
    assert CALLERS.identify("Bearer reports token", "GetStatus") == REPORTS.caller
    with pytest.raises(PermissionDeniedError) as denied:
        CALLERS.identify("Bearer reports token", "Refund")
    assert denied.value.method == "Refund"


def test_where_strangers_may_call_they_are_anonymous() -> None:
    """For development alone."""
    callers = Callers(allow_anonymous=True)
    assert callers.identify(None, "Charge") == ANONYMOUS


def test_a_wrong_token_is_refused_where_strangers_may_call() -> None:
    """Who shows a token means to be somebody, and would land in the wrong scope."""
    callers = Callers([SHOP], allow_anonymous=True)
    with pytest.raises(UnauthenticatedError):
        callers.identify("Bearer wrong", "Charge")
    assert callers.identify("Bearer new token", "Charge") == SHOP.caller


def test_a_file_names_callers(tmp_path: Path) -> None:
    """Scope and methods have defaults: the caller's own, and all."""
    path = written(
        tmp_path,
        f"""
        [[caller]]
        name = "shop"
        token_sha256 = ["{token_digest("a")}", "{token_digest("b")}"]

        [[caller]]
        name = "reports"
        scope = "shop"
        token_sha256 = ["{token_digest("c")}"]
        methods = ["GetStatus", "WatchPayment"]
        """,
    )

    shop, reports = read_callers(path)

    assert shop.caller == Caller(name="shop", scope="shop")
    assert shop.digests == (token_digest("a"), token_digest("b"))
    assert shop.methods == METHODS
    assert reports.caller == Caller(name="reports", scope="shop")
    assert reports.methods == {"GetStatus", "WatchPayment"}


def test_all_methods_are_those_of_the_contract() -> None:
    """A new RPC is allowed to who may call everything."""
    service = ovo_payments_pb2.DESCRIPTOR.services_by_name["OvoPayments"]
    assert {method.name for method in service.methods} == METHODS
    assert len(METHODS) == 9


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("caller = 3", "no list of tables"),
        ("[[callers]]\nname = 'a'", "unknown key 'callers'"),
        ("[[caller]]\nname = 'a'\ntoken = 'x'", "caller 1: unknown key 'token'"),
        ("[[caller]]\ntoken_sha256 = []", "`name`"),
        ("[[caller]]\nname = 'anonymous'", "`name`"),
        ("[[caller]]\nname = 'a b'", "`name`"),
        ("[[caller]]\nname = 'a'\nscope = ''", "`scope`"),
        ("[[caller]]\nname = 'a'\ntoken_sha256 = 'x'", "a list of texts"),
        ("[[caller]]\nname = 'a'\ntoken_sha256 = ['secret']", "64 lower-case hexadecimal digits"),
        ("[[caller]]\nname = 'a'\nmethods = ['Chrage']", "no method 'Chrage'"),
        ("[[caller]]\nname = 'a'\n[[caller]]\nname = 'a'", "`name` 'a' is there twice"),
        ("not toml", "callers.toml"),
        (f"n = {'9' * 5_000}", "callers.toml"),
        (f"n = {'[' * 5_000}", "callers.toml"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    """The start stops and says where to look."""
    with pytest.raises(CallersFileError, match=complaint):
        read_callers(written(tmp_path, text))


def test_a_token_is_nobodys_second(tmp_path: Path) -> None:
    """Two callers with one token could not be told apart."""
    table = f"token_sha256 = ['{token_digest('a')}']"
    text = f"[[caller]]\nname = 'a'\n{table}\n[[caller]]\nname = 'b'\n{table}"
    with pytest.raises(CallersFileError, match="is there twice"):
        read_callers(written(tmp_path, text))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """By its path."""
    with pytest.raises(CallersFileError, match=r"missing\.toml"):
        read_callers(tmp_path / "missing.toml")
