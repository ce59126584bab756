"""Keys that anybody can read: those that development runs with, and the stand-ins' own."""

from typing import Final

MIDTRANS_SERVER_KEY: Final = "SB-Mid-server-development"
DOKU_CLIENT_ID: Final = "BRN-0001-1700000000000"
DOKU_CLIENT_SECRET: Final = "SK-development"  # noqa: S105 - nobody's secret

SANDBOX_KEY_PREFIX: Final = "SB-"
"""How Midtrans' keys begin that belong to its sandbox."""
PUBLIC: Final = frozenset(
    {
        DOKU_CLIENT_ID,
        DOKU_CLIENT_SECRET,
        # What `ovo-sandbox` takes where it is told nothing else.
        "BRN-0211-1696919651918",
        "SK-sandbox-client-secret",
    }
)
"""What production takes for no secret."""
