"""Who may notify: by the address of the connection, or what a proxy of ours says of it."""

import pytest

from ovo_payments.transport.http.senders import NetworkFormatError, Senders, read_networks

PROVIDER = "203.0.113.7"
STRANGER = "198.51.100.9"
PROXY = "10.0.0.2"
SENDERS = Senders(
    allowed=read_networks("203.0.113.0/24, 2001:db8::/32"), proxies=read_networks("10.0.0.0/8")
)


def test_without_a_list_everybody_may() -> None:
    """Whatever headers say."""
    assert Senders().admit(STRANGER, [])
    assert Senders(proxies=SENDERS.proxies).admit("nonsense", ["nonsense"])


@pytest.mark.parametrize(
    ("peer", "forwarded_for"),
    [
        (PROVIDER, []),
        (PROVIDER, [STRANGER]),
        ("2001:db8::7", []),
        (f"::ffff:{PROVIDER}", []),
        (PROXY, [PROVIDER]),
        (PROXY, [f"{STRANGER}, {PROVIDER}"]),
        (PROXY, [STRANGER, PROVIDER]),
        (PROXY, [f"{PROVIDER}, 10.0.0.3"]),
        (f"::ffff:{PROXY}", [f" {PROVIDER} "]),
    ],
)
def test_an_address_of_the_list_may(peer: str, forwarded_for: list[str]) -> None:
    """Its own, or the one that our proxy saw."""
    assert SENDERS.admit(peer, forwarded_for)


@pytest.mark.parametrize(
    ("peer", "forwarded_for"),
    [
        (STRANGER, []),
        # Anybody can write a header: only that of a proxy of ours counts.
        (STRANGER, [PROVIDER]),
        (PROXY, []),
        (PROXY, [STRANGER]),
        (PROXY, [f"{PROVIDER}, {STRANGER}"]),
        (PROXY, [PROVIDER, STRANGER]),
        (PROXY, [f"{PROVIDER}, nonsense"]),
        (PROXY, [f"{PROVIDER},"]),
        (PROXY, ["10.0.0.3"]),
        ("", []),
        ("nonsense", [PROVIDER]),
    ],
)
def test_all_others_may_not(peer: str, forwarded_for: list[str]) -> None:
    """Nor whoever writes a header before our proxy adds to it."""
    assert not SENDERS.admit(peer, forwarded_for)


@pytest.mark.parametrize("text", ["203.0.113.7/24", "everybody", "203.0.113.0/33"])
def test_what_is_no_network_is_told(text: str) -> None:
    """In words, at the start."""
    with pytest.raises(NetworkFormatError, match="networks such as"):
        read_networks(text)
