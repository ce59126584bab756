"""Links, through every history that hypothesis finds: offered, linked, debited, unlinked."""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, invariant, multiple, rule

from ovo_payments.application.call import BindingResult, GetStatusRequest, PaymentResult
from ovo_payments.domain.binding import Binding, BindingState
from ovo_payments.domain.errors import (
    BindingNotActiveError,
    BindingNotFoundError,
    OrderAlreadyPaidError,
    PaymentInFlightError,
    ProviderUnavailableError,
    RequestIdReusedError,
)
from ovo_payments.domain.update import BindingClaim, Claim
from tests.models.machine import CALLERS, FATES, REQUEST_IDS, Machine, Used, caller, steps
from tests.models.outside import Fate, Link
from tests.unit.application.bench import BIND, PAY

CUSTOMERS = st.sampled_from(("customer-1", "customer-2"))
P, A, F, E, U = BindingState
LISTED = {(P, A), (P, F), (P, E), (P, U), (A, U)}
NEVER_CHANGES = ("scope", "customer_id", "provider", "phone_number", "external_reference")


class Bindings(Machine):
    """Links of two callers' customers, at a provider whose notifications are evidence."""

    proves_state = True
    links_made = Bundle("links_made")

    def __init__(self) -> None:
        super().__init__()
        self.bound: dict[str, str] = {}
        """Whose link it is, by binding id."""
        self.seen_links: dict[str, Binding] = {}
        self.once_linked: set[str] = set()
        self.order_count = 0

    @rule(
        target=links_made, scope=CALLERS, customer_id=CUSTOMERS, request_id=REQUEST_IDS, fate=FATES
    )
    def bind(self, scope: str, customer_id: str, request_id: str, fate: Fate) -> object:
        """I-16: a request is one link."""
        self.outside.fate = fate
        request = replace(BIND, request_id=request_id, customer_id=customer_id)
        sent, used = self.outside.sends("bind"), self.used.get((scope, "Bind", request_id))
        outcome = self.call(self.use_cases.bind(caller(scope), request))
        if used is not None:
            assert self.outside.sends("bind") == sent
            same = used.content == customer_id
            assert isinstance(outcome, BindingResult if same else RequestIdReusedError)
            return multiple()
        assert self.outside.sends("bind") == sent + 1
        if fate is Fate.HANGS:
            assert isinstance(outcome, str)
            made = outcome
        elif fate is Fate.NOT_SENT:
            assert isinstance(outcome, ProviderUnavailableError)
            made = outcome.binding_id
        else:
            assert isinstance(outcome, BindingResult)
            made = outcome.binding.binding_id
        self.used[scope, "Bind", request_id] = Used(content=customer_id, subject_id=made)
        self.bound[made] = scope
        return made

    @rule(binding_id=links_made, agrees=st.booleans())
    def the_customer_decides(self, binding_id: str, agrees: bool) -> None:  # noqa: FBT001 - one of two
        """On the page, for as long as it is there."""
        binding = self.link(binding_id)
        in_time = self.clock.now() < binding.expire_time
        if self.outside.links[binding_id] is Link.OFFERED and binding.redirect_url and in_time:
            self.outside.links[binding_id] = Link.LINKED if agrees else Link.REFUSED
            if agrees:
                self.once_linked.add(binding_id)

    @rule(binding_id=links_made)
    def the_customer_unlinks_in_the_app(self, binding_id: str) -> None:
        """Nobody is told."""
        if self.outside.links[binding_id] is Link.LINKED:
            self.outside.links[binding_id] = Link.UNLINKED

    @rule(binding_id=links_made, times=st.integers(1, 2))
    def a_notification_comes(self, binding_id: str, times: int) -> None:
        """Of how the linking ended, also long after."""
        refused = self.outside.links[binding_id] is Link.REFUSED
        if refused or binding_id in self.once_linked:
            claim = BindingClaim.FAILED if refused else BindingClaim.ACTIVE
            reference = self.link(binding_id).external_reference
            for _ in range(times):
                self.webhook("/webhooks/scripted/binding", reference=reference, claim=claim.value)

    @rule(binding_id=links_made, scope=CALLERS, fate=FATES)
    def unbind(self, binding_id: str, scope: str, fate: Fate) -> None:
        """Unlinks, unless a payment is on its way."""
        self.outside.fate = fate
        before, sent = self.link(binding_id), self.outside.sends("unbind")
        in_flight = self.run(self.store.find_open_payment_of_binding(binding_id))
        outcome = self.call(self.use_cases.unbind(caller(scope), binding_id))
        sent_now = self.outside.sends("unbind") - sent
        if self.bound[binding_id] != scope:
            assert isinstance(outcome, BindingNotFoundError)
        elif before.state is BindingState.PENDING:
            assert isinstance(outcome, BindingNotActiveError)
        elif before.state.final:
            assert outcome == before
        elif in_flight is not None:
            assert isinstance(outcome, PaymentInFlightError)
        else:
            assert sent_now == 1
            return
        assert sent_now == 0

    @rule(binding_id=links_made, scope=CALLERS, fate=FATES)
    def pay(self, binding_id: str, scope: str, fate: Fate) -> None:
        """Debits the linked account, and nobody else's."""
        self.outside.fate = fate
        self.order_count += 1
        order_id = f"order-{self.order_count}"
        request = replace(PAY, binding_id=binding_id, order_id=order_id, request_id=order_id)
        before, sent = self.link(binding_id), self.outside.sends("pay")
        outcome = self.call(self.use_cases.pay(caller(scope), request))
        if self.bound[binding_id] != scope:
            assert isinstance(outcome, BindingNotFoundError)
        elif not before.usable:
            assert isinstance(outcome, BindingNotActiveError)
        else:
            assert self.outside.sends("pay") == sent + 1
            assert not isinstance(outcome, OrderAlreadyPaidError)
            found = self.run(self.store.find_latest_payment(scope, order_id))
            assert found is not None
            self.owners[found.payment_id] = scope
            assert isinstance(outcome, PaymentResult | ProviderUnavailableError | str)
            return
        assert self.outside.sends("pay") == sent

    @rule(paid=st.booleans())
    def customers_confirm(self, paid: bool) -> None:  # noqa: FBT001 - one of two
        """All debits that wait are paid, or declined."""
        for truth in self.outside.payments.values():
            if truth.now is Claim.PENDING:
                truth.becomes(Claim.SUCCEEDED if paid else Claim.FAILED)

    @rule(binding_id=links_made, scope=CALLERS)
    def status_is_asked_for(self, binding_id: str, scope: str) -> None:
        """I-14: by whoever made it, and by nobody else."""
        request = GetStatusRequest(binding_id=binding_id, refresh=True)
        told = self.call(self.use_cases.get_status(caller(scope), request))
        own = self.bound[binding_id] == scope
        assert isinstance(told, Binding if own else BindingNotFoundError)

    @invariant()
    def links_go_forward(self) -> None:
        """Only the listed changes, each a version more, and none without its cause."""
        for binding_id in self.bound:
            binding = self.link(binding_id)
            before = self.seen_links.get(binding_id)
            self.seen_links[binding_id] = binding
            if before is not None and before != binding:
                assert all(
                    getattr(before, name) == getattr(binding, name) for name in NEVER_CHANGES
                )
                assert binding.version > before.version
                assert not before.state.final
                path = (before.state, binding.state)
                # Between two looks a link may become active and be gone again.
                assert before.state is binding.state or path in LISTED
            if binding.state.final:
                assert not binding.credentials
            if binding.state is BindingState.ACTIVE:
                assert binding_id in self.once_linked
            if binding.state is BindingState.EXPIRED:
                assert self.clock.now() >= binding.expire_time
                assert self.outside.links[binding_id] is not Link.LINKED
            if binding.state is BindingState.UNBOUND:
                assert self.outside.links[binding_id] is not Link.LINKED

    def link(self, binding_id: str) -> Binding:
        """A link as it is."""
        found = self.run(self.store.find_binding(binding_id))
        assert found is not None, "a link vanished"
        return found

    def settle(self) -> None:
        """Customers confirm; pages close; unlinkings that are open come to an end."""
        self.outside.fate = Fate.ANSWERED
        self.customers_confirm(paid=True)
        for _ in range(40):
            self.pass_time(3 * 3600)

    def hold_the_end(self) -> None:
        """No link is left open for ever; debits are what they truly are."""
        super().hold_the_end()
        for binding_id in self.bound:
            binding = self.link(binding_id)
            assert not binding.open, "a link is open, and nobody asks"
        self.links_go_forward()


TestBindings = Bindings.TestCase
TestBindings.settings = steps(30, 25)
