"""Whatever stands in the callers' file and in the settings: read, or refused in words."""

from pathlib import Path
from random import Random
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovo_payments import settings
from ovo_payments.settings import Settings, SettingsError
from ovo_payments.transport.grpc.callers_file import (
    CallersFileError,
    KnownCaller,
    parse_callers,
    render_callers,
    token_digest,
)
from tests.fuzz.examples import fuzzed
from tests.fuzz.fragments import spoil

ODD: Final = (
    *(
        "",
        "1",
        "-1",
        "1.5",
        "true",
        "nan",
        "inf",
        '""',
        "''",
        "[]",
        "{}",
        "[[]]",
        '["a", 1]',
        "{a=1}",
    ),
    *('"\\ud800"', '"\\u0000"', '"a', "2026-01-02", "2026-02-30", "07:32:00", "0x1f", "1_0"),
    *("9" * 5_000, "[" * 5_000, "{a=" * 3_000, f'"{"a" * 70_000}"', '"""', "'''", "1e400", "é"),
    *('"https://["', '"http://sandbox.example"', '"host:99999"', '"[::1]:0"', '"[:]:1"', '":0"'),
)
DIGEST: Final = token_digest("t")
CALLERS: Final = f"""
[[caller]]
name = "shop"
scope = "shop"
token_sha256 = ["{DIGEST}"]
certificates = ["spiffe://shop.example/checkout", "dns:checkout.internal"]
methods = ["Pay", "GetStatus"]

[[caller]]
name = "other"
methods = []
"""
KEYS_OF_CALLERS: Final = (
    *("name", "scope", "token_sha256", "certificates", "methods"),
    *("caller", "x", '"\\u0000"'),
)
SETTINGS: Final = """
environment = "development"
allow_anonymous = true
midtrans_server_key = "key"
midtrans_base_url = "https://api.midtrans.com"
grpc_listen = "127.0.0.1:0"
shutdown_grace_s = 20.0
log_level = "info"
"""


def files(good: str, keys: tuple[str, ...]) -> st.SearchStrategy[bytes]:
    """Makes files around a good one: a line more, a value changed, bytes spoilt, or noise."""
    odd_line = st.builds(
        lambda key, value: f"{key} = {value}\n", st.sampled_from(keys), st.sampled_from(ODD)
    )
    added = st.builds(
        lambda lines, first: ("".join(lines) + good if first else good + "".join(lines)).encode(),
        st.lists(odd_line, min_size=1, max_size=2),
        st.booleans(),
    )
    lines = good.splitlines(keepends=True)
    changed = st.builds(
        lambda place, line: "".join([*lines[:place], line, *lines[place + 1 :]]).encode(),
        st.integers(0, len(lines) - 1),
        odd_line,
    )
    spoilt = st.builds(
        lambda seed: spoil(good.encode(), Random(seed)),  # noqa: S311 - can be repeated
        st.integers(0, 2**32),
    )
    return added | changed | spoilt | st.binary(max_size=100)


@fuzzed(400)
@given(raw=files(CALLERS, KEYS_OF_CALLERS))
def test_a_callers_file_is_read_or_refused(raw: bytes) -> None:
    """Whoever is let in is proven by what the file holds, and is written as it is read."""
    known: tuple[KnownCaller, ...] = ()
    complaint = "none"
    try:
        known = parse_callers(raw)
    except CallersFileError as refused:
        complaint = str(refused)
    assert complaint
    for caller in known:
        assert isinstance(caller, KnownCaller)
        assert all(proof.encode() in raw for proof in (*caller.digests, *caller.certificates))
    assert parse_callers(render_callers(known)) == known


@pytest.fixture
def config_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Names a file of settings."""
    path = tmp_path / "settings.toml"
    monkeypatch.setenv(settings.CONFIG_FILE, str(path))
    return path


KEYS: Final = (*Settings.model_fields, "config_file", "x", "environment.x")


@fuzzed(400)
@given(raw=files(SETTINGS, KEYS))
def test_settings_are_read_or_refused(config_file: Path, raw: bytes) -> None:
    """A refusal names what is wrong, a line each."""
    config_file.write_bytes(raw)
    hold_settings()


def hold_settings() -> None:
    """Holds that settings are there, or what is wrong with which of them."""
    problems: list[str] | None = None
    try:
        settings.load()
    except SettingsError as refused:
        problems = refused.problems
    assert problems != []
    assert all(problem.startswith(settings.PREFIX) for problem in problems or ())


GOOD_VARIABLES: Final = (
    {
        "OVO_ENVIRONMENT": "development",
        "OVO_ALLOW_ANONYMOUS": "true",
        "OVO_MIDTRANS_SERVER_KEY": "key",
    },
    {"OVO_CALLERS_FILE": "/etc/callers.toml", "OVO_MIDTRANS_SERVER_KEY": "key"},
)
VALUES: Final = st.sampled_from(ODD) | st.text(
    st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20
)


@fuzzed(300)
@given(
    good=st.sampled_from(GOOD_VARIABLES),
    name=st.sampled_from([field.upper() for field in Settings.model_fields]),
    value=VALUES | st.sampled_from([odd.strip('"') for odd in ODD]),
)
def test_a_variable_is_read_or_refused(good: dict[str, str], name: str, value: str) -> None:
    """Any value of any variable beside the good ones."""
    with pytest.MonkeyPatch.context() as environment:
        for variable, text in {**good, f"{settings.PREFIX}{name}": value}.items():
            environment.setenv(variable, text)
        hold_settings()
