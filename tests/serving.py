"""Runs a Sanic app inside a test's own event loop, on a free loopback port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from sanic import Sanic

from tests.conftest import free_port


@asynccontextmanager
async def served(app: Sanic) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of the running app; the app's start and stop listeners run as in production."""
    port = free_port()
    app.config.TOUCHUP = False  # it rewrites Sanic's own classes, once a process; tests run many apps
    server = await app.create_server(host="127.0.0.1", port=port, return_asyncio_server=True)
    assert server is not None
    await server.startup()
    await server.before_start()
    await server.after_start()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20) as client:
            yield client
    finally:
        await server.before_stop()
        server.close()
        await server.wait_closed()
        await server.after_stop()
        Sanic._app_registry.pop(app.name, None)
