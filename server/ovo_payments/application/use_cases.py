"""All that the service does, as the transports see it."""

from dataclasses import dataclass

from ovo_payments.application.apply_webhook import ApplyWebhook
from ovo_payments.application.ask import Ask
from ovo_payments.application.balance import Balance
from ovo_payments.application.bind import Bind
from ovo_payments.application.charge import Charge
from ovo_payments.application.get_status import GetStatus
from ovo_payments.application.intents import Intents
from ovo_payments.application.observer import Nobody, Observer
from ovo_payments.application.pay import Pay
from ovo_payments.application.providers import Providers
from ovo_payments.application.receive_webhook import ReceiveWebhook
from ovo_payments.application.recorder import Recorder
from ovo_payments.application.refund import RefundPayment
from ovo_payments.application.resolve import Resolve
from ovo_payments.application.return_urls import ReturnUrls
from ovo_payments.application.sends import Sends
from ovo_payments.application.unbind import Unbind
from ovo_payments.application.watch_payment import WatchPayment
from ovo_payments.application.watch_payments import WatchPayments
from ovo_payments.domain.ports import Clock, Feed, Identifiers, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    """One callable for each RPC, and one for webhooks."""

    bind: Bind
    unbind: Unbind
    balance: Balance
    pay: Pay
    charge: Charge
    refund: RefundPayment
    get_status: GetStatus
    watch_payment: WatchPayment
    watch_payments: WatchPayments
    receive_webhook: ReceiveWebhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The use cases, and what runs beside them."""

    use_cases: UseCases
    resolve: Resolve
    sends: Sends


def assemble(
    *,
    store: Store,
    feed: Feed,
    clock: Clock,
    identifiers: Identifiers,
    providers: Providers,
    observer: Observer | None = None,
    return_urls: ReturnUrls | None = None,
) -> Application:
    """Puts the use cases together on one set of ports."""
    observer = observer or Nobody()
    recorder = Recorder(store, feed, clock, providers, observer)
    ask = Ask(providers, recorder)
    sends = Sends()
    intents = Intents(
        store=store,
        feed=feed,
        clock=clock,
        identifiers=identifiers,
        providers=providers,
        recorder=recorder,
        sends=sends,
        return_urls=return_urls or ReturnUrls(),
    )
    resolve = Resolve(
        store=store,
        providers=providers,
        ask=ask,
        apply_webhook=ApplyWebhook(
            store=store,
            providers=providers,
            recorder=recorder,
            ask=ask,
            clock=clock,
            observer=observer,
        ),
        clock=clock,
        identifiers=identifiers,
    )
    get_status = GetStatus(store, ask, sends)
    use_cases = UseCases(
        bind=Bind(intents),
        unbind=Unbind(intents),
        balance=Balance(store, providers, recorder, clock),
        pay=Pay(intents),
        charge=Charge(intents),
        refund=RefundPayment(intents),
        get_status=get_status,
        watch_payment=WatchPayment(store, feed, get_status, clock),
        watch_payments=WatchPayments(store, feed, providers, clock),
        receive_webhook=ReceiveWebhook(
            store=store,
            providers=providers,
            clock=clock,
            identifiers=identifiers,
            wake_inbox=resolve.wake_inbox,
        ),
    )
    return Application(use_cases=use_cases, resolve=resolve, sends=sends)
