"""Files that are read again while the service runs: callers, certificates and keys."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import structlog

_LOOK_EVERY_S: Final = 1.0

_log = structlog.get_logger(__name__)


class WatchedFiles:
    """Files that are used together."""

    def __init__(
        self, setting: str, paths: Sequence[Path], use: Callable[[Sequence[bytes]], None]
    ) -> None:
        """Gives `use` what the files of a setting hold; it raises OSError or ValueError."""
        self.setting = setting
        self.paths = tuple(paths)
        self._use = use
        self._seen: Sequence[bytes] = ()

    def look(self) -> None:
        """Reads and uses the files. Raises OSError, and what `use` raises."""
        self.take(self.read())

    def read(self) -> Sequence[bytes]:
        """Reads them all. Raises OSError."""
        # The bytes tell of a change for sure; sizes and times do not.
        return [path.read_bytes() for path in self.paths]

    def take(self, contents: Sequence[bytes]) -> bool:
        """Uses what was read where it is not what was read last; tells whether.

        Raises what `use` raises.
        """
        if contents == self._seen:
            return False
        # Noted before it is used: what makes no sense is told once.
        self._seen = contents
        self._use(contents)
        return True


class Rereading:
    """Looks at files again and again."""

    def __init__(
        self,
        watched: Iterable[WatchedFiles],
        also: Callable[[], None] = lambda: None,
        every_s: float = _LOOK_EVERY_S,
    ) -> None:
        """Does `also` each time, beside looking; each file must have been looked at once."""
        self._watched = tuple(watched)
        self._also = also
        self._every_s = every_s
        self._complaints: dict[str, str] = {}

    async def run(self) -> None:
        """Looks until it is cancelled. What can't be used is logged, and what was read stays."""
        while True:
            await asyncio.sleep(self._every_s)
            for files in self._watched:
                await self._look(files)
            self._also()

    async def _look(self, files: WatchedFiles) -> None:
        try:
            # In a thread: a disk may be far away.
            changed = files.take(await asyncio.to_thread(files.read))
        except (OSError, ValueError) as error:
            complaint = str(error)
            if self._complaints.get(files.setting) != complaint:
                _log.error("file.refused", setting=files.setting, cause=complaint)
            self._complaints[files.setting] = complaint
            return
        if changed:
            _log.info("file.read_again", setting=files.setting)
        self._complaints.pop(files.setting, None)
