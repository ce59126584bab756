"""`python -m tests.torture.real`: the mode `real` alone."""

import argparse
import sys

from tests.torture.real import command

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.torture.real")
    command.add_arguments(parser)
    sys.exit(command.run(parser.parse_args()))
