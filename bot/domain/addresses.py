"""Network addresses: whose request it is behind proxies, what counts as one place, and what is no place of the outside."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
CUSTOMER_BITS = 64
"""One customer of an IPv6 provider has such a network at the least."""
NAT64 = ip_network("64:ff9b::/96")


def read_network(text: str) -> Network:
    """「10.0.0.0/8」, or one address. Raises ValueError."""
    return ip_network(text, strict=False)


def read_address(text: str) -> Address | None:
    """An address, in brackets or not; one of IPv4 inside IPv6 is the one of IPv4; None for anything else."""
    try:
        address = ip_address(text.strip().removeprefix("[").removesuffix("]").partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


def origin(peer: str, forwarded: Sequence[str], trusted: Iterable[Network]) -> str:
    """Who asks. `forwarded`: the X-Forwarded-For lines; each proxy adds the address it heard, so they are read from the end,
    and only as long as whoever wrote them is one of ours. What anybody else writes there is a claim and counts for nothing."""
    networks, here = tuple(trusted), peer
    claims = [claim for line in forwarded for claim in line.split(",")]
    while claims and _is_in(here, networks):
        claimed = read_address(claims.pop())
        if claimed is None:
            break
        here = str(claimed)
    return here


def place(source: str) -> str:
    """What limits count as one: an address, or for IPv6 the network of one customer."""
    address = read_address(source)
    if address is None:
        return source
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, CUSTOMER_BITS), strict=False))
    return str(address)


def is_outside(address: Address, inside: Iterable[Network] = ()) -> bool:
    """Whether something may be sent there: the public network, or one that is named as the office's own.

    Loopback, link-local (where clouds keep their secrets), multicast and what stands for nobody never are.
    """
    embedded = _embedded(address)
    if embedded is not None:
        return is_outside(embedded, inside)
    if address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return address.is_global or any(address in network for network in inside)


def _embedded(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one leads to (mapped, 6to4, NAT64); None when it is its own."""
    if isinstance(address, IPv4Address):
        return None
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def _is_in(text: str, networks: Sequence[Network]) -> bool:
    address = read_address(text)
    return address is not None and any(address in network for network in networks)
