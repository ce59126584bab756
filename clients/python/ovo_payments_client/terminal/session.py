"""One run of a command: where the service is, who calls, and how the answer is shown."""

import asyncio
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import grpc
import typer
from rich.console import Console
from rich.text import Text

from ovo_payments_client.client import OvoPaymentsClient, connect
from ovo_payments_client.errors import OvoPaymentsError
from ovo_payments_client.terminal import advice, documents, panels
from ovo_payments_client.terminal.exit_status import ExitStatus, of_error


def local_now() -> datetime:
    """Reads the clock of whoever sits at the terminal."""
    return datetime.now().astimezone()


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What every command needs."""

    server: str
    token: str | None
    credentials: grpc.ChannelCredentials | None
    deadline_seconds: float
    as_json: bool
    output: Console
    notes: Console

    def connect(self) -> AbstractAsyncContextManager[OvoPaymentsClient]:
        """Opens the connection that the options describe."""
        return connect(
            self.server,
            token=self.token,
            credentials=self.credentials,
            deadline_seconds=self.deadline_seconds,
            # The options were checked where they were read.
            allow_token_in_clear=True,
        )

    def show(self, result: documents.Result) -> None:
        """Shows a result on standard output."""
        if self.as_json:
            typer.echo(documents.encode(documents.of_result(result)))
        else:
            self.output.print(panels.of_result(result, local_now()), crop=False)

    def run(self, command: Coroutine[Any, Any, ExitStatus]) -> ExitStatus:
        """Runs a command to its end, and shows an error on standard error."""
        try:
            return asyncio.run(command)
        except OvoPaymentsError as error:
            if self.as_json:
                document = documents.of_error_and_advice(error, advice.after_error(error))
                typer.echo(documents.encode(document), err=True)
            else:
                self.notes.print(panels.of_error(error))
            return of_error(error)
        except KeyboardInterrupt:
            if not self.as_json:
                self.notes.print(Text("Stopped. What was asked of the service goes on there."))
            return ExitStatus.INTERRUPTED
