"""SQL about the database's own secret."""

from typing import Final

INSERT: Final = """
INSERT INTO own_secret (only_row, sealed) VALUES (1, :sealed) ON CONFLICT (only_row) DO NOTHING
"""

FIND: Final = "SELECT sealed FROM own_secret"
