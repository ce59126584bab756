"""Notifications while their secret is being replaced, and bodies that say a thing twice."""

from ovo_payments.domain.provider import WebhookKind
from ovo_payments.domain.secret import Secret
from tests.unit.providers.doku.merchant import config
from tests.unit.providers.doku.test_webhook import PAID, Doku, refused, written


def test_the_previous_secret_signs_while_it_is_being_replaced() -> None:
    """DOKU and we do not change it in the same instant; a third secret signs nothing."""
    new, before = Secret("inbound"), Secret("before")
    doku = Doku(config(notification_secret=new, previous_notification_secret=before))
    for secret in (new, before):
        doku.webhooks.verify(WebhookKind.PAYMENT, doku.notifies(written(PAID), secret=secret))
    third = doku.notifies(written(PAID), secret=Secret("third"))
    assert refused(doku, third) == "a wrong signature"


def test_a_key_that_stands_twice_is_refused() -> None:
    """Signed all the same: two readers would read two amounts."""
    doku = Doku()
    twice = written(PAID).replace(b"{", b'{"latestTransactionStatus":"06",', 1)
    assert refused(doku, doku.notifies(twice)) == "an unreadable body: a key stands twice"
