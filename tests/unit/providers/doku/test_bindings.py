"""What DOKU's words mean for a link."""

from typing import Any

import pytest

from ovo_payments.domain.failure import FailureReason
from ovo_payments.domain.secret import Secret
from ovo_payments.domain.update import BindingClaim, BindingUpdate, Source
from ovo_payments.providers.doku.bindings import (
    binding_from_answer,
    binding_from_notification,
    binding_from_unbinding,
)
from ovo_payments.providers.doku.codes import Service
from ovo_payments.providers.doku.reply import Reply, not_sent, read_answer
from ovo_payments.providers.doku.wire import encode
from tests.unit.providers.doku.merchant import AUTH_CODE, binding

PAGE = "https://sandbox.doku.com/direct-debit/ui/binding/core/2238"


def reply(service: Service, code: str, message: str = "Told", **fields: Any) -> Reply:  # noqa: ANN401 - JSON
    """Reads an answer."""
    body = encode({"responseCode": code, "responseMessage": message, **fields})
    return read_answer(int(code[:3]), body, service)


def bound(code: str, message: str = "Told", **fields: Any) -> BindingUpdate:  # noqa: ANN401 - JSON
    """Says what an answer to a request to link means."""
    return binding_from_answer(reply(Service.ACCOUNT_BINDING, code, message, **fields), binding())


def notified(status: object, **info: object) -> BindingUpdate:
    """Says what a notification means."""
    return binding_from_notification(
        {"originalExternalId": "1", "additionalInfo": {"status": status, **info}}
    )


@pytest.mark.parametrize("customer", [{"custIdMerchant": "customer-1"}, {}])
def test_a_link_begins_with_a_page_and_an_auth_code(customer: dict[str, str]) -> None:
    """The customer goes to the page; the code is worth nothing until then."""
    update = bound("2000700", redirectUrl=PAGE, additionalInfo={**customer, "authCode": AUTH_CODE})
    assert (update.claim, update.source) == (BindingClaim.PENDING, Source.ANSWER)
    assert update.redirect_url == PAGE
    assert update.credentials == {"auth_code": Secret(AUTH_CODE)}


def test_a_link_of_another_customer_is_not_ours() -> None:
    """Its auth code is not kept: a debit uses the right customer's token or none."""
    info = {"custIdMerchant": "customer-2", "authCode": AUTH_CODE}
    update = bound("2000700", redirectUrl=PAGE, additionalInfo=info)
    assert update.claim is BindingClaim.UNKNOWN
    assert update.credentials is None


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("OVO account already registered by another customer", FailureReason.ALREADY_BOUND),
        ("Account Already Registered", FailureReason.ALREADY_BOUND),
        ("OVO account blocked temporary", FailureReason.ACCOUNT_RESTRICTED),
        (
            "OVO account not available please register to ovo",
            FailureReason.ACCOUNT_NOT_FOUND,
        ),
        ("something new", FailureReason.ACCOUNT_RESTRICTED),
    ],
)
def test_a_link_that_is_not_permitted_says_why(message: str, reason: FailureReason) -> None:
    """One code serves four reasons, which differ in their words alone."""
    update = bound("4030715", f"Transaction Not Permitted. {message}")
    assert update.claim is BindingClaim.FAILED
    assert update.failure is not None
    assert (update.failure.reason, update.failure.provider_code) == (reason, "4030715")


@pytest.mark.parametrize(
    ("code", "claim"),
    [
        ("2020700", BindingClaim.PENDING),
        ("4000701", BindingClaim.FAILED),
        ("4010700", BindingClaim.NOT_SENT),
        ("4040711", BindingClaim.FAILED),
        ("4090700", BindingClaim.UNKNOWN),
        ("4290700", BindingClaim.NOT_SENT),
        ("5000700", BindingClaim.UNKNOWN),
        ("5040700", BindingClaim.UNKNOWN),
    ],
)
def test_every_answer_to_a_request_to_link_has_its_meaning(code: str, claim: BindingClaim) -> None:
    """A link fails with a reason, or nothing is claimed of it."""
    update = bound(code)
    assert update.claim is claim
    assert (update.failure is not None) is (claim is BindingClaim.FAILED)


@pytest.mark.parametrize(
    ("code", "claim"),
    [
        ("2000900", BindingClaim.UNBOUND),
        ("2020900", BindingClaim.UNKNOWN),
        ("4010902", BindingClaim.UNBOUND),
        ("4010904", BindingClaim.UNBOUND),
        ("4000901", BindingClaim.FAILED),
        ("4010900", BindingClaim.NOT_SENT),
        ("5000900", BindingClaim.UNKNOWN),
    ],
)
def test_every_answer_to_a_request_to_unlink_has_its_meaning(
    code: str, claim: BindingClaim
) -> None:
    """A customer's token that is gone means that the account is unlinked already."""
    assert binding_from_unbinding(reply(Service.ACCOUNT_UNBINDING, code)).claim is claim


def test_an_unlinking_that_never_left_was_not_sent() -> None:
    """The link stays."""
    assert binding_from_unbinding(not_sent("down")).claim is BindingClaim.NOT_SENT


def test_a_notified_link_holds_its_auth_code() -> None:
    """SUCCESS makes it active."""
    update = notified("SUCCESS", authCode=AUTH_CODE)
    assert (update.claim, update.source) == (BindingClaim.ACTIVE, Source.WEBHOOK)
    assert update.credentials == {"auth_code": Secret(AUTH_CODE)}


def test_a_notified_link_without_a_code_keeps_what_is_known() -> None:
    """None said, none taken away."""
    update = notified("SUCCESS")
    assert update.claim is BindingClaim.ACTIVE
    assert update.credentials is None


@pytest.mark.parametrize(
    ("status", "claim"),
    [
        ("PENDING", BindingClaim.PENDING),
        ("FAILED", BindingClaim.FAILED),
        ("failed", BindingClaim.FAILED),
        ("", BindingClaim.UNKNOWN),
        (None, BindingClaim.UNKNOWN),
        ("ELSE", BindingClaim.UNKNOWN),
    ],
)
def test_every_notified_status_has_its_meaning(status: object, claim: BindingClaim) -> None:
    """What stands in no table claims nothing."""
    update = notified(status, authCode=AUTH_CODE)
    assert update.claim is claim
    assert (update.failure is not None) is (claim is BindingClaim.FAILED)
    assert update.credentials is None


def test_no_update_shows_its_auth_code() -> None:
    """Not in a repr, not in the detail."""
    update = notified("SUCCESS", authCode=AUTH_CODE)
    assert AUTH_CODE not in repr(update)
