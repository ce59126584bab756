"""The callers' file is read whole, or refused by the key that is wrong."""

import math
from typing import Final

import pytest

from ovo_payments.application.call import Caller
from ovo_payments.application.url_prefix import UrlPrefix
from ovo_payments.transport.grpc.callers_file import (
    CallersFileError,
    KnownCaller,
    new_token,
    parse_callers,
    render_callers,
    token_digest,
)

A, B, C = (token_digest(token) for token in "abc")
FILE: Final = f"""
[[caller]]
name = "shop"
token_sha256 = ["{A}", "{B}"]
return_url_prefixes = ["https://shop.example/pay/"]
methods = ["Charge", "GetStatus"]

[[caller]]
name = "reports"
scope = "shop"
certificates = ["spiffe://shop.example/reports", "dns:reports.internal"]
methods = ["GetStatus", "WatchPayment"]
"""


def test_a_file_names_callers() -> None:
    """Each with what proves it and what it may; its scope is its own where none is given."""
    shop, reports = parse_callers(FILE.encode())

    assert shop == KnownCaller(
        caller=Caller(
            name="shop",
            scope="shop",
            return_url_prefixes=(UrlPrefix.parse("https://shop.example/pay/"),),
        ),
        digests=(A, B),
        methods=frozenset({"Charge", "GetStatus"}),
    )
    assert reports == KnownCaller(
        caller=Caller(name="reports", scope="shop"),
        certificates=("spiffe://shop.example/reports", "dns:reports.internal"),
        methods=frozenset({"GetStatus", "WatchPayment"}),
    )


def test_what_is_written_is_read_alike() -> None:
    """So that a command changes what it was asked to, and nothing else."""
    known = parse_callers(FILE.encode())
    assert parse_callers(render_callers(known)) == known
    assert parse_callers(render_callers([])) == ()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("caller = 3", "no list of tables"),
        ("[[callers]]\nname = 'a'", "unknown key 'callers'"),
        ("[[caller]]\nname = 'a'\ntoken = 'x'", "caller 1: unknown key 'token'"),
        ("[[caller]]\nmethods = []", "`name`"),
        ("[[caller]]\nname = 'anonymous'", "`name`"),
        ("[[caller]]\nname = 'a b'", "`name`"),
        ("[[caller]]\nname = 'a'\nscope = ''", "`scope`"),
        ("[[caller]]\nname = 'a'\nscope = 'anonymous'", "`scope`"),
        ("[[caller]]\nname = 'a'\ntoken_sha256 = 'x'", "a list of texts"),
        ("[[caller]]\nname = 'a'\ntoken_sha256 = ['secret']", "64 lower-case hexadecimal digits"),
        (f"[[caller]]\nname = 'a'\ntoken_sha256 = ['{A}', '{B}', '{C}']", "at most 2"),
        ("[[caller]]\nname = 'a'\ncertificates = ['shop.example']", "`certificates`"),
        ("[[caller]]\nname = 'a'\ncertificates = ['dns:*.example']", "`certificates`"),
        ("[[caller]]\nname = 'a'\ncertificates = ['dns:Shop.example']", "`certificates`"),
        ("[[caller]]\nname = 'a'\ncertificates = ['spiffe://shop']", "`certificates`"),
        ("[[caller]]\nname = 'a'", "`methods` is missing"),
        ("[[caller]]\nname = 'a'\nmethods = ['Chrage']", "no method 'Chrage'"),
        (2 * "[[caller]]\nname = 'a'\nmethods = []\n", "`name` 'a' is there twice"),
        ("not toml", "line 1"),
        (f"n = {'9' * 5_000}", "digits"),
        (f"n = {'[' * 5_000}", "recursion"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(text: str, complaint: str) -> None:
    """In words that say where to look."""
    with pytest.raises(CallersFileError, match=complaint):
        parse_callers(text.encode())


@pytest.mark.parametrize("proof", [f"token_sha256 = ['{A}']", "certificates = ['dns:a']"])
def test_what_proves_one_caller_is_nobody_elses(proof: str) -> None:
    """Two callers with one token, or one certificate, could not be told apart."""
    text = "".join(f"[[caller]]\nname = '{name}'\nmethods = []\n{proof}\n" for name in "ab")
    with pytest.raises(CallersFileError, match="is there twice"):
        parse_callers(text.encode())


def test_a_token_has_256_random_bits() -> None:
    """Twice what is asked for, and no two are alike."""
    tokens = {new_token() for _ in range(1_000)}
    assert len(tokens) == 1_000
    for token in tokens:
        letters = token.removeprefix("ovo_")
        assert letters != token
        assert len(letters) * math.log2(64) >= 256
