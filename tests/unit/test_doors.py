"""The doors are opened as the settings say, or the start is stopped with the setting's name."""

from pathlib import Path

import pytest

from ovo_payments import settings
from ovo_payments.doors import Doors
from ovo_payments.settings import SettingsError
from ovo_payments.transport.grpc.server import GrpcLimits
from tests.authority import HERE, Authority

LIMITS = (
    "calls_at_once_max",
    "watches_at_once_max",
    "streams_per_connection_max",
    "caller_calls_per_second_max",
    "caller_calls_at_once_max",
    "caller_watches_at_once_max",
)


def opened(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Doors:
    """Opens the doors of a development service with these settings."""
    fixed = {"OVO_ENVIRONMENT": "development", "OVO_MIDTRANS_SERVER_KEY": "key"}
    for name, value in {**fixed, **variables}.items():
        monkeypatch.setenv(name, value)
    return Doors.of(settings.load())


@pytest.mark.parametrize("limit", LIMITS)
def test_each_limit_is_a_setting(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    """Of its own, and by default what the server's own default is."""
    assert opened(monkeypatch).limits == GrpcLimits()
    limits = opened(monkeypatch, **{f"OVO_{limit.upper()}": "7"}).limits
    assert limits == GrpcLimits(**{limit: 7})


def test_without_certificates_there_is_no_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing to read again."""
    doors = opened(monkeypatch)
    assert (doors.grpc_certificate, doors.http_certificate, doors.files) == (None, None, [])


@pytest.mark.parametrize("prefix", ["OVO_TLS", "OVO_HTTP_TLS"])
def test_a_pair_that_does_not_fit_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, prefix: str
) -> None:
    """Under the setting's name; a pair that fits does not."""
    authority = Authority(tmp_path)
    one, another = authority.issue("one", HERE), authority.issue("another", HERE)
    pair = {
        f"{prefix}_CERTIFICATE": str(one.certificate_file),
        f"{prefix}_PRIVATE_KEY": str(another.private_key_file),
    }
    with pytest.raises(SettingsError) as refused:
        opened(monkeypatch, **pair)
    assert refused.value.problems[0].startswith(f"{prefix}_CERTIFICATE: ")
    pair[f"{prefix}_PRIVATE_KEY"] = str(one.private_key_file)
    assert len(opened(monkeypatch, **pair).files) == 1


def test_an_authority_that_is_none_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Else nobody could ever connect."""
    identity = Authority(tmp_path).issue("one", HERE)
    with pytest.raises(SettingsError) as refused:
        opened(
            monkeypatch,
            OVO_TLS_CERTIFICATE=str(identity.certificate_file),
            OVO_TLS_PRIVATE_KEY=str(identity.private_key_file),
            OVO_TLS_CLIENT_CA=str(identity.private_key_file),
        )
    assert refused.value.problems[0].startswith("OVO_TLS_CERTIFICATE: ")


def test_a_callers_file_that_makes_no_sense_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With what is wrong in it."""
    path = tmp_path / "callers.toml"
    path.write_text("[[caller]]\nname = 'a'\n", encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        opened(monkeypatch, OVO_CALLERS_FILE=str(path))
    assert refused.value.problems[0].startswith(f"OVO_CALLERS_FILE: {path}: caller 1: `methods`")
