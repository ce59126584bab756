"""`python -m tests.torture …`: finds out what makes money go wrong, if anything does."""

import argparse
import signal
import sys
from types import FrameType

from tests.torture import crashing, sim
from tests.torture.long_run import OtherRunError
from tests.torture.real import command as real


def main() -> int:
    """Runs the mode that the arguments name."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    modes = parser.add_subparsers(dest="mode", required=True)
    sim.add_arguments(modes.add_parser("sim", help="one process, virtual time, seeded"))
    crashing.add_arguments(modes.add_parser("crashes", help="one call, a death at every step"))
    real.add_arguments(modes.add_parser("real", help="real processes, sockets and files"))
    arguments = parser.parse_args()
    # As an exception, so that processes end and results are written.
    signal.signal(signal.SIGTERM, _end)
    run = {"sim": sim.run, "crashes": crashing.run, "real": real.run}[arguments.mode]
    try:
        return run(arguments)
    except OtherRunError as error:
        parser.error(f"--report: {error}; name another file")


def _end(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
