"""What may be written nowhere: the secrets and customers of tests, and whatever looks like one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tests.sealing import KEYS_TEXT

_SHOWN_LENGTH: Final = 4
_HIDDEN: Final = "***"


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """One kind of what nobody may read."""

    name: str
    hint: str
    """A text that stands in each, found faster than the pattern."""
    pattern: re.Pattern[str]

    def found_in(self, text: str) -> Iterator[re.Match[str]]:
        """Finds all of its kind."""
        if self.hint in text:
            yield from self.pattern.finditer(text)


def _canary(name: str, hint: str, pattern: str = "") -> Canary:
    return Canary(name=name, hint=hint, pattern=re.compile(pattern or re.escape(hint), re.ASCII))


CANARIES: Final = (
    # Every sample number of the tests is one; what is shown of a number has stars in it.
    _canary("phone number", "8", r"(?<![\w.:*-])(?:\+?62|0)8[1-9][0-9]{6,10}(?![\w*])"),
    _canary("server key", "SB-Mid-server-", r"SB-Mid-server-[\w-]+"),
    # "SB-Mid-server-", as the user of HTTP's basic authentication.
    _canary("server key in base64", "U0ItTWlkLXNlcnZlci", r"U0ItTWlkLXNlcnZlci[\w+/=]*"),
    _canary("client secret", "SK-", r"(?<![\w-])SK-\w[\w-]*"),
    _canary("caller's token", "ovo_", r"(?<!\w)ovo_[A-Za-z0-9_-]{43}(?![\w-])"),
    _canary("caller's token", "shop token"),
    _canary("caller's token", "reports token"),
    _canary("bearer token", "earer ", r"[Bb]earer [A-Za-z0-9._~+/-]{12,}=*"),
    _canary("token of a provider", "eyJ", r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}"),
    _canary("private key", "PRIVATE KEY-----"),
    _canary("key of what is at rest", KEYS_TEXT.partition(":")[2]),
    _canary("secret that commands are given", "hushhush"),
)


def redacted(text: str) -> str:
    """Gives a text in which nobody reads what was found, for those who must look into it."""
    for canary in CANARIES:
        if canary.hint in text:
            text = canary.pattern.sub(lambda match: shown(match[0]), text)
    return text


def shown(secret: str) -> str:
    """Gives as much as tells which it is, and no more."""
    return secret[:_SHOWN_LENGTH] + _HIDDEN
