"""HTTP/2 frames, right and wrong ones, made by hand."""

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import Final

import hpack

from tests.attacks.outcome import Outcome

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
END_STREAM: Final = 0x1
ACK: Final = 0x1
END_HEADERS: Final = 0x4
PADDED: Final = 0x8
_HEADER_BYTES: Final = 9


class Kind(IntEnum):
    """Frames by their numbers."""

    DATA = 0
    HEADERS = 1
    PRIORITY = 2
    RST_STREAM = 3
    SETTINGS = 4
    PUSH_PROMISE = 5
    PING = 6
    GOAWAY = 7
    WINDOW_UPDATE = 8
    CONTINUATION = 9


ERRORS: Final = (
    *("NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT"),
    *("STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR"),
    *("CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"),
)


def frame(kind: int, flags: int = 0, stream: int = 0, body: bytes = b"") -> bytes:
    """Makes a frame whose length is true."""
    return head(kind, len(body), flags, stream) + body


def head(kind: int, length: int, flags: int = 0, stream: int = 0) -> bytes:
    """Makes the nine bytes before a frame's body, whatever follows."""
    return struct.pack(">I", length)[1:] + struct.pack(">BBI", kind, flags, stream)


def settings(*pairs: tuple[int, int]) -> bytes:
    """Tells the peer what one takes."""
    return frame(Kind.SETTINGS, body=b"".join(struct.pack(">HI", *pair) for pair in pairs))


BEGIN: Final = PREFACE + settings()
"""How a connection begins that means no harm."""


def literal(name: bytes, value: bytes) -> bytes:
    """Writes a field out in full, as HPACK has it, so that any bytes can stand in it."""
    return b"\x00" + _text(name) + _text(value)


def remembered(name: bytes, value: bytes) -> bytes:
    """Writes a field out in full and adds it to the table."""
    return b"\x40" + _text(name) + _text(value)


def _text(text: bytes) -> bytes:
    return _integer(len(text)) + text


def _integer(number: int) -> bytes:
    # With a prefix of seven bits.
    most = 0x7F
    if number < most:
        return bytes((number,))
    number -= most
    rest = bytearray()
    while number >= 0x80:
        rest.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((most, *rest, number))


GET_STATUS: Final = b"/ovo.payments.v1.OvoPayments/GetStatus"
WATCH_ALL: Final = b"/ovo.payments.v1.OvoPayments/WatchPayments"
USUAL: Final = (
    (b":method", b"POST"),
    (b":scheme", b"http"),
    (b":path", GET_STATUS),
    (b":authority", b"a"),
    (b"te", b"trailers"),
    (b"content-type", b"application/grpc"),
)


def fields(*more: tuple[bytes, bytes], path: bytes = GET_STATUS) -> bytes:
    """Makes the header block of a call, with more fields at its end."""
    usual = tuple((name, path if name == b":path" else value) for name, value in USUAL)
    return block(*usual, *more)


def block(*pairs: tuple[bytes, bytes]) -> bytes:
    """Makes a header block of any fields in any order."""
    return b"".join(literal(*pair) for pair in pairs)


def call(
    stream: int,
    message: bytes = b"\x00\x00\x00\x00\x00",
    *more: tuple[bytes, bytes],
    path: bytes = GET_STATUS,
) -> bytes:
    """Makes a whole call; the message comes with its prefix."""
    return frame(Kind.HEADERS, END_HEADERS, stream, fields(*more, path=path)) + frame(
        Kind.DATA, END_STREAM, stream, message
    )


def heard(data: bytes, *, closed: bool) -> Outcome:
    """Reads what a server sent: what it told about streams and about the connection."""
    told: dict[str, None] = {}
    refused = False
    decoder = hpack.Decoder()
    for kind, body in _frames(data):
        if kind in {Kind.GOAWAY, Kind.RST_STREAM}:
            code = struct.unpack(">I", body[4:8] if kind == Kind.GOAWAY else body)[0]
            told[f"{Kind(kind).name} {ERRORS[code]}"] = None
            refused = True
        elif kind == Kind.HEADERS:
            for name, value in decoder.decode(body, raw=True):
                if name == b"grpc-status":
                    told[f"grpc-status {value.decode()}"] = None
                    refused |= value != b"0"
                elif name == b":status" and value != b"200":
                    told[f"HTTP {value.decode()}"] = None
                    refused = True
    return Outcome(closed=closed, refused=refused, told=list(told))


def _frames(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + _HEADER_BYTES <= len(data):
        length = int.from_bytes(data[at : at + 3], "big")
        begin = at + _HEADER_BYTES
        if begin + length > len(data):
            return
        yield data[at + 3], data[begin : begin + length]
        at = begin + length
