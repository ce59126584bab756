"""`python -m tests.torture.planted`: the mode `planted` alone."""

import argparse
import sys

from tests.torture.planted import command

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.torture.planted")
    command.add_arguments(parser)
    sys.exit(command.run(parser.parse_args()))
