"""The yardstick of webhooks: starlette with one route that reads a body, in its own process."""

import asyncio
import socket
import sys

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def _take(request: Request) -> JSONResponse:
    await request.body()
    return JSONResponse({"status": "ok"})


async def serve() -> None:
    """Serves until the process ends, and writes its address."""
    bound = socket.create_server(("127.0.0.1", 0), backlog=1_024)
    # As in the service: http is uvicorn's own choice, h11 where httptools is not installed.
    config = uvicorn.Config(
        Starlette(routes=[Route("/", _take, methods=["POST"])]),
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
    )
    server = asyncio.create_task(uvicorn.Server(config).serve([bound]))
    sys.stdout.write(f"http://127.0.0.1:{bound.getsockname()[1]}/\n")
    sys.stdout.flush()
    await server


if __name__ == "__main__":
    uvloop.run(serve())
