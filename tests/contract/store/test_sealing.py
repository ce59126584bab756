"""What names or empowers a customer is sealed at rest, on every database."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from ovo_payments.domain.binding import BindingState, apply
from ovo_payments.domain.payment import Customer, LineItem
from ovo_payments.domain.phone import PhoneNumber
from ovo_payments.domain.ports import InboxState, RequestRecord
from ovo_payments.domain.provider import WebhookKind
from ovo_payments.domain.secret import Secret
from ovo_payments.domain.update import BindingClaim, BindingUpdate, Claim, Source
from ovo_payments.storage.keys import EncryptionKey, EncryptionKeysError
from ovo_payments.storage.sealing import SealBrokenError
from ovo_payments.storage.units.resealing import COLUMNS
from tests.contract.store.databases import Database
from tests.contract.store.samples import (
    NOW,
    SOON,
    a_binding,
    a_lease,
    a_payment,
    a_webhook,
    recorded,
    stored,
    stored_binding,
    told,
    unbinding,
)
from tests.sealing import KEYS, a_sealer

CANARY = "c4nary"
NUMBER = "81299998888"
PAYMENT = a_payment(
    phone_number=PhoneNumber(f"62{NUMBER}"),
    customer=Customer(customer_id=CANARY, name=CANARY, email=f"{CANARY}@shop.example"),
    items=(LineItem(item_id=CANARY, name=CANARY, price_rupiah=15_000, quantity=1),),
    metadata=MappingProxyType({"note": CANARY}),
    redirect_url=f"https://pay.example/{CANARY}",
    success_url=f"https://shop.example/{CANARY}",
    failure_url=f"https://shop.example/{CANARY}",
)
BINDING = a_binding(
    phone_number=PhoneNumber(f"62{NUMBER}"),
    customer_id=CANARY,
    customer=Customer(customer_id=CANARY, name=CANARY, email=f"{CANARY}@shop.example"),
    redirect_url=f"https://link.example/{CANARY}",
    success_url=f"https://shop.example/{CANARY}",
    failure_url=f"https://shop.example/{CANARY}",
    credentials=MappingProxyType({"auth_code": Secret(CANARY), "token": Secret(CANARY)}),
)
WEBHOOK = replace(a_webhook(), body=f'{{"authCode": "{CANARY}", "phone": "0{NUMBER}"}}'.encode())
NEW_KEY = EncryptionKey("newer", bytes(range(32)))


async def everything(database: Database) -> None:
    """Writes a row of every kind with canaries wherever they can be."""
    store = await database.open()
    await stored_binding(store, BINDING)
    await recorded(store, told(await stored(store, PAYMENT), Claim.SUCCEEDED))
    await store.append_webhook(WEBHOOK)
    await store.close()


def stands_in(database: Database, text: str) -> set[str]:
    """Names the tables in which a text stands, whatever the column."""
    found = set()
    for [table] in database.execute(database.tables):
        for row in database.execute(f"SELECT * FROM {table}"):  # noqa: S608 - names of ours
            seen = [part.decode("latin-1") if isinstance(part, bytes) else part for part in row]
            if text in str(seen):
                found.add(table)
    return found


async def test_nothing_of_a_customer_stands_in_the_clear(database: Database) -> None:
    """In no column of any table."""
    await everything(database)

    assert stands_in(database, "pay1")
    assert stands_in(database, CANARY) == set()
    assert stands_in(database, NUMBER) == set()


async def test_a_phone_number_finds_what_is_sealed(database: Database) -> None:
    """By a keyed hash, which is the same whichever key seals the rest."""
    await everything(database)
    store = await database.open()
    found = [
        ("binding", "bind1", "shop", "", "ACTIVE"),
        ("payment", "pay1", "shop", "order of pay1", "SUCCEEDED"),
    ]

    assert await store.find_by_phone(PhoneNumber(f"62{NUMBER}")) == found
    assert await store.find_by_phone(PhoneNumber("6281234567890")) == []
    store.use_keys([NEW_KEY, *KEYS])
    await store.reseal()
    assert await store.find_by_phone(PhoneNumber(f"62{NUMBER}")) == found
    await store.close()


async def test_a_hash_of_one_database_finds_nothing_in_another() -> None:
    """Each has a secret of its own, so numbers can't be tried without it."""
    one, other = a_sealer(), a_sealer()
    other.database_secret = b"of another database"

    assert one.phone_hash(PhoneNumber(f"62{NUMBER}")) != other.phone_hash(
        PhoneNumber(f"62{NUMBER}")
    )


async def test_every_sealed_column_is_known(database: Database) -> None:
    """A table that is added with one is added to those that are sealed anew, or this fails."""
    await everything(database)
    sealed = {
        table
        for [table] in database.execute(database.tables)
        if "sealed" in database.columns(table)
    }

    assert sealed == {column.table for column in COLUMNS}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments SET sealed = (SELECT sealed FROM bindings)",
        "UPDATE payments SET sealed = (SELECT sealed FROM payment_events WHERE version = 1)",
    ],
)
async def test_a_sealed_value_that_is_moved_does_not_open(
    database: Database, statement: str
) -> None:
    """From another row or table, though the same key sealed it."""
    await everything(database)
    database.execute(statement)
    store = await database.open()

    with pytest.raises(SealBrokenError):
        await store.find_payment("pay1")
    await store.close()


async def test_a_version_is_not_taken_for_another(database: Database) -> None:
    """Each has its own place."""
    await everything(database)
    database.execute(
        "UPDATE payment_events SET sealed ="
        " (SELECT sealed FROM payment_events WHERE version = 2) WHERE version = 1"
    )
    store = await database.open()

    with pytest.raises(SealBrokenError):
        await store.read_events("pay1", after_version=0, limit=10)
    await store.close()


async def test_digests_of_a_request_are_sealed(database: Database) -> None:
    """Ten digits can be tried one by one, so not even a digest of them stands in the clear."""
    store = await database.open()
    request = RequestRecord(
        scope="shop",
        method="Bind",
        request_id="request-1",
        digests={"phone_number": CANARY},
        subject_id="bind1",
    )
    await store.create_binding(a_binding(), request, a_lease())

    assert await store.find_request("shop", "Bind", "request-1") == request
    assert stands_in(database, CANARY) == set()
    await store.close()


async def test_resealing_takes_every_value_to_the_newest_key(database: Database) -> None:
    """After it the old key may be left out, and everything is read as before."""
    await everything(database)
    store = await database.open()
    payment, binding = await store.find_payment("pay1"), await store.find_binding("bind1")
    events = await store.read_events("pay1", after_version=0, limit=10)
    store.use_keys([NEW_KEY, *KEYS])

    resealed = await store.reseal()

    assert resealed == {
        "requests": 2,
        "bindings": 1,
        "payments": 1,
        "payment_events": 2,
        "refunds": 0,
        "inbox": 1,
        "own_secret": 1,
    }
    assert sum((await store.reseal()).values()) == 0
    await store.close()
    again = await database.open([NEW_KEY])
    assert await again.find_payment("pay1") == payment
    assert await again.find_binding("bind1") == binding
    assert await again.read_events("pay1", after_version=0, limit=10) == events
    assert await again.find_request("shop", "Charge", "request of pay1") is not None
    assert await again.claim_due_webhooks(NOW, 10, a_lease()) == [WEBHOOK]
    await again.close()


async def test_resealing_goes_on_beyond_the_rows_of_one_turn(database: Database) -> None:
    """A few rows at a time, until there is none."""
    store = await database.open()
    for number in range(450):
        await store.append_webhook(replace(WEBHOOK, inbox_id=f"inb{number:03d}"))
    store.use_keys([NEW_KEY, *KEYS])

    assert (await store.reseal())["inbox"] == 450
    await store.close()


async def test_a_database_does_not_open_without_its_keys(database: Database) -> None:
    """The message names the key that is missing; another key of its name is no better."""
    await (await database.open()).close()

    with pytest.raises(EncryptionKeysError, match="the key tests"):
        await database.open([NEW_KEY])
    with pytest.raises(EncryptionKeysError, match="another key of the same name"):
        await database.open([EncryptionKey("tests", NEW_KEY.key)])


async def test_what_an_ended_link_held_is_destroyed(database: Database) -> None:
    """The row of an unbound link has no credentials, whoever has the keys."""
    await everything(database)
    store = await database.open()
    before = await store.find_binding("bind1")
    assert before is not None
    assert before.credentials
    asked = unbinding(before)
    await store.request_unbind(before, asked, a_lease())
    confirmed = BindingUpdate(source=Source.ANSWER, claim=BindingClaim.UNBOUND)
    await store.record_binding(asked, apply(asked, confirmed, NOW))

    found = await store.find_binding("bind1")

    assert found is not None
    assert found.state is BindingState.UNBOUND
    assert not found.credentials
    await store.close()


@pytest.mark.parametrize("state", [InboxState.APPLIED, InboxState.IGNORED])
async def test_the_body_of_a_links_webhook_is_destroyed_once_it_is_done(
    database: Database, state: InboxState
) -> None:
    """It may hold the auth code, which from then on the binding alone holds."""
    store = await database.open()
    await store.append_webhook(replace(WEBHOOK, kind=WebhookKind.BINDING.value))
    [entry] = await store.claim_due_webhooks(NOW, 10, a_lease("worker", SOON))
    assert entry.body == WEBHOOK.body

    await store.settle_webhook(replace(entry, state=state, next_attempt_time=None), "worker")

    assert database.execute("SELECT state, sealed FROM inbox") == [(state.value, None)]
    with pytest.raises(database.refusal):
        database.execute("UPDATE inbox SET sealed = (SELECT sealed FROM own_secret)")
    await store.close()


async def test_the_body_of_a_payments_webhook_stays(database: Database) -> None:
    """It is what the state rests on."""
    store = await database.open()
    await store.append_webhook(WEBHOOK)
    [entry] = await store.claim_due_webhooks(NOW, 10, a_lease("worker", SOON))
    await store.settle_webhook(
        replace(entry, state=InboxState.APPLIED, next_attempt_time=None), "worker"
    )

    [(sealed,)] = database.execute("SELECT sealed FROM inbox")
    assert sealed is not None
    with pytest.raises(database.refusal):
        database.execute("UPDATE inbox SET sealed = NULL")
    await store.close()
