"""Odd bytes: pieces of JSON that readers trip over, and ways to spoil bytes that were good."""

import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Final

ODD: Final[Sequence[str]] = (
    *("null", "true", "false", "[]", "{}", '""', '" "', "0", "-0", "-1", "1", "15000", "15000.00"),
    *("1e400", "-1e400", "1e999999999", "1e9999999999999999999", "0.1", "1E+2", "15e3"),
    *("NaN", "Infinity", "-Infinity", "01", "+1", ".5", "1.", "0x10", "1_000", "\u0661"),
    *("9" * 400, "9" * 5_000, f"0.{'0' * 5_000}1", f"1e-{'9' * 30}", "18446744073709551616"),
    *(r'"\ud800"', r'"\udfff\ud800"', r'"\ud83d\ude00"', r'"\u0000"', '"\x00"', r'"\x41"'),
    *(r'"\u002e\u002e/"', '"\\"', '"a', "'a'", '"\u202e"', '"\ufeff"', '"\ufffe"', '"\x7f"'),
    *(f'"{"A" * 5_000}"', f'"{"é" * 3_000}"', '"%00"', '"${jndi:ldap://x}"', '"\'; DROP TABLE"'),
    *('"15000"', '"15000.00"', '"15000.000"', '"15000.50"', '"1e4"', '"-15000.00"', '"15,000.00"'),
    *('"\uff11\uff15\uff10\uff10\uff10.00"', '" 15000.00"', '"15000.00\\n"', '"NaN"', '"0x3a98"'),
    *('"9999-12-31 23:59:59"', '"0001-01-01 00:00:00"', '"2026-02-30 00:00:00"', '"now"'),
    *('"9999-12-31T23:59:59-23:59"', '"0001-01-01T00:00:00+23:59"', '"2026-01-02T03:04:05"'),
    *('"http://["', '"https://[::1"', '"javascript:alert(1)"', '"//host"', '"http://a b"'),
    *('{"value":"15000.00"}', '{"value":15000,"currency":"IDR"}', '{"value":{},"currency":[]}'),
    *('{"value":"1.00","value":"2.00","currency":"IDR"}', '{"":""}', '{"a":1,"a":2}'),
    *('[{"refund_key":1}]', '[null,true,1,"",[],{}]', '[{"refund_amount":1e9}]'),
    *("[" * 5_000, "[" * 900 + "]" * 900, '{"a":' * 3_000, '{"a":' * 400 + "1" + "}" * 400),
)
"""Values as they stand in a body; not all of them are JSON."""

_SPLICES: Final[Sequence[bytes]] = (
    *(b"", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc0\xaf", b"\r\n", b"\r\n\r\n"),
    *(b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\\u0022", b"\\ud83d", b"/*", b"//", b"#"),
    *(b" " * 3_000, b"\t\n\r ", b"&order_id=x", b"<!DOCTYPE a>", b"\x1f\x8b", b"%", b"null"),
)


def write(fields: Mapping[str, object], changed: Mapping[str, str] | None = None) -> str:
    """Writes an object in which some values are raw pieces of text."""
    parts = {name: json.dumps(value, ensure_ascii=False) for name, value in fields.items()}
    parts.update(changed or {})
    return "{" + ",".join(f"{json.dumps(name)}:{part}" for name, part in parts.items()) + "}"


def spoil(raw: bytes, random: Random) -> bytes:
    """Changes bytes somewhere: flips, cuts, doubles, moves or puts something in."""
    spoilt = bytearray(raw or b"{")
    for _ in range(random.choice((1, 1, 1, 2, 5, 40))):
        _spoil_once(spoilt, random)
    return bytes(spoilt)


def _spoil_once(spoilt: bytearray, random: Random) -> None:
    place = random.randrange(len(spoilt) + 1)
    end = min(len(spoilt), place + random.choice((1, 1, 2, 8, 64)))
    match random.randrange(6):
        case 0 if place < len(spoilt):
            spoilt[place] ^= 1 << random.randrange(8)
        case 1 if place < len(spoilt):
            spoilt[place] = random.randrange(256)
        case 2:
            del spoilt[place:end]
        case 3:
            spoilt[place:place] = spoilt[place:end]
        case 4:
            del spoilt[place:]
        case _:
            spoilt[place:place] = random.choice(_SPLICES)
