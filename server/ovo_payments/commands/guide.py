"""What `dev` prints: addresses, pages, and commands to paste."""

import os
import shlex
import sys
from pathlib import Path
from typing import Final

import typer

_SERVICE: Final = "ovo.payments.v1.OvoPayments"
_GRPC_DEFAULT: Final = "127.0.0.1:50051"

_TEXT: Final = """
OvoPayments is running. Ctrl-C stops it.

  gRPC       {grpc}    health and reflection are on
  webhooks   http://{http}     also /livez, /readyz and /metrics
  sandbox    {sandbox}     ledger, clock, faults
  OVO app    {sandbox}/app accept or decline a push here

Paste these into another terminal.

1. Push a payment to a phone, and watch it to its end. Any number pays by itself in seconds;
   08271939753 declines, 08242974268 never answers.

   {ovo} charge --order-id order-$RANDOM --phone 081234567890 --amount 15000 --watch{server}

2. Link a wallet: open the page that this prints, and enter the OTP and PIN that it hints at.
   Then debit the wallet, with the binding's id in place of BINDING.

   {ovo} bind --customer-id ani --phone 081298765432 \\
       --success-url https://shop.example/ok --failure-url https://shop.example/no{server}
   {ovo} balance BINDING{server}
   {ovo} pay --order-id order-$RANDOM --binding-id BINDING --amount 25000 \\
       --merchant-initiated --watch{server}

3. The same with grpcurl.

   grpcurl -plaintext {grpc} describe {service}
   grpcurl -plaintext -d '{{"request_id": "'$RANDOM'", "order_id": "order-'$RANDOM'", \\
       "phone_number": "081234567890", "amount": {{"currency_code": "IDR", "units": 15000}}}}' \\
       {grpc} {service}/Charge
   grpcurl -plaintext -d '{{"payment_id": "PAYMENT", "after_version": 0}}' \\
       {grpc} {service}/WatchPayment
"""


def show(grpc_address: str, http_address: str, sandbox_url: str) -> None:
    """Prints it, once everything answers."""
    server = "" if grpc_address == _GRPC_DEFAULT else f" --server {grpc_address}"
    typer.echo(
        _TEXT.format(
            grpc=grpc_address,
            http=http_address,
            sandbox=sandbox_url,
            service=_SERVICE,
            server=server,
            ovo=_command("ovo"),
        )
    )
    sys.stdout.flush()


def _command(name: str) -> str:
    """Says how to call a command from here: by the shortest path that works."""
    path = Path(sys.executable).with_name(name)
    if not path.exists():
        return name
    relative = os.path.relpath(path)
    return shlex.quote(relative if len(relative) < len(str(path)) else str(path))
