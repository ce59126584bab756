"""The page of commands: its blocks, and what each prints."""

import re
from dataclasses import dataclass
from typing import Final

from tests.stack import CHECKOUT

PAGE: Final = CHECKOUT / "docs/grpcurl.md"
_BLOCK: Final = re.compile(
    r"```sh\n(?P<command>.*?)```\n(?:\n```text\n(?P<output>.*?)```\n)?", re.DOTALL
)
# What is another in each run: ids, times, addresses, and how long something took.
_CHANGING: Final = (
    (re.compile(r"\b(pay|bnd|ref)0\w{20,}"), r"\1…"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "TIME"),
    (re.compile(r"http://127\.0\.0\.1:\d+/direct-debit/\S+\d"), "PAGE"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Commands of the page, and what it says that they print."""

    command: str
    output: str


def blocks() -> list[Block]:
    """Reads the page."""
    return [
        Block(command=found["command"], output=found["output"] or "")
        for found in _BLOCK.finditer(PAGE.read_text(encoding="utf-8"))
    ]


def rewritten(outputs: list[str]) -> str:
    """The page with other outputs."""
    rest = iter(outputs)

    def with_output(found: re.Match[str]) -> str:
        output = next(rest)
        told = f"\n```text\n{output}```\n" if output else ""
        return f"```sh\n{found['command']}```\n{told}"

    return _BLOCK.sub(with_output, PAGE.read_text(encoding="utf-8"))


def steady(output: str) -> str:
    """An output without what is another in each run."""
    for pattern, word in _CHANGING:
        output = pattern.sub(word, output)
    return output
