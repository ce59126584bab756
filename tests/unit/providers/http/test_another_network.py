"""A simulation may put its own network in the place of the real one."""

import httpx

from ovo_payments.domain.provider import CallClass
from ovo_payments.providers.http import Answered, HttpClients, Surroundings


async def test_another_network_carries_every_class_of_calls() -> None:
    """The factory is asked for one transport for each class, and calls go through them."""
    carried: list[tuple[str, CallClass]] = []

    def transport_for(provider: str, call_class: CallClass) -> httpx.AsyncBaseTransport:
        def answer(request: httpx.Request) -> httpx.Response:
            carried.append((provider, call_class))
            return httpx.Response(200, stream=httpx.ByteStream(request.url.raw_path))

        return httpx.MockTransport(answer)

    clients = HttpClients(
        provider="midtrans",
        base_url="http://provider.test",
        surroundings=Surroundings(transport_for=transport_for),
    )
    for call_class in CallClass:
        outcome = await clients.of(call_class).send("ask", "GET", "/asked", headers={})
        assert isinstance(outcome, Answered)
        assert outcome.body == b"/asked"
    await clients.close()

    assert carried == [("midtrans", call_class) for call_class in CallClass]
