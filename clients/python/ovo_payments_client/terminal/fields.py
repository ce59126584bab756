"""The options that stand for fields of a request, as several commands have them."""

from typing import Annotated

import typer

from ovo_payments_client.payment import LineItem
from ovo_payments_client.terminal.arguments import (
    MetadataEntry,
    line_item,
    metadata_entry,
    whole_rupiah,
)

RequestId = Annotated[
    str | None,
    typer.Option(
        help="Your name for this call, made where not given; the same never acts twice.",
    ),
]
OrderId = Annotated[str, typer.Option(help="Your name for what is paid.")]
OrderIdInstead = Annotated[str | None, typer.Option(help="An order instead: its latest payment.")]
Amount = Annotated[
    int, typer.Option(parser=whole_rupiah, metavar="RUPIAH", help="Whole rupiah, such as 15000.")
]
PointsAmount = Annotated[
    int | None,
    typer.Option(parser=whole_rupiah, metavar="RUPIAH", help="The part to take from OVO Points."),
]
RefundAmount = Annotated[
    int | None,
    typer.Option(parser=whole_rupiah, metavar="RUPIAH", help="A part; all of it where not given."),
]
PaymentId = Annotated[str, typer.Argument(help="The payment.")]
PaymentIdOrNone = Annotated[str | None, typer.Argument(help="The payment.", show_default=False)]
BindingId = Annotated[str, typer.Argument(help="The link.")]
PhoneNumber = Annotated[
    str, typer.Option("--phone-number", "--phone", help="The OVO account: 08…, 628… or +628….")
]
SuccessUrl = Annotated[
    str, typer.Option(metavar="URL", help="Where the browser goes after success; https.")
]
FailureUrl = Annotated[
    str, typer.Option(metavar="URL", help="Where the browser goes after failure; https.")
]
CustomerName = Annotated[str, typer.Option(help="The customer's full name.")]
CustomerEmail = Annotated[str, typer.Option(help="The customer's e-mail address.")]
Provider = Annotated[
    str, typer.Option(help="doku or midtrans; the configured one where not given.")
]
Items = Annotated[
    list[LineItem] | None,
    typer.Option(
        "--item",
        parser=line_item,
        metavar="name=…,price=…,quantity=…",
        help="A thing that is bought; may be given many times.",
    ),
]
Metadata = Annotated[
    list[MetadataEntry] | None,
    typer.Option(
        "--metadata",
        parser=metadata_entry,
        metavar="KEY=VALUE",
        help="Your own data, returned as it came; may be given many times.",
    ),
]
Watch = Annotated[bool, typer.Option("--watch", help="Go on to watch the payment to its end.")]
Heartbeats = Annotated[
    bool, typer.Option("--heartbeats", help="Write a line for each heartbeat too.")
]
HeartbeatInterval = Annotated[
    float,
    typer.Option(min=1, max=60, metavar="SECONDS", help="How long the stream may be quiet."),
]
