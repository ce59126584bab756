"""Reads each provider's configuration out of the settings; None where a provider is off."""

from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from pydantic import SecretStr

from ovo_payments.domain.secret import Secret
from ovo_payments.providers import doku, midtrans
from ovo_payments.settings import Settings, SettingsError


def provider_configs(settings: Settings) -> Mapping[str, object | None]:
    """Gives the configurations by provider. Raises SettingsError for keys that can't be used."""
    return {doku.NAME: _doku(settings), midtrans.NAME: _midtrans(settings)}


def _midtrans(settings: Settings) -> midtrans.MidtransConfig | None:
    if settings.midtrans_server_key is None:
        return None
    return midtrans.MidtransConfig(
        server_key=_secret(settings.midtrans_server_key),
        previous_server_key=_optional(settings.midtrans_previous_server_key),
        base_url=settings.midtrans_base_url,
        merchant_id=settings.midtrans_merchant_id,
        refund_confirmation=midtrans.RefundConfirmation(settings.midtrans_refund_confirmation),
        not_found_is_final=settings.midtrans_not_found_is_final,
    )


def _doku(settings: Settings) -> doku.DokuConfig | None:
    client_secret = settings.doku_client_secret
    private_key, public_key = settings.doku_private_key, settings.doku_public_key
    # `Settings` takes all of them or none.
    if client_secret is None or private_key is None or public_key is None:
        return None
    try:
        own_key = doku.read_private_key(_secret(private_key))
    except doku.UnusableKeyError as error:
        raise SettingsError([f"OVO_DOKU_PRIVATE_KEY: {error}"]) from error
    previous = settings.doku_previous_public_key
    return doku.DokuConfig(
        client_id=settings.doku_client_id,
        client_secret=_secret(client_secret),
        private_key=own_key,
        doku_public_key=_public_key("OVO_DOKU_PUBLIC_KEY", public_key),
        doku_previous_public_key=(
            _public_key("OVO_DOKU_PREVIOUS_PUBLIC_KEY", previous) if previous else None
        ),
        base_url=settings.doku_base_url,
        notification_secret=_optional(settings.doku_notification_secret),
        previous_notification_secret=_optional(settings.doku_previous_notification_secret),
        not_found_is_final=settings.doku_not_found_is_final,
        status_service_code=settings.doku_status_service_code,
    )


def _public_key(setting: str, pem: SecretStr) -> RSAPublicKey:
    try:
        return doku.read_public_key(pem.get_secret_value())
    except doku.UnusableKeyError as error:
        raise SettingsError([f"{setting}: {error}"]) from error


def _optional(value: SecretStr | None) -> Secret | None:
    return _secret(value) if value else None


def _secret(value: SecretStr) -> Secret:
    return Secret(value.get_secret_value())
