"""The list of addresses that may notify, over real connections."""

import pytest

from ovo_payments.transport.http.senders import Senders, read_networks
from tests.integration.running_sidecar import SIGNED, running

LOOPBACK = read_networks("127.0.0.0/8")
ELSEWHERE = read_networks("203.0.113.0/24")
FORWARDED = SIGNED + "x-forwarded-for: 203.0.113.7\r\n"


async def test_a_listed_address_is_heard() -> None:
    """And nothing else is different."""
    async with running(senders=Senders(allowed=LOOPBACK)) as sidecar, sidecar.connected() as sender:
        assert (await sender.post(b"{}")).status == 200


@pytest.mark.parametrize("headers", [SIGNED, FORWARDED, ""])
async def test_another_address_is_refused_like_a_wrong_signature(headers: str) -> None:
    """Though it signs, and whatever it writes into a proxy's header: it learns nothing."""
    async with running(senders=Senders(allowed=ELSEWHERE)) as sidecar:
        async with sidecar.connected() as sender:
            refused = await sender.post(b"{}", headers=headers)
        assert sidecar.receiver.kept == []
        assert sidecar.count("refused") == 1
    async with running() as open_to_all, open_to_all.connected() as sender:
        unsigned = await sender.post(b"{}", headers="")
    assert refused.told == unsigned.told
    assert refused.headers.keys() == unsigned.headers.keys()


async def test_a_proxy_of_ours_is_believed() -> None:
    """About whom it speaks for, and nobody else."""
    senders = Senders(allowed=ELSEWHERE, proxies=LOOPBACK)
    async with running(senders=senders) as sidecar, sidecar.connected() as proxy:
        assert (await proxy.post(b"{}", headers=FORWARDED)).status == 200
        assert (await proxy.post(b"{}")).status == 401


async def test_a_question_of_another_address_is_refused_too() -> None:
    """DOKU's call for a token comes from where its notifications come from."""
    senders = Senders(allowed=ELSEWHERE)
    async with running(senders=senders) as sidecar, sidecar.connected() as sender:
        refused = await sender.post(b"{}", "/token")
    assert refused.told == (401, b"no token for you")
