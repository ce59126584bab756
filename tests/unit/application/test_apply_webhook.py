"""What a webhook may change, and what becomes of it."""

import json

from ovo_payments.application.call import GetStatusRequest
from ovo_payments.application.identifiers import SystemIdentifiers
from ovo_payments.application.providers import Providers
from ovo_payments.application.use_cases import assemble
from ovo_payments.domain.payment import Payment, PaymentState
from ovo_payments.domain.ports import InboxEntry, InboxState
from ovo_payments.domain.provider import InboundRequest
from tests.unit.application.bench import CALL, CHARGE, Bench
from tests.unit.application.scripted import ScriptedProvider

PATH = "/webhooks/scripted"


def settled(bench: Bench) -> list[InboxEntry]:
    """Notes every webhook that is worked off."""
    found: list[InboxEntry] = []
    settle = bench.store.settle_webhook

    async def noted(entry: InboxEntry, lease: str) -> None:
        found.append(entry)
        await settle(entry, lease)

    bench.store.settle_webhook = noted  # type: ignore[method-assign]
    return found


async def test_a_webhook_of_another_amount_is_quarantined(bench: Bench) -> None:
    """It makes no transition and no question, and a person finds it with its reason."""
    payment = await bench.charge()
    entries = settled(bench)
    bench.provider.calls.clear()
    await bench.webhook(reference=payment.payment_id, claim="SUCCEEDED", amount=14_999)
    assert [entry.state for entry in entries] == [InboxState.QUARANTINED]
    assert "14999" in entries[0].note
    assert (await bench.stored(payment)).version == payment.version
    assert bench.provider.calls == []


async def test_a_webhook_of_one_provider_says_nothing_of_anothers_payment(bench: Bench) -> None:
    """However authentic it is."""
    other = ScriptedProvider("other", webhook_proves_state=True)
    application = assemble(
        store=bench.store,
        feed=bench.feed,
        clock=bench.clock,
        identifiers=SystemIdentifiers(),
        # The last one has the path.
        providers=Providers({"scripted": bench.provider, "other": other}),
    )
    payment = (await application.use_cases.charge(CALL, CHARGE)).payment
    assert payment.provider == "scripted"
    entries = settled(bench)
    body = json.dumps({"reference": payment.payment_id, "claim": "SUCCEEDED"}).encode()
    request = InboundRequest(target=PATH, headers={"signature": "good"}, body=body)
    await application.use_cases.receive_webhook(PATH, request)
    await application.resolve.run_once()
    assert [(entry.provider, entry.state) for entry in entries] == [("other", InboxState.WAITING)]
    asked = GetStatusRequest(payment_id=payment.payment_id)
    found = await application.use_cases.get_status(CALL, asked)
    assert isinstance(found, Payment)
    assert found.state is PaymentState.PENDING
