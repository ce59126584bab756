"""The machine's own clock."""

import asyncio
from datetime import UTC, datetime


class SystemClock:
    """Time as this machine tells it."""

    def now(self) -> datetime:
        """The time of day in UTC."""
        return datetime.now(UTC)

    async def sleep(self, duration_s: float) -> None:
        """Waits."""
        await asyncio.sleep(duration_s)
