"""The client's version, for its wheel, its user agent and `ovo --version`."""

from typing import Final

VERSION: Final = "0.1.0"
