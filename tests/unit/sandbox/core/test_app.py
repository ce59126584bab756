"""The sandbox as an ASGI app."""

from typing import Any

import pytest

from ovo_sandbox.app import create_app
from ovo_sandbox.config import SandboxConfig


@pytest.mark.parametrize("path", ["/v2/charge", "/authorization/v1/access-token/b2b"])
async def test_a_sender_that_goes_away_inside_its_body_breaks_nothing(path: str) -> None:
    """A link that is cut is no error of the sandbox."""
    app = create_app(SandboxConfig(midtrans_server_key="key"))
    messages = iter(
        [
            {"type": "http.request", "body": b"{", "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    sent: list[Any] = []

    async def receive() -> Any:  # noqa: ANN401 - an ASGI message
        return next(messages)

    async def send(message: Any) -> None:  # noqa: ANN401 - an ASGI message
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        # As the keys of a Midtrans merchant are sent: the key, a colon and no password.
        "headers": [(b"authorization", b"Basic a2V5Og==")],
    }
    await app(scope, receive, send)
    assert sent[0]["status"] == 499
