"""Callers are who their tokens and certificates prove them to be, and do what they may."""

from typing import Final

import pytest

from ovo_payments.application.call import Caller
from ovo_payments.domain.errors import PermissionDeniedError, UnauthenticatedError
from ovo_payments.transport.grpc.access import METHODS
from ovo_payments.transport.grpc.authentication import Callers, Proof, proof_of
from ovo_payments.transport.grpc.callers_file import (
    ANONYMOUS,
    KnownCaller,
    new_token,
    token_digest,
)

SHOP: Final = KnownCaller(
    caller=Caller(name="shop", scope="shop"),
    digests=(token_digest("old token"), token_digest("new token")),
    certificates=("spiffe://shop.example/checkout", "dns:checkout.internal"),
)
REPORTS: Final = KnownCaller(
    caller=Caller(name="reports", scope="shop"),
    digests=(token_digest("reports token"),),
    certificates=("dns:reports.internal",),
    methods=frozenset({"GetStatus"}),
)
NOBODY: Final = Proof()


def bearer(token: str) -> Proof:
    """Proves by a token."""
    return proof_of(f"Bearer {token}")


@pytest.fixture
def callers() -> Callers:
    """Two of one scope."""
    return Callers([SHOP, REPORTS])


@pytest.mark.parametrize("token", ["new token", "old token"])
def test_each_token_of_a_caller_proves_it(callers: Callers, token: str) -> None:
    """Two are good while one is being replaced."""
    assert callers.identify(bearer(token), "Charge") == SHOP.caller
    assert callers.identify(proof_of(f"bearer {token}"), "Charge") == SHOP.caller


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", "new token", "Basic new token"],
)
def test_who_proves_nothing_is_refused(callers: Callers, authorization: str | None) -> None:
    """No token, a wrong one, another scheme."""
    with pytest.raises(UnauthenticatedError):
        callers.identify(proof_of(authorization), "Charge")


def test_a_digest_is_no_token(callers: Callers) -> None:
    """Who reads the callers file can't call."""
    with pytest.raises(UnauthenticatedError):
        callers.identify(bearer(SHOP.digests[0]), "Charge")


def test_a_digest_that_begins_alike_is_compared_to_its_end() -> None:
    """What finds a caller by the beginning proves nothing yet."""
    right = token_digest("token")
    alike = KnownCaller(caller=SHOP.caller, digests=(right[:16] + "0" * 48,))
    with pytest.raises(UnauthenticatedError):
        Callers([alike]).identify(bearer("token"), "Charge")


def test_no_token_is_kept(callers: Callers) -> None:
    """Whoever looks into the service finds digests, also of a stream that is open."""
    token = new_token()
    callers.replace([KnownCaller(caller=SHOP.caller, digests=(token_digest(token),))])
    proof = bearer(token)
    assert callers.identify(proof, "Charge") == SHOP.caller
    assert token not in repr(proof) + repr(vars(callers))


@pytest.mark.parametrize("name", ["spiffe://shop.example/checkout", "dns:checkout.internal"])
def test_a_certificate_proves_a_caller_without_a_token(callers: Callers, name: str) -> None:
    """By any one of its names."""
    proof = Proof(certificate=("dns:another.internal", name))
    assert callers.identify(proof, "Charge") == SHOP.caller


def test_a_certificate_that_nobody_named_proves_nobody(callers: Callers) -> None:
    """That the authority made it is not enough; a token beside it still is."""
    unnamed = ("dns:another.internal",)
    with pytest.raises(UnauthenticatedError):
        callers.identify(Proof(certificate=unnamed), "Charge")
    assert callers.identify(proof_of("Bearer new token", unnamed), "Charge") == SHOP.caller


@pytest.mark.parametrize(
    "proof",
    [
        proof_of("Bearer reports token", ("dns:checkout.internal",)),
        proof_of("Bearer wrong", ("dns:checkout.internal",)),
        proof_of("", ("dns:checkout.internal",)),
        Proof(certificate=("dns:checkout.internal", "dns:reports.internal")),
    ],
)
def test_what_proves_two_or_half_proves_nobody(callers: Callers, proof: Proof) -> None:
    """Another's token over a connection, a wrong one, two, and a certificate of two callers."""
    with pytest.raises(UnauthenticatedError):
        callers.identify(proof, "GetStatus")


def test_token_and_certificate_of_one_caller_prove_it(callers: Callers) -> None:
    """Both may come."""
    proof = proof_of("Bearer new token", ("dns:checkout.internal",))
    assert callers.identify(proof, "Charge") == SHOP.caller


def test_a_caller_may_call_only_its_methods(callers: Callers) -> None:
    """Also once it has proven who it is."""
    assert callers.identify(bearer("reports token"), "GetStatus") == REPORTS.caller
    with pytest.raises(PermissionDeniedError) as denied:
        callers.identify(bearer("reports token"), "Refund")
    assert denied.value.method == "Refund"


@pytest.mark.parametrize("proof", [NOBODY, bearer("token")])
def test_a_method_without_a_rule_is_refused_for_everybody(proof: Proof) -> None:
    """Also for who was given it, and for strangers where they may call."""
    methods = METHODS | {"Unruled"}
    given = KnownCaller(
        caller=SHOP.caller, digests=(token_digest("token"),), methods=frozenset(methods)
    )
    with pytest.raises(PermissionDeniedError):
        Callers([given], allow_anonymous=True).identify(proof, "Unruled")


def test_where_strangers_may_call_they_are_anonymous() -> None:
    """For development alone."""
    callers = Callers(allow_anonymous=True)
    assert callers.identify(NOBODY, "Charge") == ANONYMOUS


def test_a_wrong_token_is_refused_where_strangers_may_call() -> None:
    """Who shows a token means to be somebody, and would land in the wrong scope."""
    callers = Callers([SHOP], allow_anonymous=True)
    with pytest.raises(UnauthenticatedError):
        callers.identify(bearer("wrong"), "Charge")
    assert callers.identify(bearer("new token"), "Charge") == SHOP.caller


def test_who_is_left_out_of_the_file_is_nobody_from_then_on(callers: Callers) -> None:
    """And followers are told once the new callers are known."""
    refused = []

    def look() -> None:
        try:
            callers.identify(bearer("new token"), "Charge")
        except UnauthenticatedError as error:
            refused.append(error)

    callers.follow(look)
    callers.replace([SHOP, REPORTS])
    assert refused == []
    callers.replace([REPORTS])
    assert len(refused) == 1
    assert callers.identify(bearer("reports token"), "GetStatus") == REPORTS.caller
