"""Who may notify: everybody, or the addresses of a list, also from behind proxies of ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network


class NetworkFormatError(ValueError):
    """A text is no list of addresses and networks."""


def read_networks(text: str) -> tuple[Network, ...]:
    """Reads addresses and networks such as `203.0.113.0/24`, with commas or spaces between.

    Raises NetworkFormatError.
    """
    try:
        return tuple(ip_network(part) for part in text.replace(",", " ").split())
    except ValueError as error:
        message = f"must be addresses or networks such as 203.0.113.0/24: {error}"
        raise NetworkFormatError(message) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Senders:
    """Which addresses may notify, and which proxies are believed about where a request is from."""

    allowed: Sequence[Network] = ()
    """Empty: all."""
    proxies: Sequence[Network] = ()

    def admit(self, peer: str, forwarded_for: Sequence[str]) -> bool:
        """Whether a request may be worked on, by its peer and its X-Forwarded-For headers."""
        if not self.allowed:
            return True
        sender = self._sender(peer, forwarded_for)
        return sender is not None and _is_in(sender, self.allowed)

    def _sender(self, peer: str, forwarded_for: Sequence[str]) -> Address | None:
        """Gives the nearest address that is no proxy of ours; None where there is none.

        Each proxy adds its own peer at the end. What stands before the first one that is not ours
        was written by whoever sent it, and says nothing.
        """
        hops = [hop for header in forwarded_for for hop in header.split(",")]
        sender = _read(peer)
        while sender is not None and _is_in(sender, self.proxies):
            sender = _read(hops.pop()) if hops else None
        return sender


def _read(text: str) -> Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    # A socket of both kinds writes 203.0.113.7 as ::ffff:203.0.113.7.
    return getattr(address, "ipv4_mapped", None) or address


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
