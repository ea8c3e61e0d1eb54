"""HTTP to other systems, which only ever reaches the outside.

The name is resolved here, every address it stands for is checked, and the connection goes to the very address that was
checked, so that a name cannot lead elsewhere a moment later (DNS rebinding).
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address

import httpx

from bot.domain.addresses import Network, is_outside

Resolve = Callable[[str, int], Awaitable[list[str]]]


class NotOutside(httpx.ConnectError):
    """The name stands for a machine that nothing may be sent to."""


async def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, in the system's order. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class OutsideOnly(httpx.AsyncBaseTransport):
    """Around another transport. `inside`: networks of the office's own that may be reached too; `here`: hosts of this very
    machine that an operator wrote down as such."""

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        *,
        inside: Sequence[Network] = (),
        here: frozenset[str] = frozenset(),
        resolver: Resolve = resolve,
    ) -> None:
        self._inner = inner
        self._inside = tuple(inside)
        self._here = here
        self._resolve = resolver

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises NotOutside, httpx's own errors."""
        host = request.url.host
        if host in self._here:
            return await self._inner.handle_async_request(request)
        address = await self._checked(host, request.url.port or (443 if request.url.scheme == "https" else 80))
        # The certificate is still that of the name, and so is the Host header, which httpx has written already.
        extensions = dict(request.extensions) | {"sni_hostname": host}
        sent = httpx.Request(
            request.method, request.url.copy_with(host=address), headers=request.headers, stream=request.stream,
            extensions=extensions,
        )  # fmt: skip
        return await self._inner.handle_async_request(sent)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()

    async def _checked(self, host: str, port: int) -> str:
        try:
            found = await self._resolve(host, port)
        except (OSError, UnicodeError) as wrong:
            raise httpx.ConnectError("the name is not known") from wrong
        # All of them: whoever may choose one of two addresses has chosen the bad one.
        if not found or not all(is_outside(ip_address(one.partition("%")[0]), self._inside) for one in found):
            raise NotOutside("not an address of the outside")
        return found[0]
