"""Settings: `OVO_*` variables or a TOML file named by `OVO_CONFIG_FILE`; wrong ones stop all.

Every secret may also be given as `…_FILE`, the path of a file that holds it. The environment
wins over files, and files over the TOML file.
"""

import os
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from ovo_payments.production import production_problems

PREFIX: Final = "OVO_"
CONFIG_FILE: Final = "OVO_CONFIG_FILE"
_FILE: Final = "_FILE"
_ADDRESS: Final = re.compile(r"(?P<host>\[[0-9a-fA-F:]+\]|[^:\s]+):(?P<port>[0-9]{1,5})")
_PORT_MAX: Final = 65535


class SettingsError(Exception):
    """Settings that can't be used; each line names a variable and what is wrong with it."""

    def __init__(self, problems: list[str]) -> None:
        """Keeps the problems, one line each."""
        super().__init__("\n".join(problems))
        self.problems = problems


class Environment(StrEnum):
    """Where the service runs; production refuses what only development needs."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"


@dataclass(frozen=True, slots=True)
class Address:
    """Where something listens; port 0 picks one."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: object) -> "Address":
        """Reads `host:port`."""
        if isinstance(text, Address):
            return text
        match = _ADDRESS.fullmatch(text) if isinstance(text, str) else None
        if match is None or int(match["port"]) > _PORT_MAX:
            message = "must be host:port, for example 127.0.0.1:50051"
            raise ValueError(message)
        return cls(match["host"].strip("[]"), int(match["port"]))

    def __str__(self) -> str:
        """Writes `host:port`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


_Kind = TypeVar("_Kind", bound="_Sourced")

Listen = Annotated[Address, NoDecode, BeforeValidator(Address.parse)]


def _base_url(text: str) -> str:
    """Checks the address of a provider: nothing could ever be sent to a wrong one."""
    message = "must be an address such as https://api.example.com, without a user or a query"
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"https", "http"} and parts.hostname and parts.port != 0
    except ValueError:
        raise ValueError(message) from None
    if not usable or not text.isprintable() or set(text) & set("@?# "):
        raise ValueError(message)
    return text


BaseUrl = Annotated[str, AfterValidator(_base_url)]


class _Sourced(BaseSettings):
    """Reads the environment, secret files and the TOML file, in this order."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, validate_default=True, env_ignore_empty=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Orders the sources; a `.env` file is not read, since nobody would look for it there."""
        del dotenv_settings, file_secret_settings
        toml_file = os.environ.get(CONFIG_FILE)
        return (
            init_settings,
            env_settings,
            _SecretFiles(settings_cls),
            TomlConfigSettingsSource(settings_cls, Path(toml_file) if toml_file else None),
        )


class DatabaseSettings(_Sourced):
    """Where the database is, and what it is sealed with."""

    environment: Environment = Environment.PRODUCTION

    database_url: SecretStr = SecretStr("sqlite:///ovo-payments.db")
    """A secret, since that of PostgreSQL may hold a password."""
    encryption_keys: SecretStr | None = None


class ListenSettings(_Sourced):
    """Where the service listens, and what it shows there."""

    grpc_listen: Listen = Address("127.0.0.1", 50051)
    http_listen: Listen = Address("127.0.0.1", 8080)
    tls_certificate: Path | None = None
    tls_private_key: Path | None = None
    tls_client_ca: Path | None = None
    http_tls_certificate: Path | None = None
    http_tls_private_key: Path | None = None


class CallersSettings(_Sourced):
    """Who may call."""

    callers_file: Path | None = None


class Settings(DatabaseSettings, ListenSettings, CallersSettings):
    """How the service runs."""

    model_config = SettingsConfigDict(extra="forbid")

    shutdown_grace_s: float = Field(default=20.0, ge=0, le=600)

    midtrans_base_url: BaseUrl = "https://api.midtrans.com"
    midtrans_server_key: SecretStr | None = None
    midtrans_previous_server_key: SecretStr | None = None
    midtrans_merchant_id: str = ""
    midtrans_refund_confirmation: Literal["bank", "approved"] = "bank"
    midtrans_not_found_is_final: bool = True

    doku_base_url: BaseUrl = "https://api.doku.com"
    doku_client_id: str = ""
    doku_client_secret: SecretStr | None = None
    doku_private_key: SecretStr | None = None
    doku_public_key: SecretStr | None = None
    doku_previous_public_key: SecretStr | None = None
    doku_notification_secret: SecretStr | None = None
    doku_previous_notification_secret: SecretStr | None = None
    doku_not_found_is_final: bool = False
    doku_status_service_code: Literal["54", "55"] = "54"

    return_url_prefixes: str = ""
    webhook_addresses: str = ""
    trusted_proxies: str = ""

    allow_anonymous: bool = False
    allow_plaintext: bool = False
    http_allow_plaintext: bool = False
    reflection: bool | None = None

    calls_at_once_max: int = Field(default=2_000, ge=1)
    watches_at_once_max: int = Field(default=20_000, ge=1)
    streams_per_connection_max: int = Field(default=1_000, ge=1)
    caller_calls_per_second_max: int = Field(default=1_000, ge=1)
    caller_calls_at_once_max: int = Field(default=1_000, ge=1)
    caller_watches_at_once_max: int = Field(default=10_000, ge=1)

    log_format: Literal["", "json", "text"] = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def serves_reflection(self) -> bool:
        """Whether callers may read the contract from the server: by default in development."""
        if self.reflection is None:
            return self.environment is Environment.DEVELOPMENT
        return self.reflection

    @property
    def serves_doku(self) -> bool:
        """Whether DOKU is configured."""
        return bool(self.doku_client_id) and self.doku_client_secret is not None

    @property
    def serves_midtrans(self) -> bool:
        """Whether Midtrans is configured."""
        return self.midtrans_server_key is not None

    @model_validator(mode="after")
    def _checked(self) -> "Settings":
        problems = [*_doku_problems(self), *_tls_problems(self)]
        if not self.serves_midtrans and not self.serves_doku:
            problems.append(
                "OVO_MIDTRANS_SERVER_KEY or OVO_DOKU_CLIENT_ID must be set: no provider is on"
            )
        if self.environment is Environment.PRODUCTION:
            problems += production_problems(self)
        if problems:
            raise SettingsError(problems)
        return self


class _SecretFiles(EnvSettingsSource):
    """Reads `OVO_X_FILE` for every secret `OVO_X`."""

    def __call__(self) -> dict[str, Any]:
        """Gives the secrets that files hold."""
        found: dict[str, Any] = {}
        for field in _secret_fields():
            variable = f"{PREFIX}{field.upper()}{_FILE}"
            path = os.environ.get(variable)
            if path:
                try:
                    found[field] = Path(path).read_text(encoding="utf-8").strip()
                except (OSError, UnicodeDecodeError) as error:
                    raise SettingsError([f"{variable}: can't be read: {error}"]) from error
        return found


def file_of(secret: str) -> Path | None:
    """Gives the file that holds a secret setting; None where the setting is not read from one."""
    variable = f"{PREFIX}{secret.upper()}"
    path = os.environ.get(f"{variable}{_FILE}")
    return Path(path) if path and not os.environ.get(variable) else None


def load() -> Settings:
    """Reads the settings. Raises SettingsError, with a line for each variable that is wrong."""
    known = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields}
    known |= {f"{PREFIX}{field.upper()}{_FILE}" for field in _secret_fields()} | {CONFIG_FILE}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise SettingsError([f"{name}: is no setting of this service" for name in unknown])
    toml_file = os.environ.get(CONFIG_FILE)
    if toml_file and not Path(toml_file).is_file():
        raise SettingsError([f"{CONFIG_FILE}: no such file: {toml_file}"])
    return read(Settings)


def read(kind: type[_Kind]) -> _Kind:
    """Reads some of the settings. Raises SettingsError."""
    try:
        return kind()
    except ValidationError as error:
        problems = [
            _sentence(str(problem["loc"][0]), problem["msg"])
            for problem in error.errors(include_input=False, include_url=False)
        ]
        raise SettingsError(problems) from None
    except (ValueError, RecursionError) as error:
        raise SettingsError([f"{CONFIG_FILE}: {error}"]) from error


def _sentence(field: str, message: str) -> str:
    if message == "Extra inputs are not permitted":
        message = "is no setting of this service"
    return f"{PREFIX}{field.upper()}: {message.removeprefix('Value error, ')}"


def _secret_fields() -> list[str]:
    return [
        field
        for field, information in Settings.model_fields.items()
        if "SecretStr" in str(information.annotation)
    ]


def _doku_problems(settings: Settings) -> list[str]:
    needed = {
        "OVO_DOKU_CLIENT_ID": settings.doku_client_id,
        "OVO_DOKU_CLIENT_SECRET": settings.doku_client_secret,
        "OVO_DOKU_PRIVATE_KEY": settings.doku_private_key,
        "OVO_DOKU_PUBLIC_KEY": settings.doku_public_key,
    }
    if not any(needed.values()):
        return []
    return [f"{name}: is needed for DOKU" for name, value in needed.items() if not value]


def _tls_problems(settings: Settings) -> list[str]:
    """Tells of halves: a certificate without its key, an authority without a certificate."""
    problems = []
    for name, certificate, private_key in (
        ("OVO_TLS", settings.tls_certificate, settings.tls_private_key),
        ("OVO_HTTP_TLS", settings.http_tls_certificate, settings.http_tls_private_key),
    ):
        if private_key is None and certificate is not None:
            problems.append(f"{name}_PRIVATE_KEY: is needed for {name}_CERTIFICATE")
        if certificate is None and private_key is not None:
            problems.append(f"{name}_CERTIFICATE: is needed for {name}_PRIVATE_KEY")
    if settings.tls_client_ca is not None and settings.tls_certificate is None:
        problems.append("OVO_TLS_CERTIFICATE: is needed for OVO_TLS_CLIENT_CA")
    return problems
