"""Runs the sandbox: `python -m ovo_sandbox`."""

from ovo_sandbox.main import main

main()
