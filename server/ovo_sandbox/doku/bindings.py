"""Links OVO accounts to a merchant's customers, and cuts the links again."""

from dataclasses import replace
from typing import Final

from ovo_sandbox.doku.codes import INVALID_CUSTOMER_TOKEN, TRANSACTION_NOT_PERMITTED, Refused
from ovo_sandbox.doku.messages import binding_notification
from ovo_sandbox.doku.names import digits
from ovo_sandbox.doku.records import EXPIRED, Binding, BindingState
from ovo_sandbox.doku.requests import BindingRequest
from ovo_sandbox.doku.switches import PROVIDER, Choices
from ovo_sandbox.doku.tokens import Tokens
from ovo_sandbox.sandbox import Sandbox

# The reasons behind 4030715, as production integrations know them.
OTHER_CUSTOMER: Final = "OVO account already registered by another customer"
SAME_CUSTOMER: Final = "Account Already Registered"
BLOCKED: Final = "OVO account blocked temporary"
NO_ACCOUNT: Final = "OVO account not available please register to ovo"

_KIND: Final = "doku.binding"
_LINK: Final = "doku.link"


class Bindings:
    """Keeps bindings; an OVO account can be linked to one customer of the merchant only."""

    def __init__(self, context: Sandbox, choices: Choices, tokens: Tokens) -> None:
        """Builds on the tokens, which speak for links."""
        self._context = context
        self._choices = choices
        self._tokens = tokens

    def start(self) -> None:
        """Sets the timers of the pages that are still open."""
        for binding in self.all():
            if binding.state == "PENDING":
                self._expire_in_time(binding)

    def open(self, request: BindingRequest, *, client_id: str, external_id: str) -> Binding:
        """Begins a binding, which the customer completes on its page."""
        self._refuse_unfit(request.phone, request.customer_id)
        random, now = self._context.random, self._context.clock.now()
        binding = Binding(
            auth_code=digits(random, 40),
            reference=digits(random, 12),
            client_id=client_id,
            external_id=external_id,
            phone=request.phone,
            customer_id=request.customer_id,
            success_url=request.success_url,
            failed_url=request.failed_url,
            form_token=digits(random, 24),
            created_at=now,
            expires_at=now + self._choices.period("binding_window_s"),
        )
        self.save(binding)
        self._expire_in_time(binding)
        return binding

    def find(self, auth_code: str) -> Binding | None:
        """Reads a binding, or None."""
        document = self._context.store.get(_KIND, auth_code)
        return None if document is None else Binding.from_json(document)

    def all(self) -> list[Binding]:
        """Lists the bindings, oldest first."""
        return [Binding.from_json(document) for document in self._context.store.documents(_KIND)]

    def save(self, binding: Binding) -> None:
        """Writes a binding as it should be."""
        self._context.store.put(_KIND, binding.auth_code, binding.as_json())

    def of_customer_token(self, token: str) -> Binding:
        """Returns the link that a customer token speaks for, or refuses the token."""
        auth_code = self._tokens.auth_code_of_customer_token(token.removeprefix("Bearer "))
        binding = None if auth_code is None else self.find(auth_code)
        if binding is None or binding.state != "SUCCESS":
            raise Refused(INVALID_CUSTOMER_TOKEN)
        return binding

    def complete(self, binding: Binding) -> Binding:
        """Links the account, unless another customer was faster."""
        try:
            self._refuse_unfit(binding.phone, binding.customer_id)
        except Refused as refused:
            return self.fail(binding, refused.detail)
        with self._context.store.transaction():
            self._context.store.put(_LINK, binding.phone, {"auth_code": binding.auth_code})
            return self._end(binding, "SUCCESS")

    def fail(self, binding: Binding, reason: str) -> Binding:
        """Ends a binding without a link."""
        return self._end(replace(binding, failure=reason), "FAILED")

    def unlink(self, binding: Binding) -> Binding:
        """Cuts the link, whoever wished it; every token of it is worthless from here on."""
        unlinked = replace(binding, state="UNLINKED")
        with self._context.store.transaction():
            link = self._context.store.get(_LINK, binding.phone)
            if link is not None and link["auth_code"] == binding.auth_code:
                self._context.store.delete(_LINK, binding.phone)
            self.save(unlinked)
        return unlinked

    def _refuse_unfit(self, phone: str, customer_id: str) -> None:
        account = self._context.wallet.account(phone)
        link = self._context.store.get(_LINK, phone)
        linked = None if link is None else self.find(link["auth_code"])
        if not account.registered:
            raise Refused(TRANSACTION_NOT_PERMITTED, NO_ACCOUNT)
        if account.blocked:
            raise Refused(TRANSACTION_NOT_PERMITTED, BLOCKED)
        if linked is not None:
            same = linked.customer_id == customer_id
            raise Refused(TRANSACTION_NOT_PERMITTED, SAME_CUSTOMER if same else OTHER_CUSTOMER)

    def _end(self, binding: Binding, state: BindingState) -> Binding:
        ended = replace(binding, state=state, completed_at=self._context.clock.now())
        url = self._context.config.doku_binding_notification_url
        with self._context.store.transaction():
            self.save(ended)
            self._context.delivery.notify(
                PROVIDER,
                event=f"binding.{state.lower()}",
                reference=ended.customer_id,
                phone=ended.phone,
                urls=() if url is None else (url,),
                payload={"body": binding_notification(ended)},
                delay_s=self._choices.seconds("notification_delay_s"),
            )
        self._context.scheduler.cancel(f"doku.expire_binding:{ended.auth_code}")
        return ended

    def _expire_in_time(self, binding: Binding) -> None:
        async def expire() -> None:
            current = self.find(binding.auth_code)
            if current is not None and current.state == "PENDING":
                self._end(replace(current, failure=EXPIRED), "EXPIRED")

        name = f"doku.expire_binding:{binding.auth_code}"
        self._context.scheduler.call_at(binding.expires_at, name, expire)
