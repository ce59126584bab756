"""Settings: wrong ones stop the start and name the variable."""

from pathlib import Path

import pytest

from ovo_payments import settings
from ovo_payments.public_keys import DOKU_CLIENT_ID, DOKU_CLIENT_SECRET
from ovo_payments.settings import Address, Environment, SettingsError
from ovo_sandbox.config import SandboxConfig
from tests.sealing import KEYS_TEXT

PRODUCTION = {
    "OVO_MIDTRANS_SERVER_KEY": "Mid-server-key",
    "OVO_CALLERS_FILE": "callers.toml",
    "OVO_ENCRYPTION_KEYS": KEYS_TEXT,
}


def load(monkeypatch: pytest.MonkeyPatch, **variables: str) -> settings.Settings:
    """Loads the settings from these variables alone."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return settings.load()


def problems(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    """Loads settings that are refused, and gives the refusal."""
    with pytest.raises(SettingsError) as caught:
        load(monkeypatch, **variables)
    return "\n".join(caught.value.problems)


def test_production_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody forgets to switch it on."""
    loaded = load(monkeypatch, **PRODUCTION)
    assert loaded.environment is Environment.PRODUCTION
    assert loaded.grpc_listen == Address("127.0.0.1", 50051)
    assert not loaded.serves_reflection
    assert loaded.serves_midtrans
    assert not loaded.serves_doku


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OVO_GRPC_LISTEN", "50051"),
        ("OVO_HTTP_LISTEN", "localhost:99999"),
        ("OVO_ENVIRONMENT", "staging"),
        ("OVO_LOG_LEVEL", "loud"),
        ("OVO_LOG_FORMAT", "xml"),
        ("OVO_ALLOW_ANONYMOUS", "perhaps"),
        ("OVO_SHUTDOWN_GRACE_S", "-1"),
        ("OVO_MIDTRANS_REFUND_CONFIRMATION", "never"),
        ("OVO_DOKU_STATUS_SERVICE_CODE", "53"),
        ("OVO_MIDTRANS_SEVER_KEY", "mistyped"),
        ("OVO_MIDTRANS_SERVER_KEY_FILE", "/nowhere/key"),
        ("OVO_CONFIG_FILE", "/nowhere/config.toml"),
        # Production takes none of these.
        ("OVO_ALLOW_ANONYMOUS", "true"),
        ("OVO_MIDTRANS_BASE_URL", "https://api.sandbox.midtrans.com"),
        ("OVO_MIDTRANS_BASE_URL", "https://127.0.0.1"),
        ("OVO_MIDTRANS_BASE_URL", "https://localhost:8081"),
        ("OVO_DOKU_BASE_URL", "http://api.doku.com"),
        ("OVO_DOKU_BASE_URL", "https://api-sandbox.doku.com"),
        ("OVO_MIDTRANS_SERVER_KEY", "SB-Mid-server-key"),
        ("OVO_DOKU_NOTIFICATION_SECRET", DOKU_CLIENT_SECRET),
        # Half a provider.
        ("OVO_DOKU_CLIENT_SECRET", "secret"),
        ("OVO_CALLER_CALLS_PER_SECOND_MAX", "0"),
    ],
)
def test_a_wrong_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """The refusal begins with the variable, and shows no secret."""
    told = problems(monkeypatch, **{**PRODUCTION, variable: value})
    if variable == "OVO_DOKU_CLIENT_SECRET":
        assert "OVO_DOKU_CLIENT_ID: " in told
    else:
        assert f"{variable}: " in told
    assert "Mid-server-key" not in told


@pytest.mark.parametrize(
    "url",
    [
        "api.doku.com",
        "ftp://api.doku.com",
        "https://",
        "https://api.doku.com:99999",
        "https://api.doku.com:0",
        "https://user:word@api.doku.com",
        "https://api.doku.com?key=1",
        "https://api.doku.com/#",
        "https://api doku.com",
        "https://[::1",
    ],
)
def test_an_address_to_which_nothing_can_be_sent_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """Also in development: each payment would be left in doubt by an error of the operator's."""
    told = problems(
        monkeypatch,
        OVO_ENVIRONMENT="development",
        OVO_MIDTRANS_SERVER_KEY="key",
        OVO_DOKU_BASE_URL=url,
    )
    assert told.startswith("OVO_DOKU_BASE_URL: must be an address")
    assert "word" not in told


@pytest.mark.parametrize("listen", ["0.0.0.0:50051", "10.1.2.3:50051", "[::]:50051", "pay:1"])
@pytest.mark.parametrize(
    ("door", "certificate", "unless"),
    [
        ("OVO_GRPC_LISTEN", "OVO_TLS_CERTIFICATE", "OVO_ALLOW_PLAINTEXT"),
        ("OVO_HTTP_LISTEN", "OVO_HTTP_TLS_CERTIFICATE", "OVO_HTTP_ALLOW_PLAINTEXT"),
    ],
)
def test_production_sends_nothing_in_clear_beyond_loopback_unless_told_to(
    monkeypatch: pytest.MonkeyPatch, listen: str, door: str, certificate: str, unless: str
) -> None:
    """The refusal names what mends it; TLS does, and so does a word that something else seals."""
    asked = {**PRODUCTION, door: listen}
    told = problems(monkeypatch, **asked)
    assert told.startswith(f"{certificate}: ")
    assert unless in told
    load(monkeypatch, **asked, **{unless: "true"})
    monkeypatch.delenv(unless)
    private_key = certificate.replace("CERTIFICATE", "PRIVATE_KEY")
    load(monkeypatch, **asked, **{certificate: "c.pem", private_key: "k.pem"})


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "[::1]:50051", "localhost:50051"])
def test_loopback_needs_no_tls(monkeypatch: pytest.MonkeyPatch, listen: str) -> None:
    """What is sent there reaches no network."""
    assert str(load(monkeypatch, **PRODUCTION, OVO_GRPC_LISTEN=listen).grpc_listen) == listen


@pytest.mark.parametrize(
    "client",
    [
        (DOKU_CLIENT_ID, DOKU_CLIENT_SECRET),
        (SandboxConfig().doku_client_id, SandboxConfig().doku_client_secret),
    ],
)
def test_production_takes_no_key_that_everybody_knows(
    monkeypatch: pytest.MonkeyPatch, client: tuple[str, str]
) -> None:
    """Neither those of `ovo-payments dev` nor the stand-ins' own; none is shown."""
    client_id, secret = client
    told = problems(
        monkeypatch,
        **PRODUCTION,
        OVO_DOKU_CLIENT_ID=client_id,
        OVO_DOKU_CLIENT_SECRET=secret,
        OVO_DOKU_PRIVATE_KEY="key",
        OVO_DOKU_PUBLIC_KEY="key",
    )
    named = {line.partition(":")[0] for line in told.splitlines()}
    assert named == {"OVO_DOKU_CLIENT_ID", "OVO_DOKU_CLIENT_SECRET"}
    assert secret not in told


def test_reflection_is_off_in_production_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """And on in development unless not."""
    assert not load(monkeypatch, **PRODUCTION).serves_reflection
    assert load(monkeypatch, **PRODUCTION, OVO_REFLECTION="true").serves_reflection
    monkeypatch.delenv("OVO_REFLECTION")
    assert load(monkeypatch, **PRODUCTION, OVO_ENVIRONMENT="development").serves_reflection


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ("OVO_TLS_CERTIFICATE", "OVO_TLS_PRIVATE_KEY"),
        ("OVO_TLS_PRIVATE_KEY", "OVO_TLS_CERTIFICATE"),
        ("OVO_TLS_CLIENT_CA", "OVO_TLS_CERTIFICATE"),
        ("OVO_HTTP_TLS_CERTIFICATE", "OVO_HTTP_TLS_PRIVATE_KEY"),
        ("OVO_HTTP_TLS_PRIVATE_KEY", "OVO_HTTP_TLS_CERTIFICATE"),
    ],
)
def test_half_a_certificate_is_refused(
    monkeypatch: pytest.MonkeyPatch, given: str, missing: str
) -> None:
    """Also in development: whoever gives a half means to have TLS."""
    told = problems(monkeypatch, **PRODUCTION, OVO_ENVIRONMENT="development", **{given: "file.pem"})
    assert told == f"{missing}: is needed for {given}"


def test_everything_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever mends the settings mends them in one go."""
    told = problems(monkeypatch, OVO_GRPC_LISTEN="x", OVO_LOG_LEVEL="y")
    assert "OVO_GRPC_LISTEN" in told
    assert "OVO_LOG_LEVEL" in told


def test_a_service_without_providers_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """It could do nothing."""
    assert "OVO_MIDTRANS_SERVER_KEY" in problems(monkeypatch, OVO_CALLERS_FILE="callers.toml")


def test_production_needs_its_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or it would refuse everybody."""
    told = problems(monkeypatch, OVO_MIDTRANS_SERVER_KEY="Mid-server-key")
    assert "OVO_CALLERS_FILE: " in told


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the line's end."""
    (tmp_path / "key").write_text("from-a-file\n")
    loaded = load(
        monkeypatch,
        OVO_CALLERS_FILE="callers.toml",
        OVO_ENCRYPTION_KEYS=KEYS_TEXT,
        OVO_MIDTRANS_SERVER_KEY_FILE=str(tmp_path / "key"),
    )
    assert loaded.midtrans_server_key is not None
    assert loaded.midtrans_server_key.get_secret_value() == "from-a-file"
    assert "from-a-file" not in repr(loaded)


def test_the_environment_wins_over_the_toml_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The file holds what the environment does not say."""
    (tmp_path / "ovo.toml").write_text(
        'midtrans_server_key = "key"\nlog_level = "debug"\nhttp_listen = "127.0.0.1:80"\n'
    )
    loaded = load(
        monkeypatch,
        OVO_CALLERS_FILE="callers.toml",
        OVO_ENCRYPTION_KEYS=KEYS_TEXT,
        OVO_CONFIG_FILE=str(tmp_path / "ovo.toml"),
        OVO_LOG_LEVEL="error",
    )
    assert loaded.log_level == "error"
    assert loaded.http_listen == Address("127.0.0.1", 80)


@pytest.mark.parametrize(
    "text",
    [
        *("grpc_listn = 1", "[database]\nurl = 1", "not toml", "grpc_listen = 50051"),
        *(f"n = {'9' * 5_000}", f"n = {'[' * 5_000}"),
    ],
)
def test_a_wrong_toml_file_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    """A key that is no setting, a table, or no TOML at all."""
    (tmp_path / "ovo.toml").write_text(text)
    assert problems(monkeypatch, **PRODUCTION, OVO_CONFIG_FILE=str(tmp_path / "ovo.toml"))


def test_production_needs_the_keys_that_seal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is ever written in the clear, and no key is made that nobody keeps."""
    without = {name: text for name, text in PRODUCTION.items() if name != "OVO_ENCRYPTION_KEYS"}

    assert "OVO_ENCRYPTION_KEYS: production needs" in problems(monkeypatch, **without)
