"""Who may come in, what we show there, how much each may take up, and where customers go back to.

As the settings say.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ovo_payments.application.return_urls import ReturnUrls
from ovo_payments.application.url_prefix import UrlPrefix, UrlPrefixError
from ovo_payments.rereading import WatchedFiles
from ovo_payments.settings import Settings, SettingsError
from ovo_payments.transport.grpc.authentication import Callers
from ovo_payments.transport.grpc.callers_file import parse_callers
from ovo_payments.transport.grpc.server import GrpcLimits
from ovo_payments.transport.grpc.tls import ServerCertificate
from ovo_payments.transport.http.senders import NetworkFormatError, Senders, read_networks
from ovo_payments.transport.http.tls import SidecarCertificate


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What both transports are opened with."""

    callers: Callers
    limits: GrpcLimits
    grpc_certificate: ServerCertificate | None
    http_certificate: SidecarCertificate | None
    senders: Senders
    return_urls: ReturnUrls
    files: Sequence[WatchedFiles]
    """What all of this was read from, to be looked at again."""

    @classmethod
    def of(cls, settings: Settings) -> "Doors":
        """Reads the files that the settings name. Raises SettingsError."""
        callers = Callers(allow_anonymous=settings.allow_anonymous)
        grpc_certificate = _grpc_certificate(settings)
        http_certificate = _http_certificate(settings)
        files = []
        if settings.callers_file is not None:

            def know(contents: Sequence[bytes]) -> None:
                callers.replace(parse_callers(contents[0]))

            files.append(WatchedFiles("OVO_CALLERS_FILE", [settings.callers_file], know))
        for name, certificate in (
            ("OVO_TLS_CERTIFICATE", grpc_certificate),
            ("OVO_HTTP_TLS_CERTIFICATE", http_certificate),
        ):
            if certificate is not None:
                files.append(WatchedFiles(name, certificate.paths, certificate.use))
        for watched in files:
            _look(watched)
        return cls(
            callers=callers,
            limits=_limits(settings),
            grpc_certificate=grpc_certificate,
            http_certificate=http_certificate,
            senders=_senders(settings),
            return_urls=_return_urls(settings),
            files=files,
        )


def _grpc_certificate(settings: Settings) -> ServerCertificate | None:
    if settings.tls_certificate is None or settings.tls_private_key is None:
        return None
    return ServerCertificate(
        settings.tls_certificate, settings.tls_private_key, settings.tls_client_ca
    )


def _http_certificate(settings: Settings) -> SidecarCertificate | None:
    if settings.http_tls_certificate is None or settings.http_tls_private_key is None:
        return None
    return SidecarCertificate(settings.http_tls_certificate, settings.http_tls_private_key)


def _look(watched: WatchedFiles) -> None:
    try:
        watched.look()
    except (OSError, ValueError) as error:
        named = ", ".join(str(path) for path in watched.paths)
        raise SettingsError([f"{watched.setting}: {named}: {error}"]) from error


def _limits(settings: Settings) -> GrpcLimits:
    return GrpcLimits(
        calls_at_once_max=settings.calls_at_once_max,
        watches_at_once_max=settings.watches_at_once_max,
        streams_per_connection_max=settings.streams_per_connection_max,
        caller_calls_per_second_max=settings.caller_calls_per_second_max,
        caller_calls_at_once_max=settings.caller_calls_at_once_max,
        caller_watches_at_once_max=settings.caller_watches_at_once_max,
    )


def _return_urls(settings: Settings) -> ReturnUrls:
    texts = settings.return_url_prefixes.replace(",", " ").split()
    try:
        return ReturnUrls([UrlPrefix.parse(text) for text in texts])
    except UrlPrefixError as error:
        raise SettingsError([f"OVO_RETURN_URL_PREFIXES: {error}"]) from error


def _senders(settings: Settings) -> Senders:
    read = {}
    for variable, text in (
        ("OVO_WEBHOOK_ADDRESSES", settings.webhook_addresses),
        ("OVO_TRUSTED_PROXIES", settings.trusted_proxies),
    ):
        try:
            read[variable] = read_networks(text)
        except NetworkFormatError as error:
            raise SettingsError([f"{variable}: {error}"]) from error
    return Senders(allowed=read["OVO_WEBHOOK_ADDRESSES"], proxies=read["OVO_TRUSTED_PROXIES"])
