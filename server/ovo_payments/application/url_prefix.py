"""Prefixes of https addresses, compared so that no reader of an address can be led elsewhere."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

_VISIBLE_ASCII: Final = re.compile(r"[\x21-\x7e]+", re.ASCII)
_PORT: Final = 443
_AMBIGUOUS: Final = ("\\", "%2f", "%5c", "%2e", "%25")
"""What a browser may read as a step to another folder, and a comparison of texts may not."""


class UrlPrefixError(ValueError):
    """A text is no prefix of addresses."""


@dataclass(frozen=True, slots=True)
class UrlPrefix:
    """An https origin and a folder of it."""

    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, text: str) -> "UrlPrefix":
        """Reads `https://shop.example/pay/`. Raises UrlPrefixError."""
        if not is_https(text) or set(text) & set('?#"'):
            message = f"{text!r} is no prefix such as https://shop.example/pay/"
            raise UrlPrefixError(message)
        host, port, path = _parts(text)
        if _is_ambiguous(path):
            message = f"{text!r} has a path that browsers read in different ways"
            raise UrlPrefixError(message)
        return cls(host, port, path.rstrip("/"))

    def __str__(self) -> str:
        """Writes it as `parse` reads it."""
        port = "" if self.port == _PORT else f":{self.port}"
        return f"https://{self.host}{port}{self.path}/"

    def covers(self, url: str) -> bool:
        """Whether an https address is of this origin and within this folder, for every reader."""
        host, port, path = _parts(url)
        if (host, port) != (self.host, self.port) or _is_ambiguous(path):
            return False
        return path == self.path or path.startswith(f"{self.path}/")


def is_https(value: str) -> bool:
    """Whether a text is an absolute https URL without a user."""
    if not _VISIBLE_ASCII.fullmatch(value):
        return False
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    return parts.scheme == "https" and bool(host) and "@" not in parts.netloc


def _parts(url: str) -> tuple[str, int, str]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or _PORT, parts.path


def _is_ambiguous(path: str) -> bool:
    lowered = path.lower()
    if any(mark in lowered for mark in _AMBIGUOUS):
        return True
    return any(segment in {".", ".."} for segment in unquote(path).split("/"))
