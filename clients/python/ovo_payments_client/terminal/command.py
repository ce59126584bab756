"""Makes commands of functions: each has the shared options, a session, and an exit status."""

import inspect
from collections.abc import Callable, Coroutine
from typing import Any, Final

import typer

from ovo_payments_client.terminal.exit_status import ExitStatus
from ovo_payments_client.terminal.options import open_session

# Typer reads a signature and passes what it says; so these stand in for `**arguments`.
_SHARED: Final = inspect.signature(open_session).parameters


def in_session(
    command: Callable[..., Coroutine[Any, Any, ExitStatus]],
) -> Callable[..., None]:
    """Makes a command of a function: the shared options beside its own, and an exit status.

    What was typed after the command counts, then what was typed before it,
    then the environment.
    """

    def run(context: typer.Context, **arguments: Any) -> None:  # noqa: ANN401 - see _SHARED.
        before: dict[str, Any] = context.obj or {}
        shared = {name: arguments.pop(name) for name in _SHARED}
        session = open_session(**{**shared, **before, **_typed(context, shared)})
        raise typer.Exit(session.run(command(session, **arguments)))

    run.__doc__ = command.__doc__
    return _with_shared_options(run, list(inspect.signature(command).parameters.values())[1:])


def before_any_command(callback: Callable[..., None]) -> Callable[..., None]:
    """Lets the shared options stand before the command, too."""

    def run(context: typer.Context, **arguments: Any) -> None:  # noqa: ANN401 - see _SHARED.
        context.obj = _typed(context, {name: arguments.pop(name) for name in _SHARED})
        callback(**arguments)

    run.__doc__ = callback.__doc__
    return _with_shared_options(run, list(inspect.signature(callback).parameters.values()))


def _with_shared_options(
    run: Callable[..., None], own: list[inspect.Parameter]
) -> Callable[..., None]:
    """Gives a function its own parameters, the shared ones, and typer's context."""
    context = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    parameters = [*own, *_SHARED.values(), context]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return run


def _typed(context: typer.Context, options: dict[str, Any]) -> dict[str, Any]:
    """Keeps the options that somebody typed, and leaves defaults and environment out."""
    sources = {name: context.get_parameter_source(name) for name in options}
    return {
        name: value
        for name, value in options.items()
        if (source := sources[name]) is not None and source.name == "COMMANDLINE"
    }
