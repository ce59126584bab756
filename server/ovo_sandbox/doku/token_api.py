"""Answers DOKU's two token calls, whose only proof is the merchant's RSA signature."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ovo_sandbox.doku.bindings import Bindings
from ovo_sandbox.doku.codes import (
    INVALID_MANDATORY_FIELD,
    SUCCESSFUL,
    UNAUTHORIZED,
    Refused,
    Service,
    response_head,
)
from ovo_sandbox.doku.fields import Fields, read_object
from ovo_sandbox.doku.gate import check_timestamp
from ovo_sandbox.doku.messages import (
    Body,
    customer_token_body,
    jakarta_timestamp,
    merchant_token_body,
)
from ovo_sandbox.doku.scope import Scopes
from ovo_sandbox.doku.signing import token_signature_holds, token_string_to_sign
from ovo_sandbox.doku.switches import PROVIDER, Choices
from ovo_sandbox.doku.tokens import Tokens
from ovo_sandbox.faults import Stage, refusal, spoil
from ovo_sandbox.sandbox import Sandbox

Grant = Callable[[str, Mapping[str, Any]], Body]


class TokenApi:
    """Gives tokens to the merchant, for itself (B2B) and for its customers (B2B2C)."""

    def __init__(
        self,
        context: Sandbox,
        choices: Choices,
        *,
        tokens: Tokens,
        bindings: Bindings,
        scopes: Scopes,
    ) -> None:
        """Knows who is linked."""
        self._context = context
        self._choices = choices
        self._tokens = tokens
        self._bindings = bindings
        self._scopes = scopes

    def routes(self) -> list[Route]:
        """Lists the two paths."""
        path = "/authorization/v1/access-token"
        return [
            self._route(f"{path}/b2b", "token_b2b", Service.MERCHANT_ACCESS, self._for_merchant),
            self._route(
                f"{path}/b2b2c", "token_b2b2c", Service.CUSTOMER_ACCESS, self._for_customer
            ),
        ]

    def _route(self, path: str, operation: str, service: Service, grant: Grant) -> Route:
        async def endpoint(request: Request) -> Response:
            raw = await request.body()
            reference, phone = self._scopes.of(request, raw)
            faults, scheduler = self._context.faults, self._context.scheduler
            fault = faults.take(PROVIDER, operation, reference=reference, phone=phone)
            if fault is not None and fault.stage is Stage.BEFORE:
                return refusal(fault, scheduler)
            try:
                client_id = self._checked_client(request)
                body = response_head(SUCCESSFUL, service) | grant(client_id, read_object(raw))
                status = 200
            except Refused as refused:
                status = refused.case.http_status
                body = response_head(refused.case, service, refused.detail)
            headers = {
                "X-CLIENT-KEY": self._context.config.doku_client_id,
                "X-TIMESTAMP": jakarta_timestamp(self._context.clock.wall_now()),
            }
            return spoil(fault, JSONResponse(body, status, headers), scheduler)

        return Route(path, endpoint, methods=["POST"])

    def _checked_client(self, request: Request) -> str:
        names = ("X-CLIENT-KEY", "X-TIMESTAMP", "X-SIGNATURE")
        client_id, timestamp, signature = (request.headers.get(name, "").strip() for name in names)
        for name, value in zip(names, (client_id, timestamp, signature), strict=True):
            if not value:
                raise Refused(INVALID_MANDATORY_FIELD, name)
        if client_id != self._context.config.doku_client_id:
            raise Refused(UNAUTHORIZED, "Unknown client")
        if not token_signature_holds(
            public_key=self._context.keys.merchant_public_key,
            string_to_sign=token_string_to_sign(client_id=client_id, timestamp=timestamp),
            signature=signature,
        ):
            raise Refused(UNAUTHORIZED, "Signature")
        check_timestamp(timestamp, self._context, self._choices)
        return client_id

    def _for_merchant(self, client_id: str, document: Mapping[str, Any]) -> Body:
        fields = Fields(document)
        fields.text("grantType", choices=("client_credentials",))
        fields.check()
        token = self._tokens.issue_merchant_token(client_id)
        lifetime_s = int(self._choices.seconds("token_lifetime_s"))
        as_text = self._choices.text("expires_in_type") == "string"
        return merchant_token_body(token, str(lifetime_s) if as_text else lifetime_s)

    def _for_customer(self, client_id: str, document: Mapping[str, Any]) -> Body:
        """Grants a token while the account is linked; the auth code can be used again and again."""
        fields = Fields(document)
        grant_type = fields.text("grantType", choices=("authorization_code", "refresh_token"))
        code = fields.text("authCode", required=grant_type == "authorization_code")
        refresh = fields.text("refreshToken", required=grant_type == "refresh_token", longest=2048)
        fields.check()
        if grant_type == "refresh_token":
            code = self._tokens.auth_code_of_refresh_token(refresh) or ""
        binding = self._bindings.find(code)
        if binding is None or binding.state != "SUCCESS" or binding.client_id != client_id:
            raise Refused(UNAUTHORIZED, "Invalid Customer Token" if refresh else "Invalid authCode")
        grant = self._tokens.issue_customer_grant(client_id, code, binding.reference)
        return customer_token_body(grant)
