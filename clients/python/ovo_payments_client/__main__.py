"""Runs `ovo`, and says what to install where the command line's libraries are missing."""

import sys


def main() -> None:
    """Starts the command line."""
    try:
        from ovo_payments_client import command_line  # noqa: PLC0415 - the library works without.
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in {"rich", "typer"}:
            raise
        sys.exit("The command line needs typer and rich: install ovo-payments-client[cli].")
    command_line.main()


if __name__ == "__main__":
    main()
