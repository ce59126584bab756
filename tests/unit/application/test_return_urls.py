"""Customers are sent back only to addresses of their merchant, whatever a browser makes of them."""

from dataclasses import replace

import pytest

from ovo_payments.application.call import Caller
from ovo_payments.application.return_urls import ReturnUrls
from ovo_payments.application.url_prefix import UrlPrefix, UrlPrefixError
from ovo_payments.domain.errors import Violation, Violations

CALLER = Caller(name="shop", scope="shop")
SHOP = UrlPrefix.parse("https://shop.example/pay/")


def problems(url: str, *prefixes: UrlPrefix, caller: Caller = CALLER) -> list[Violation]:
    """Gives what is wrong with an address."""
    violations = Violations()
    ReturnUrls(prefixes).check(violations, "success_url", url, caller, required=True)
    return list(violations.found)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/pay",
        "https://shop.example/pay/",
        "https://shop.example/pay/ok?order=1#top",
        "https://SHOP.example:443/pay/a/b",
        "https://shop.example/pay/ok?next=https://elsewhere.example/..",
    ],
)
def test_what_is_under_a_prefix_is_taken(url: str) -> None:
    """Its folder and all below, with any query."""
    assert problems(url, SHOP) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/pay/ok",
        "https://shop.example/payments",
        "https://shop.example/",
        "https://shop.example:8443/pay/ok",
        "https://shop.example.evil.example/pay/ok",
        "https://evil.example/pay/ok",
        "https://evil.example/?https://shop.example/pay/",
        "https://shop.example@evil.example/pay/ok",
        "https://shop.example/pay/../admin",
        "https://shop.example/pay/./../admin",
        "https://shop.example/pay/%2e%2e/admin",
        "https://shop.example/pay/%252e%252e/admin",
        "https://shop.example/pay/..%2fadmin",
        "https://shop.example/pay/..\\admin",
        "https://shop.example\\@evil.example/pay/ok",
        "https:\\\\evil.example/pay",
        "//shop.example/pay/ok",
        "javascript://shop.example/pay/%0aalert(1)",
        "",
    ],
)
def test_what_is_not_under_a_prefix_is_refused(url: str) -> None:
    """Also where only some readers of the address would be led elsewhere."""
    assert [problem.field for problem in problems(url, SHOP)] == ["success_url"]


def test_any_of_several_prefixes_will_do() -> None:
    """A merchant may have several shops."""
    other = UrlPrefix.parse("https://other.example")

    assert problems("https://other.example/anything", SHOP, other) == []
    assert problems("https://other.example", SHOP, other) == []


def test_a_callers_own_prefixes_take_the_place_of_the_others() -> None:
    """One caller's customers are not sent to another's shop."""
    own = replace(CALLER, return_url_prefixes=(UrlPrefix.parse("https://own.example/"),))

    assert problems("https://own.example/ok", SHOP, caller=own) == []
    assert problems("https://shop.example/pay/ok", SHOP, caller=own) != []


def test_without_prefixes_any_https_address_is_taken() -> None:
    """Nobody registered any."""
    assert problems("https://anywhere.example/../ok") == []
    assert problems("http://anywhere.example/ok") != []


@pytest.mark.parametrize(
    "text",
    [
        "http://shop.example/",
        "https://",
        "shop.example",
        "https://shop.example/?a",
        "https://shop.example/a/../b",
        "https://u@shop.example/",
    ],
)
def test_what_is_no_prefix_is_refused(text: str) -> None:
    """At the start, in words."""
    with pytest.raises(UrlPrefixError):
        UrlPrefix.parse(text)
