"""Runs `ovo-payments serve` on a clock that the test moves, told by a file that both map.

Everything else is the service as it is. An hour passes in no time, and both sides agree on it.
"""

import mmap
import struct
import sys
from datetime import datetime, timedelta
from pathlib import Path

from ovo_payments.application.clock import SystemClock
from ovo_payments.commands import serve


class MovableClock(SystemClock):
    """The machine's time, and however much more the file says."""

    def __init__(self, file: Path) -> None:
        """Maps a file that holds the seconds as a double."""
        with file.open("rb") as opened:
            self._shared = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)

    def now(self) -> datetime:
        """Tells the time."""
        (offset_s,) = struct.unpack("d", self._shared[:8])
        return super().now() + timedelta(seconds=offset_s)


if __name__ == "__main__":
    sys.exit(serve.run(MovableClock(Path(sys.argv[1]))))
