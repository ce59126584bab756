"""grpc.health.v1, whose watches end when the service stops.

The library's own servicer keeps them open until they are cut, and a graceful stop would
always wait for its whole grace on them.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Final

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

WHOLE_SERVER: Final = ""

_SERVING: Final = health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING)
_NOT_SERVING: Final = health_pb2.HealthCheckResponse(
    status=health_pb2.HealthCheckResponse.NOT_SERVING
)
_SERVICE_UNKNOWN: Final = health_pb2.HealthCheckResponse(
    status=health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
)

_Context = grpc.aio.ServicerContext[health_pb2.HealthCheckRequest, health_pb2.HealthCheckResponse]


class Health(health_pb2_grpc.HealthServicer):
    """Tells whether the server takes calls, as a whole and by service."""

    def __init__(self, services: Iterable[str]) -> None:
        self._services = frozenset({WHOLE_SERVER, *services})
        self._serving = False
        self._draining = False
        self._changed = asyncio.Event()

    @property
    def serving(self) -> bool:
        """Whether calls are taken."""
        return self._serving

    def serve(self) -> None:
        """Tells everybody that calls are taken."""
        self._serving = True
        self._tell()

    def drain(self) -> None:
        """Tells everybody that no more calls shall come, and ends the watches after it."""
        self._serving = False
        self._draining = True
        self._tell()

    async def Check(  # noqa: N802 - the name of the RPC
        self, request: health_pb2.HealthCheckRequest, context: _Context
    ) -> health_pb2.HealthCheckResponse:
        """Answers for one service; NOT_FOUND for one that is not here."""
        if request.service not in self._services:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such service")
        return self._answer(request.service)

    async def Watch(  # noqa: N802 - the name of the RPC
        self,
        request: health_pb2.HealthCheckRequest,
        context: _Context,  # noqa: ARG002 - every handler gets one
    ) -> AsyncIterator[health_pb2.HealthCheckResponse]:
        """Answers now and whenever it changes; SERVICE_UNKNOWN for a service that is not here."""
        told = None
        while True:
            changed = self._changed
            answer = self._answer(request.service)
            if answer != told:
                yield answer
                told = answer
            if self._draining:
                return
            await changed.wait()

    def _answer(self, service: str) -> health_pb2.HealthCheckResponse:
        if service not in self._services:
            return _SERVICE_UNKNOWN
        return _SERVING if self._serving else _NOT_SERVING

    def _tell(self) -> None:
        # Each change has an event of its own, so that nobody misses one between two.
        self._changed.set()
        self._changed = asyncio.Event()
