"""What DOKU says of links between customers and their OVO accounts, as updates."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ovo_payments.domain.binding import Binding
from ovo_payments.domain.failure import Failure, FailureReason
from ovo_payments.domain.secret import Secret
from ovo_payments.domain.update import BindingClaim, BindingUpdate, Source
from ovo_payments.providers.doku import wire
from ovo_payments.providers.doku.codes import Verdict
from ovo_payments.providers.doku.reply import Reply
from ovo_payments.providers.doku.tables import (
    BINDING_STATUSES,
    CLAIMS_OF_BINDING,
    CLAIMS_OF_UNBINDING,
    MESSAGES,
    NOT_PERMITTED,
)
from ovo_payments.providers.doku.wire import Document

AUTH_CODE: Final = "auth_code"
"""The durable handle of a link in `Binding.credentials`: handed out before the customer consents,
exchanged for customer's tokens as often as needed, worthless once unlinked."""

_NOT_PERMITTED_CODE: Final = "4030715"


def binding_from_answer(reply: Reply, binding: Binding) -> BindingUpdate:
    """Says what the answer to a request to link means."""
    claim = CLAIMS_OF_BINDING[reply.verdict]
    update = BindingUpdate(
        source=reply.source,
        claim=claim,
        failure=_failure(reply) if claim is BindingClaim.FAILED else None,
        provider_code=reply.code,
        detail=reply.detail,
    )
    if reply.verdict is not Verdict.ACCEPTED:
        return update
    if wire.text(reply.document, "additionalInfo", "custIdMerchant") not in {
        "",
        binding.customer_id,
    }:
        return replace(
            update, claim=BindingClaim.UNKNOWN, detail=f"{reply.detail}; another customer"
        )
    return replace(
        update,
        redirect_url=wire.page(reply.document, "redirectUrl"),
        credentials=_credentials(reply.document),
    )


def binding_from_unbinding(reply: Reply) -> BindingUpdate:
    """Says what the answer to a request to unlink means."""
    claim = CLAIMS_OF_UNBINDING[reply.verdict]
    return BindingUpdate(
        source=reply.source,
        claim=claim,
        failure=reply.failure() if claim is BindingClaim.FAILED else None,
        provider_code=reply.code,
        detail=reply.detail,
    )


def binding_from_notification(document: Document) -> BindingUpdate:
    """Says what an authentic binding notification means."""
    status = wire.text(document, "additionalInfo", "status")
    claim = BINDING_STATUSES.get(status.upper(), BindingClaim.UNKNOWN)
    failure = Failure(
        reason=FailureReason.REJECTED_BY_PROVIDER,
        message="The account was not linked: the customer or OVO refused.",
        provider_code=status[:16],
        retryable=True,
    )
    return BindingUpdate(
        source=Source.WEBHOOK,
        claim=claim,
        credentials=_credentials(document) if claim is BindingClaim.ACTIVE else None,
        failure=failure if claim is BindingClaim.FAILED else None,
        provider_code=status[:16],
        detail=f"binding notification: {status[:16] or 'no status'}",
    )


def _credentials(document: Document) -> Mapping[str, Secret] | None:
    auth_code = wire.text(document, "additionalInfo", "authCode")
    return {AUTH_CODE: Secret(auth_code)} if auth_code else None


def _failure(reply: Reply) -> Failure:
    failure = reply.failure()
    if reply.code != _NOT_PERMITTED_CODE:
        return failure
    told = wire.text(reply.document, "responseMessage").lower()
    for words, reason in NOT_PERMITTED:
        if words in told:
            return replace(failure, reason=reason, message=MESSAGES[reason])
    return failure
