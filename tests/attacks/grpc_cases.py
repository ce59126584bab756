"""Attacks on the gRPC port, each on a connection of its own."""

import gzip
import struct
from typing import Final

from tests.attacks.case import Attack, Case, Ways
from tests.attacks.hello import CLIENT_HELLO
from tests.attacks.http2 import (
    ACK,
    BEGIN,
    END_HEADERS,
    END_STREAM,
    GET_STATUS,
    PADDED,
    PREFACE,
    USUAL,
    WATCH_ALL,
    Kind,
    block,
    call,
    fields,
    frame,
    head,
    heard,
    literal,
    remembered,
    settings,
)
from tests.attacks.outcome import Fate

KIB: Final = 1024
FLOOD: Final = 5_000
OPEN: Final = frame(Kind.HEADERS, END_HEADERS, 1, fields())
WAYS: Final = Ways(heard)
_CUT, _REFUSED, _BORNE = Fate.CUT, Fate.REFUSED, Fate.BORNE


def of(kind: int, flags: int, stream: int, body: bytes = b"") -> Attack:
    """Attacks by one frame on a connection that began well."""
    return WAYS.sent(BEGIN + frame(kind, flags, stream, body))


def asked(*pairs: tuple[bytes, bytes]) -> Attack:
    """Attacks by a call whose header block holds these fields and no others."""
    return of(Kind.HEADERS, END_HEADERS | END_STREAM, 1, block(*pairs))


def messaged(message: bytes, *more: tuple[bytes, bytes]) -> Attack:
    """Attacks by what a call carries."""
    return WAYS.sent(BEGIN + call(1, message, *more))


def prefixed(message: bytes, flag: int = 0) -> bytes:
    """Puts gRPC's prefix before a message."""
    return struct.pack(">BI", flag, len(message)) + message


def without(*names: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """Gives the fields of a usual call without some of them."""
    return tuple(pair for pair in USUAL if pair[0] not in names)


_BOMB: Final = gzip.compress(bytes(64 * KIB * KIB))
_RESETS: Final = [
    frame(Kind.HEADERS, END_HEADERS, 2 * number + 1, fields())
    + frame(Kind.RST_STREAM, 0, 2 * number + 1, struct.pack(">I", 8))
    for number in range(4 * FLOOD)
]
_HEADERS_ONLY: Final = b"".join(
    frame(Kind.HEADERS, END_HEADERS, 2 * number + 1, fields()) for number in range(1_000)
)
_TABLE_BOMB: Final = remembered(b"x-a", b"a" * 3_900) + b"\xbe" * 12_000
_NO_WINDOW: Final = PREFACE + settings((4, 0))

_FORMS: Final = {
    "garbage instead of the preface": (WAYS.sent(bytes(range(256)) * 8), _CUT),
    "HTTP/1.1 on the gRPC port": (WAYS.sent(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"), _CUT),
    "TLS on a port in clear": (WAYS.sent(CLIENT_HELLO), _CUT),
    "a connection on which nothing comes": (WAYS.sent(b""), _BORNE),
    "100 connections on which nothing comes": (WAYS.crowd(b"", 100), _BORNE),
    "100 connections that are reset in the middle of a frame": (
        WAYS.leaving(BEGIN + OPEN[:20], 100),
        _CUT,
    ),
    "a preface that trickles": (WAYS.slowly(b"", PREFACE), _BORNE),
    "half a preface": (WAYS.sent(PREFACE[:12]), _BORNE),
    "a call before SETTINGS": (WAYS.sent(PREFACE + OPEN), _CUT),
    "a frame of 17 KiB": (of(Kind.DATA, 0, 1, bytes(17 * KIB)), _CUT),
    "a frame that says 16 MiB and never comes": (WAYS.sent(BEGIN + head(0, 2**24 - 1, 0, 1)), _CUT),
    "5,000 frames of no known kind": (WAYS.sent(BEGIN + FLOOD * frame(0xEE)), _BORNE),
    "half a frame": (WAYS.sent(BEGIN + OPEN[:30]), _BORNE),
    "padding that is longer than its frame": (of(Kind.DATA, PADDED, 1, b"\xff\x00"), _BORNE),
}
_STREAMS: Final = {
    "HEADERS on stream 0": (of(Kind.HEADERS, END_HEADERS, 0, fields()), _BORNE),
    "DATA on stream 0": (of(Kind.DATA, 0, 0, b"a"), _BORNE),
    "a stream with an even number": (of(Kind.HEADERS, END_HEADERS, 2, fields()), _BORNE),
    "streams whose numbers go back": (WAYS.sent(BEGIN + call(9) + call(3)), _REFUSED),
    "DATA on a stream that never began": (of(Kind.DATA, 0, 7, b"a"), _BORNE),
    "DATA after the stream's end": (
        WAYS.sent(BEGIN + call(1) + frame(Kind.DATA, 0, 1, b"more")),
        _REFUSED,
    ),
    "PUSH_PROMISE from a client": (of(Kind.PUSH_PROMISE, 4, 1, bytes(4)), _BORNE),
    "RST_STREAM of a stream that never began": (of(Kind.RST_STREAM, 0, 7, bytes(4)), _BORNE),
    "RST_STREAM of three bytes": (WAYS.sent(BEGIN + OPEN + frame(3, 0, 1, bytes(3))), _CUT),
    "5,000 PRIORITY frames, each of a stream on itself": (
        WAYS.sent(BEGIN + FLOOD * frame(Kind.PRIORITY, 0, 1, struct.pack(">IB", 1, 1))),
        _BORNE,
    ),
    "5,000 streams that are reset as they begin": (
        WAYS.sent(BEGIN + b"".join(_RESETS[:FLOOD])),
        _REFUSED,
    ),
    "20,000 streams that are reset as they begin": (
        WAYS.sent(BEGIN + b"".join(_RESETS)),
        _REFUSED,
    ),
    "1,000 streams of headers alone": (WAYS.sent(BEGIN + _HEADERS_ONLY), _BORNE),
    "GOAWAY from a client that goes on": (
        WAYS.sent(BEGIN + frame(Kind.GOAWAY, body=bytes(8)) + call(1)),
        _BORNE,
    ),
}
_FLOODS: Final = {
    "CONTINUATION without HEADERS": (of(Kind.CONTINUATION, 4, 1, fields()), _CUT),
    "another frame between HEADERS and CONTINUATION": (
        WAYS.sent(BEGIN + frame(1, 0, 1, fields()) + frame(Kind.PING, 0, 0, bytes(8))),
        _CUT,
    ),
    "CONTINUATION without an end": (
        WAYS.sent(
            BEGIN + frame(1, 0, 1, fields()) + 500 * frame(9, 0, 1, literal(b"x-a", b"a" * 8 * KIB))
        ),
        _BORNE,
    ),
    "5,000 empty CONTINUATION frames": (
        WAYS.sent(BEGIN + frame(1, 0, 1, fields()) + FLOOD * frame(9, 0, 1)),
        _BORNE,
    ),
    "5,000 SETTINGS frames": (WAYS.sent(BEGIN + FLOOD * settings()), _BORNE),
    "5,000 acknowledgements of nothing": (WAYS.sent(BEGIN + FLOOD * frame(4, ACK)), _CUT),
    "5,000 PING frames": (WAYS.sent(BEGIN + FLOOD * frame(Kind.PING, 0, 0, bytes(8))), _CUT),
    "5,000 WINDOW_UPDATE frames": (
        WAYS.sent(BEGIN + FLOOD * frame(8, 0, 0, struct.pack(">I", 1))),
        _BORNE,
    ),
    "5,000 empty DATA frames": (WAYS.sent(BEGIN + OPEN + FLOOD * frame(0, 0, 1)), _BORNE),
}
_VALUES: Final = {
    "SETTINGS of five bytes": (of(Kind.SETTINGS, 0, 0, bytes(5)), _CUT),
    "SETTINGS on a stream": (of(Kind.SETTINGS, 0, 1), _CUT),
    "an acknowledgement with content": (of(Kind.SETTINGS, ACK, 0, bytes(6)), _CUT),
    "a window of 2³¹": (WAYS.sent(PREFACE + settings((4, 2**31))), _CUT),
    "a frame size of one byte": (WAYS.sent(PREFACE + settings((5, 1))), _CUT),
    "PING of seven bytes": (of(Kind.PING, 0, 0, bytes(7)), _CUT),
    "PING on a stream": (of(Kind.PING, 0, 1, bytes(8)), _BORNE),
    "a window that grows by 0": (of(Kind.WINDOW_UPDATE, 0, 0, bytes(4)), _CUT),
    "a window that grows beyond 2³¹": (
        WAYS.sent(BEGIN + 2 * frame(8, 0, 0, struct.pack(">I", 2**31 - 1))),
        _BORNE,
    ),
    "more DATA than the window takes": (
        WAYS.sent(BEGIN + OPEN + 1_000 * frame(0, 0, 1, bytes(16 * KIB))),
        # Cut, unless the call is answered before the window is passed.
        _REFUSED,
    ),
    "a reader of answers with a window of 0": (WAYS.sent(_NO_WINDOW + call(1)), _REFUSED),
    "500 calls with a window of 0": (
        WAYS.sent(_NO_WINDOW + b"".join(call(2 * number + 1) for number in range(500))),
        _REFUSED,
    ),
    "a watch of all with a window of 0": (
        WAYS.sent(_NO_WINDOW + call(1, path=WATCH_ALL)),
        _BORNE,
    ),
    "2,000 calls of which no answer is read": (
        WAYS.deaf(BEGIN + b"".join(call(2 * number + 1) for number in range(2_000))),
        _BORNE,
    ),
}
_HEADERS: Final = {
    "HPACK: an entry that is not there": (of(1, END_HEADERS, 1, b"\xff\x7f"), _CUT),
    "HPACK: an integer without an end": (of(1, END_HEADERS, 1, b"\xff" * 64), _CUT),
    "HPACK: a text longer than its block": (of(1, END_HEADERS, 1, b"\x00\x7e\x61"), _CUT),
    "HPACK: a table of 1 GiB": (
        of(1, END_HEADERS, 1, b"\x3f\xe1\xff\xff\xff\x03" + fields()),
        _CUT,
    ),
    "HPACK: one entry of 4 KB, 12,000 times": (
        of(1, END_HEADERS | END_STREAM, 1, fields() + _TABLE_BOMB[: 12 * KIB]),
        _REFUSED,
    ),
    "metadata of 64 KiB": (
        WAYS.sent(
            BEGIN
            + frame(1, END_STREAM, 1, fields())
            + 7 * frame(9, 0, 1, literal(b"x-a", b"a" * 9 * KIB))
            + frame(9, END_HEADERS, 1, literal(b"x-b", b"b" * KIB))
        ),
        _BORNE,
    ),
    "a field's name in capitals": (asked(*USUAL, (b"X-A", b"a")), _BORNE),
    "no :path": (asked(*without(b":path")), _REFUSED),
    "no :method": (asked(*without(b":method")), _REFUSED),
    "two :path": (asked((b":path", GET_STATUS), *USUAL), _BORNE),
    "a pseudo-header after the others": (
        asked(*without(b":path"), (b":path", GET_STATUS)),
        _BORNE,
    ),
    "an unknown pseudo-header": (asked((b":a", b"a"), *USUAL), _BORNE),
    "a pseudo-header of answers": (asked((b":status", b"200"), *USUAL), _BORNE),
    "GET instead of POST": (asked((b":method", b"GET"), *without(b":method")), _REFUSED),
    "connection: close": (asked(*USUAL, (b"connection", b"close")), _BORNE),
    "NUL in a field's value": (asked(*USUAL, (b"x-a", b"a\x00b")), _BORNE),
    "a line break in a field's value": (asked(*USUAL, (b"x-a", b"a\r\nb: c")), _BORNE),
    "content of another type": (
        asked(*without(b"content-type"), (b"content-type", b"text/html")),
        _BORNE,
    ),
    "a path of 8 KiB": (WAYS.sent(BEGIN + call(1, path=b"/" + b"a" * 8 * KIB)), _REFUSED),
    "a method that is not there": (WAYS.sent(BEGIN + call(1, path=b"/a/b")), _REFUSED),
    "a deadline that is no time": (messaged(prefixed(b""), (b"grpc-timeout", b"never")), _REFUSED),
}
_MESSAGES: Final = {
    "a prefix that says 4 GiB": (messaged(b"\x00\xff\xff\xff\xff"), _BORNE),
    "a prefix that says more than comes": (messaged(b"\x00\x00\x00\x00\x09a"), _BORNE),
    "half a prefix": (messaged(b"\x00\x00"), _BORNE),
    "two messages in a unary call": (messaged(2 * prefixed(b"")), _REFUSED),
    "no message in a unary call": (messaged(b""), _BORNE),
    "a compressed message without an encoding": (messaged(prefixed(b"a", 1)), _REFUSED),
    "a prefix with an unknown flag": (messaged(prefixed(b"a", 0xFF)), _REFUSED),
    "an unknown encoding": (messaged(prefixed(b"a", 1), (b"grpc-encoding", b"a")), _BORNE),
    "gzip that is none": (messaged(prefixed(b"a", 1), (b"grpc-encoding", b"gzip")), _REFUSED),
    "64 KiB of gzip that are 64 MiB": (
        WAYS.sent(
            BEGIN
            + frame(1, END_HEADERS, 1, fields((b"grpc-encoding", b"gzip")))
            + b"".join(
                frame(0, 0, 1, prefixed(_BOMB, 1)[at : at + 16 * KIB])
                for at in range(0, len(_BOMB) + 5, 16 * KIB)
            )
        ),
        _BORNE,
    ),
    "a message that is no protobuf": (messaged(prefixed(b"\xff" * 100)), _REFUSED),
    "a message whose bytes trickle": (
        WAYS.slowly(BEGIN + OPEN, frame(0, 0, 1, bytes(30))),
        _REFUSED,
    ),
}

CASES: Final = [
    Case(name=name, attack=attack, fate=fate)
    for cases in (_FORMS, _STREAMS, _FLOODS, _VALUES, _HEADERS, _MESSAGES)
    for name, (attack, fate) in cases.items()
]
