"""The sidecar's paths: providers' doors, probes, metrics."""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, Router

from ovo_payments.transport.http.limits import HttpLimits
from ovo_payments.transport.http.metrics import WebhookMetrics
from ovo_payments.transport.http.ports import Check, WebhookReceiver
from ovo_payments.transport.http.senders import Senders
from ovo_payments.transport.http.webhooks import doors

_CHECK_TIMEOUT_S: Final = 2.0

_log = structlog.get_logger()


def build_app(
    *,
    receive_webhook: WebhookReceiver,
    checks: Sequence[Check],
    registry: CollectorRegistry,
    limits: HttpLimits,
    senders: Senders,
) -> Router:
    """Puts the paths together. `/readyz` answers 503 while one of `checks` raises."""
    metrics = WebhookMetrics(registry)

    async def live(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(_request: Request) -> Response:
        failing = [name for check in checks if (name := await _failure(check))]
        return JSONResponse({"ready": not failing, "failing": failing}, 503 if failing else 200)

    async def show_metrics(request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), headers={"content-type": content_type})

    routes = [
        Route(path, door.answer, methods=["POST"])
        for path, door in doors(receive_webhook, metrics, limits, senders).items()
    ]
    routes += [Route("/livez", live), Route("/readyz", ready), Route("/metrics", show_metrics)]
    # No path answers with a redirect: a provider would not follow it with its body.
    return Router(routes, redirect_slashes=False)


async def _failure(check: Check) -> str:
    """Names what a check raised; empty where all is well."""
    try:
        async with asyncio.timeout(_CHECK_TIMEOUT_S):
            await check()
    except Exception as error:  # noqa: BLE001 - whatever it is, the service is not ready
        _log.warning("readiness.failed", error=error)
        return type(error).__name__
    return ""
