"""Makes `python -m ovo_payments` the command `ovo-payments`."""

from ovo_payments.main import main

main()
