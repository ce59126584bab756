"""Is the control API, under /sandbox/."""

from ovo_sandbox.control.api import Control
from ovo_sandbox.control.changes import move_clock, restore_clock

__all__ = ["Control", "move_clock", "restore_clock"]
