"""Notifications while their secret is being replaced, and bodies that say a thing twice."""

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from ovo_payments.domain.provider import WebhookKind
from ovo_payments.domain.secret import Secret
from tests.unit.providers.doku.merchant import config, doku_key, merchant_key
from tests.unit.providers.doku.test_webhook import PAID, Doku, asked_with, refused, written


def test_the_previous_secret_signs_while_it_is_being_replaced() -> None:
    """DOKU and we do not change it in the same instant; a third secret signs nothing."""
    new, before = Secret("inbound"), Secret("before")
    doku = Doku(config(notification_secret=new, previous_notification_secret=before))
    for secret in (new, before):
        doku.webhooks.verify(WebhookKind.PAYMENT, doku.notifies(written(PAID), secret=secret))
    third = doku.notifies(written(PAID), secret=Secret("third"))
    assert refused(doku, third) == "a wrong signature"


def test_the_previous_key_asks_for_a_token_while_it_is_being_replaced() -> None:
    """A third one gets none, and neither does the previous where none is said to be."""
    before = generate_private_key(65537, 2048)
    doku = Doku(config(doku_previous_public_key=before.public_key()))
    statuses = [
        doku.asks(signature=asked_with(key)).status for key in (doku_key(), before, merchant_key())
    ]
    assert statuses == [200, 200, 401]
    assert Doku().asks(signature=asked_with(before)).status == 401


def test_a_key_that_stands_twice_is_refused() -> None:
    """Signed all the same: two readers would read two amounts."""
    doku = Doku()
    twice = written(PAID).replace(b"{", b'{"latestTransactionStatus":"06",', 1)
    assert refused(doku, doku.notifies(twice)) == "an unreadable body: a key stands twice"
