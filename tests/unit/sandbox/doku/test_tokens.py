"""The merchant's token: who gets one, how long it lives, what ends it."""

import base64
import json

import pytest

from ovo_sandbox.doku.signing import sign_token_request
from tests.unit.sandbox.doku.merchant import (
    STATUS,
    TOKEN_B2B,
    TOKEN_B2B2C,
    Merchant,
    code,
    is_jakarta_time,
)

GRANT = {"grantType": "client_credentials"}
QUESTION = {"originalPartnerReferenceNo": "order-1", "serviceCode": "55"}


async def use(merchant: Merchant, token: str) -> str:
    """Makes a call with that token and returns its code."""
    raw = json.dumps(QUESTION).encode()
    headers = merchant.headers(STATUS, raw, token)
    return code(await merchant.http.post(STATUS, content=raw, headers=headers))


async def test_a_token_is_a_signed_json_web_token(merchant: Merchant) -> None:
    """Its shape is DOKU's: RS256, issued by DOKU to the client."""
    answer = await merchant.token_call(TOKEN_B2B, GRANT)
    assert code(answer) == "2007300"
    body = answer.json()
    assert (body["tokenType"], body["expiresIn"]) == ("Bearer", 900)
    header, claims, _ = (part + "==" for part in body["accessToken"].split("."))
    assert json.loads(base64.urlsafe_b64decode(header)) == {"alg": "RS256"}
    decoded = json.loads(base64.urlsafe_b64decode(claims))
    assert (decoded["iss"], decoded["clientId"]) == ("DOKU", "BRN-0211-1696919651918")
    assert decoded["exp"] == int(merchant.clock.now().timestamp()) + 900
    assert is_jakarta_time(answer.headers["X-TIMESTAMP"])
    assert answer.headers["X-CLIENT-KEY"] == "BRN-0211-1696919651918"


async def test_a_token_can_be_used_until_it_expires(merchant: Merchant) -> None:
    """After 900 seconds it is an invalid one."""
    token = await merchant.token()
    merchant.clock.advance(899)
    assert await use(merchant, token) == "4045501"
    merchant.clock.advance(1)
    assert await use(merchant, token) == "4015501"


async def test_a_new_token_ends_the_one_before(merchant: Merchant) -> None:
    """Two workers that both fetch tokens throw each other out."""
    first, second = await merchant.token(), await merchant.token()
    assert await use(merchant, first) == "4015501"
    assert await use(merchant, second) == "4045501"


async def test_superseding_can_be_switched_off(merchant: Merchant) -> None:
    """DOKU says it of its wallet alone."""
    merchant.set(supersede_previous_token=False)
    first, second = await merchant.token(), await merchant.token()
    assert [await use(merchant, token) for token in (first, second)] == ["4045501"] * 2


async def test_a_sliding_token_lives_while_it_is_used(merchant: Merchant) -> None:
    """DOKU's wallet page says so; it is off by default."""
    merchant.set(sliding_token=True)
    token = await merchant.token()
    for _ in range(3):
        merchant.clock.advance(600)
        assert await use(merchant, token) == "4045501"
    merchant.clock.advance(900)
    assert await use(merchant, token) == "4015501"


async def test_a_token_that_doku_never_gave_is_not_found(merchant: Merchant) -> None:
    """It gets another case than one that has ended."""
    assert await use(merchant, "never-given") == "4015503"


async def test_expires_in_can_be_a_text(merchant: Merchant) -> None:
    """Some of DOKU's pages show it so."""
    merchant.set(expires_in_type="string")
    assert (await merchant.token_call(TOKEN_B2B, GRANT)).json()["expiresIn"] == "900"


@pytest.mark.parametrize("additional", ["", [], {}, None])
async def test_any_additional_info_is_ignored(merchant: Merchant, additional: object) -> None:
    """Python sends an empty text, PHP an empty list."""
    answer = await merchant.token_call(TOKEN_B2B, {**GRANT, "additionalInfo": additional})
    assert code(answer) == "2007300"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"X-SIGNATURE": None}, "4007302"),
        ({"X-TIMESTAMP": None}, "4007302"),
        ({"X-CLIENT-KEY": None}, "4007302"),
        ({"X-CLIENT-KEY": "BRN-of-somebody-else"}, "4017300"),
        ({"X-SIGNATURE": "AAAA"}, "4017300"),
        ({"X-TIMESTAMP": "2026-01-02T05:00:01Z"}, "4017300"),
    ],
)
async def test_a_token_call_must_prove_itself(
    merchant: Merchant, changes: dict[str, str | None], expected: str
) -> None:
    """A header too few or a signature that does not fit gets no token."""
    headers = {**merchant.token_headers(), **changes}
    kept = {name: value for name, value in headers.items() if value is not None}
    assert code(await merchant.http.post(TOKEN_B2B, json=GRANT, headers=kept)) == expected


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        ("2026-01-02T12:00:00+07:00", "2007300"),
        ("2026-01-02T05:00:00-00:00", "2007300"),
        ("2026-01-02T05:14:59Z", "2007300"),
        ("2026-01-02T05:15:01Z", "4017300"),
        ("2026-01-02T12:00:00", "4007301"),
        ("yesterday", "4007301"),
    ],
)
async def test_a_time_may_be_written_in_any_zone_and_be_a_quarter_of_an_hour_off(
    merchant: Merchant, timestamp: str, expected: str
) -> None:
    """DOKU's libraries write it in three ways."""
    key = merchant.sandbox.keys.merchant_private_key
    client_id = merchant.sandbox.config.doku_client_id
    headers = {
        "X-CLIENT-KEY": client_id,
        "X-TIMESTAMP": timestamp,
        "X-SIGNATURE": sign_token_request(
            private_key=key, string_to_sign=f"{client_id}|{timestamp}"
        ),
    }
    assert code(await merchant.http.post(TOKEN_B2B, json=GRANT, headers=headers)) == expected


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (TOKEN_B2B, {}, "4007302"),
        (TOKEN_B2B, {"grantType": "password"}, "4007301"),
        (TOKEN_B2B2C, {"grantType": "authorization_code"}, "4007402"),
        (TOKEN_B2B2C, {"grantType": "refresh_token", "authCode": "1"}, "4007402"),
        (TOKEN_B2B2C, {"grantType": "authorization_code", "authCode": "1" * 40}, "4017400"),
        (TOKEN_B2B2C, {"grantType": "refresh_token", "refreshToken": "unknown"}, "4017400"),
    ],
)
async def test_a_token_call_says_what_it_wants(
    merchant: Merchant, path: str, body: dict[str, str], expected: str
) -> None:
    """A wrong grant type, or a code that nobody was given."""
    assert code(await merchant.token_call(path, body)) == expected


async def test_moving_the_sandbox_clock_does_not_lock_the_merchant_out(merchant: Merchant) -> None:
    """The merchant signs with wall time, which stays a good time."""
    headers = merchant.token_headers()
    merchant.clock.advance(86_400)
    assert code(await merchant.http.post(TOKEN_B2B, json=GRANT, headers=headers)) == "2007300"
