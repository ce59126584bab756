"""What a planted bug is: a mistake that somebody could make, as an edit of the service's source."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """One place that is changed: `old` stands in `file` exactly once, or the bug is out of date."""

    file: str
    """Its path under `server/`."""
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """One mistake."""

    name: str
    what: str
    """What the mistaken service does, in a sentence."""
    breaks: str
    """The invariant that it is aimed at."""
    edits: tuple[Edit, ...]
    test: str = ""
    """The test that catches it, where a simulation can't see it by nature."""
    unseen_because: str = ""
    """Why a simulation can't see it; set together with `test`."""


class DriftError(Exception):
    """A bug's text is not in the source exactly once."""


def edited(source: str, bug: Bug, edit: Edit) -> str:
    """Gives the source with the mistake in it. Raises DriftError."""
    count = source.count(edit.old)
    if count != 1:
        message = f"{bug.name}: its text stands {count} times in server/{edit.file}"
        raise DriftError(message)
    return source.replace(edit.old, edit.new)
