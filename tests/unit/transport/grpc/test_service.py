"""A version of a payment is encoded once, however many watch it."""

from dataclasses import replace

from ovo.payments.v1 import ovo_payments_pb2 as messages
from ovo_payments.application.call import Heartbeat
from ovo_payments.domain.payment import Checks
from ovo_payments.transport.grpc.codec import encode
from ovo_payments.transport.grpc.service import EncodedVersions
from tests.unit.transport.samples import FULL_PAYMENT, NOON, PAYMENT, minutes


def test_all_watchers_of_a_version_get_the_same_bytes() -> None:
    """Also where each read the payment for itself."""
    encoded = EncodedVersions()
    assert encoded.of(PAYMENT) is encoded.of(replace(PAYMENT))


def test_each_version_has_its_own_bytes() -> None:
    """And so has each payment."""
    encoded = EncodedVersions()
    for payment in (PAYMENT, replace(PAYMENT, version=2, late_success=True), FULL_PAYMENT):
        message = messages.WatchPaymentResponse.FromString(encoded.of(payment))
        assert message == encode.watch_payment_response(payment)


def test_the_next_check_may_change_within_a_version() -> None:
    """Asking is no change of the payment, and is told all the same."""
    encoded = EncodedVersions()
    for minute in (1, 2):
        payment = replace(PAYMENT, checks=Checks(next_check_time=minutes(minute)))
        message = messages.WatchPaymentResponse.FromString(encoded.of(payment))
        assert message.payment.next_check_time.ToDatetime(NOON.tzinfo) == minutes(minute)


def test_heartbeats_are_never_kept() -> None:
    """Each has its own time."""
    encoded = EncodedVersions()
    first, second = (encoded.of(Heartbeat(version=1, time=minutes(n))) for n in (1, 2))
    assert first != second


def test_what_is_kept_is_bounded() -> None:
    """A service that runs for a year keeps no more than one that runs for a minute."""
    encoded = EncodedVersions(kept_max=2)
    first = encoded.of(PAYMENT)
    for version in (2, 3):
        encoded.of(replace(PAYMENT, version=version))
    assert encoded.of(PAYMENT) == first
    assert encoded.of(PAYMENT) is not first
