"""Writes the contract as a page for people, from the comments in its descriptor set.

python generators/reference.py generated/ovo_payments.binpb docs/contract-reference.md
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    ServiceDescriptorProto,
)

PACKAGE = "ovo.payments.v1"
OPENING = """# The contract in words

Made by `make generate` from the comments in [`protos/`](../protos/ovo/payments/v1/); not edited by
hand. [Contract](contract.md) says what may change in it, [errors](errors.md) explains each reason
with an example.
"""

# Where a descriptor's parts stand in it, as descriptor.proto numbers them.
MESSAGES_OF_FILE, ENUMS_OF_FILE, SERVICES_OF_FILE = 4, 5, 6
FIELDS_OF_MESSAGE, MESSAGES_OF_MESSAGE, ENUMS_OF_MESSAGE = 2, 3, 4
VALUES_OF_ENUM, METHODS_OF_SERVICE = 2, 2

Path_ = tuple[int, ...]


class Page:
    """One file's part of the page."""

    def __init__(self, file: FileDescriptorProto) -> None:
        self.file = file
        self.comments = {
            tuple(location.path): unindented(location.leading_comments)
            for location in file.source_code_info.location
        }

    def lines(self) -> Iterator[str]:
        """Everything that the file declares, in its order."""
        for number, service in enumerate(self.file.service):
            yield from self.service(service, (SERVICES_OF_FILE, number))
        for number, message in enumerate(self.file.message_type):
            yield from self.message(message, (MESSAGES_OF_FILE, number), message.name)
        for number, enum in enumerate(self.file.enum_type):
            yield from self.enum(enum, (ENUMS_OF_FILE, number), enum.name)

    def service(self, service: ServiceDescriptorProto, path: Path_) -> Iterator[str]:
        """A service with its RPCs."""
        yield f"\n## {service.name}\n\n{self.comments[path]}"
        for number, method in enumerate(service.method):
            stream = "a stream of " if method.server_streaming else ""
            asked, answered = short(method.input_type), short(method.output_type)
            yield f"\n### {method.name}\n\nTakes {link(asked)}, gives {stream}{link(answered)}."
            yield f"\n{self.comments[(*path, METHODS_OF_SERVICE, number)]}"

    def message(self, message: DescriptorProto, path: Path_, name: str) -> Iterator[str]:
        """A message with its fields, and what is declared in it."""
        yield f"\n## {name}\n\n{self.comments[path]}"
        if message.field:
            yield "\n| Field | Number | Type | Is |\n|---|---|---|---|"
        maps = {nested.name: nested for nested in message.nested_type if nested.options.map_entry}
        for number, field in enumerate(message.field):
            said = one_line(self.comments[(*path, FIELDS_OF_MESSAGE, number)])
            yield f"| `{field.name}` | {field.number} | {kind(field, message, maps)} | {said} |"
        for number, nested in enumerate(message.nested_type):
            if nested.name not in maps:
                inner = (*path, MESSAGES_OF_MESSAGE, number)
                yield from self.message(nested, inner, f"{name}.{nested.name}")
        for number, enum in enumerate(message.enum_type):
            yield from self.enum(enum, (*path, ENUMS_OF_MESSAGE, number), f"{name}.{enum.name}")

    def enum(self, enum: EnumDescriptorProto, path: Path_, name: str) -> Iterator[str]:
        """An enum with its values."""
        yield f"\n## {name}\n\n{self.comments[path]}\n\n| Value | Number | Is |\n|---|---|---|"
        for number, value in enumerate(enum.value):
            said = one_line(self.comments[(*path, VALUES_OF_ENUM, number)])
            yield f"| `{value.name}` | {value.number} | {said} |"


def unindented(comment: str) -> str:
    """A comment without the blank after each `//`."""
    return "\n".join(line.strip() for line in comment.splitlines()).strip()


def kind(
    field: FieldDescriptorProto, message: DescriptorProto, maps: dict[str, DescriptorProto]
) -> str:
    """A field's type as one writes it."""
    entry = maps.get(field.type_name.rpartition(".")[2])
    if entry is not None:
        key, value = entry.field
        return f"map of {plain(key)} to {plain(value)}"
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        return f"list of {plain(field)}"
    if field.proto3_optional:
        return f"optional {plain(field)}"
    if field.HasField("oneof_index"):
        return f"{plain(field)}, one of `{message.oneof_decl[field.oneof_index].name}`"
    return plain(field)


def plain(field: FieldDescriptorProto) -> str:
    """The type of one value."""
    if field.type_name:
        return link(short(field.type_name))
    return FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()


def short(type_name: str) -> str:
    """A type's name without our package."""
    return type_name.removeprefix(".").removeprefix(f"{PACKAGE}.")


def link(name: str) -> str:
    """Leads to where a type of ours is explained."""
    if name.startswith("google."):
        return f"`{name}`"
    return f"[{name}](#{re.sub('[^a-z0-9_-]', '', name.lower())})"


def one_line(comment: str) -> str:
    """A comment for a cell of a table."""
    return " ".join(comment.split()).replace("|", "\\|")


def main() -> None:
    """Reads the descriptor set that the first argument names, and writes the second."""
    source, target = map(Path, sys.argv[1:])
    descriptors = FileDescriptorSet.FromString(source.read_bytes())
    # The service first, and then what it speaks of.
    ours = [file for file in descriptors.file if file.package == PACKAGE]
    ours.sort(key=lambda file: (not file.service, file.name))
    lines = [OPENING.rstrip(), *(line for file in ours for line in Page(file).lines())]
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


main()
