"""Attacks on the sidecar, each on a connection of its own."""

import re
from typing import Final

from tests.attacks.case import Case, Ways
from tests.attacks.hello import CLIENT_HELLO
from tests.attacks.outcome import Fate, Outcome

KIB: Final = 1024
DOOR: Final = "/webhooks/midtrans"
_CUT, _REFUSED, _BORNE = Fate.CUT, Fate.REFUSED, Fate.BORNE


def heard(data: bytes, *, closed: bool) -> Outcome:
    """Reads the statuses of all answers."""
    statuses = [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", data)]
    told = list(dict.fromkeys(f"HTTP {status}" for status in statuses))
    return Outcome(closed=closed, refused=any(status >= 400 for status in statuses), told=told)


WAYS: Final = Ways(heard)


def posted(lines: str, body: str = "") -> str:
    """Makes a webhook with these lines in its head, true or not."""
    return f"POST {DOOR} HTTP/1.1\r\nhost: a\r\n{lines}\r\n\r\n{body}"


def got(target: str = "/livez", lines: str = "host: a", version: str = "HTTP/1.1") -> str:
    """Makes a question."""
    return f"GET {target} {version}\r\n{lines}\r\n\r\n"


CHUNKED: Final = "transfer-encoding: chunked"
HIDDEN: Final = got("/metrics")
"""A request that an attacker hides in the body of another."""

_SMUGGLING: Final = {
    "a length and chunks": (
        WAYS.sent(posted(f"content-length: 6\r\n{CHUNKED}", f"0\r\n\r\n{HIDDEN}")),
        _REFUSED,
    ),
    "chunks and a length": (
        WAYS.sent(posted(f"{CHUNKED}\r\ncontent-length: 6", f"0\r\n\r\n{HIDDEN}")),
        _REFUSED,
    ),
    "two lengths": (WAYS.sent(posted("content-length: 2\r\ncontent-length: 3", "{}a")), _CUT),
    "two lengths in one line": (WAYS.sent(posted("content-length: 2, 3", "{}a")), _CUT),
    "a negative length": (WAYS.sent(posted("content-length: -1", "{}")), _CUT),
    "a length with a sign": (WAYS.sent(posted("content-length: +2", "{}")), _CUT),
    "a length in hexadecimal": (WAYS.sent(posted("content-length: 0x2", "{}")), _CUT),
    "a length of 400 digits": (WAYS.sent(posted(f"content-length: {'9' * 400}", "{}")), _CUT),
    "chunks twice": (WAYS.sent(posted(f"{CHUNKED}\r\n{CHUNKED}", "0\r\n\r\n")), _CUT),
    "chunks of another kind": (WAYS.sent(posted("transfer-encoding: xchunked", "0\r\n\r\n")), _CUT),
    "chunks within gzip": (
        WAYS.sent(posted("transfer-encoding: gzip, chunked", "0\r\n\r\n")),
        _CUT,
    ),
    "a vertical tab before chunked": (
        WAYS.sent(posted("transfer-encoding: \x0bchunked", "0\r\n\r\n")),
        _CUT,
    ),
    "chunks in HTTP/1.0": (
        WAYS.sent(posted(CHUNKED, "0\r\n\r\n").replace("HTTP/1.1", "HTTP/1.0")),
        _CUT,
    ),
    "a chunk whose size is no number": (WAYS.sent(posted(CHUNKED, "a-z\r\n{}\r\n")), _CUT),
    "a chunk of a negative size": (WAYS.sent(posted(CHUNKED, "-1\r\n{}\r\n")), _CUT),
    "a chunk of 2⁶⁴ bytes": (WAYS.sent(posted(CHUNKED, f"{'f' * 16}\r\n{{}}")), _BORNE),
    "a chunk's size of 100 digits": (WAYS.sent(posted(CHUNKED, f"{'f' * 100}\r\n{{}}")), _CUT),
    "a chunk without its end": (WAYS.sent(posted(CHUNKED, "2\r\n{}a\r\n0\r\n\r\n")), _CUT),
    "an endless extension of a chunk": (WAYS.sent(posted(CHUNKED, "2;" + "a" * 64 * KIB)), _CUT),
    "endless trailers": (WAYS.sent(posted(CHUNKED, "0\r\n" + 9_000 * "x-a: a\r\n")), _CUT),
    "a space before the colon": (WAYS.sent(posted("content-length : 2", "{}")), _CUT),
    "a folded line": (
        WAYS.sent(posted(f"x-a: a\r\n {CHUNKED}\r\ncontent-length: 2", "{}")),
        _REFUSED,
    ),
    "a request in the body of GET": (
        WAYS.sent(got(lines=f"host: a\r\ncontent-length: {len(HIDDEN)}") + HIDDEN),
        _BORNE,
    ),
}
_HEADS: Final = {
    "a line without an end": (WAYS.sent(f"GET /{'a' * 64 * KIB}"), _CUT),
    "a field without an end": (WAYS.sent(f"GET / HTTP/1.1\r\nx-a: {'a' * 64 * KIB}"), _CUT),
    "10,000 fields": (WAYS.sent("GET / HTTP/1.1\r\nhost: a\r\n" + 10_000 * "x-a: a\r\n"), _CUT),
    "a query of 64 KiB": (WAYS.sent(got("/livez?" + "a" * 64 * KIB)), _BORNE),
    "a query of 8 KiB": (WAYS.sent(got("/livez?" + "a" * 8 * KIB)), _BORNE),
    "no host": (WAYS.sent(got(lines="x-a: a")), _CUT),
    "two hosts": (WAYS.sent(got(lines="host: a\r\nhost: b")), _CUT),
    "an absolute URI": (WAYS.sent(got("http://b/metrics")), _REFUSED),
    "a path that climbs": (WAYS.sent(got("/webhooks/../../etc/passwd")), _REFUSED),
    "a path that climbs, encoded": (WAYS.sent(got("/%2e%2e/%2e%2e/etc/passwd")), _REFUSED),
    "a path that is no UTF-8": (WAYS.sent(got("/%ff%fe%00")), _REFUSED),
    "NUL in the path": (WAYS.sent(got("/live\x00z")), _CUT),
    "NUL in a field": (WAYS.sent(got(lines="host: a\r\nx-a: a\x00b")), _CUT),
    "a lone CR in a field": (WAYS.sent(got(lines="host: a\r\nx-a: a\rx-b: b")), _CUT),
    "lines that end with LF alone": (WAYS.sent("GET /livez HTTP/1.1\nhost: a\n\n"), _BORNE),
    "CONNECT": (WAYS.sent("CONNECT b:443 HTTP/1.1\r\nhost: b:443\r\n\r\n"), _REFUSED),
    "TRACE": (WAYS.sent("TRACE /livez HTTP/1.1\r\nhost: a\r\n\r\n"), _REFUSED),
    "a method that is none": (WAYS.sent("FROB /livez HTTP/1.1\r\nhost: a\r\n\r\n"), _REFUSED),
    "a method of 1 KiB": (WAYS.sent(f"{'A' * KIB} /livez HTTP/1.1\r\nhost: a\r\n\r\n"), _REFUSED),
    "HTTP/0.9": (WAYS.sent("GET /livez\r\n\r\n"), _CUT),
    "HTTP/3.0": (WAYS.sent(got(version="HTTP/3.0")), _BORNE),
    "garbage": (WAYS.sent(bytes(range(128, 256)) + b"\r\n\r\n"), _CUT),
    "TLS on a port in clear": (WAYS.sent(CLIENT_HELLO), _CUT),
    "HTTP/2's preface": (WAYS.sent("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), _CUT),
    "Upgrade: h2c": (
        WAYS.sent(got(lines="host: a\r\nconnection: upgrade\r\nupgrade: h2c\r\nhttp2-settings: a")),
        _BORNE,
    ),
    "Upgrade: websocket": (
        WAYS.sent(
            got(
                lines="host: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: a"
            )
        ),
        _BORNE,
    ),
    "an expectation that nobody knows": (WAYS.sent(got(lines="host: a\r\nexpect: gold")), _BORNE),
}
_BODIES: Final = {
    "a body of 64 KiB and a byte": (WAYS.sent(posted(f"content-length: {64 * KIB + 1}")), _CUT),
    "chunks of more than 64 KiB": (
        WAYS.sent(posted(CHUNKED, 5 * f"4000\r\n{'a' * 16 * KIB}\r\n")),
        _CUT,
    ),
    "10,000 chunks of a byte": (
        WAYS.sent(posted(CHUNKED, 10_000 * "1\r\na\r\n" + "0\r\n\r\n")),
        _REFUSED,
    ),
    "a body for a path that is not there": (
        WAYS.sent("POST /nowhere HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n{"),
        _CUT,
    ),
    "60,000 nested lists": (WAYS.sent(posted("content-length: 60000", "[" * 60_000)), _REFUSED),
    "a body that says gzip": (
        WAYS.sent(posted("content-encoding: gzip\r\ncontent-length: 2", "{}")),
        _REFUSED,
    ),
    "a body that is no UTF-8": (
        WAYS.sent(posted("content-length: 2").encode() + b"\xff\xfe"),
        _REFUSED,
    ),
    "JSON with a key twice": (
        WAYS.sent(posted("content-length: 13", '{"a":1,"a":2}')),
        _REFUSED,
    ),
    "a number of 5,000 digits": (WAYS.sent(posted("content-length: 5000", "9" * 5_000)), _REFUSED),
    "a forged webhook": (WAYS.sent(posted("content-length: 2", "{}")), _REFUSED),
    "100 forged webhooks in one write": (
        WAYS.sent(100 * posted("content-length: 2", "{}")),
        _REFUSED,
    ),
}
_TIME: Final = {
    "a connection on which nothing comes": (WAYS.sent(b""), _BORNE),
    "200 connections on which nothing comes": (WAYS.crowd("", 200), _BORNE),
    "100 connections that are reset in the middle of a body": (
        WAYS.leaving(posted("content-length: 9", "{"), 100),
        _CUT,
    ),
    "a head that trickles": (
        WAYS.slowly("GET /livez HTTP/1.1\r\n", "x-a: aaaaaaaaaaaaaaaaaa"),
        _BORNE,
    ),
    "50 heads that never end": (WAYS.crowd("GET /livez HTTP/1.1\r\nx-a: ", 50), _BORNE),
    "a body that trickles": (
        WAYS.slowly(posted("content-length: 99"), "{aaaaaaaaaaaaaaaaaaa"),
        _BORNE,
    ),
    "50 bodies that never end": (WAYS.crowd(posted("content-length: 99", "{"), 50), _BORNE),
    "Expect: 100-continue without a body": (
        WAYS.sent(posted("expect: 100-continue\r\ncontent-length: 2")),
        _BORNE,
    ),
    "1,000 questions in one write": (WAYS.sent(1_000 * got()), _BORNE),
    "2,000 long answers of which none is read": (WAYS.deaf(2_000 * got("/metrics")), _BORNE),
    "a body that is half closed": (
        WAYS.sent(posted("content-length: 9", "{"), half_closed=True),
        _CUT,
    ),
}

CASES: Final = [
    Case(name=name, attack=attack, fate=fate)
    for cases in (_SMUGGLING, _HEADS, _BODIES, _TIME)
    for name, (attack, fate) in cases.items()
]
