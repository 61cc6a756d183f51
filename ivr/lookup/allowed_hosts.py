"""Where the name of a system leads. All of its addresses must be allowed: whichever is taken was looked at, and no name is resolved twice."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from ivr.domain.errors import LookupFailed
from ivr.domain.rules.lookup import LookupFailure, LookupUrl

_NAT64 = IPv6Network("64:ff9b::/96")  # https://www.rfc-editor.org/rfc/rfc6052


@dataclass(frozen=True, kw_only=True)
class SocketAddress:
    family: int
    address: Any  # as socket.connect takes it


def resolve_allowed(url: LookupUrl, *, private: bool) -> list[SocketAddress]:
    """Raises LookupFailed."""
    try:
        found = socket.getaddrinfo(
            url.host.strip("[]"), url.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
        )
    except (OSError, UnicodeError) as e:
        raise LookupFailed(
            f"The name of {url.netloc} leads nowhere: {e}.", cause=LookupFailure.UNREACHABLE
        ) from e
    for *_, address in found:
        ip = ip_address(str(address[0]).partition("%")[0])
        if not is_allowed(ip, private=private):
            raise LookupFailed(
                f"{url.netloc} leads to {ip}, which is not public, and IVR_LOOKUP_PRIVATE does not name it."
                if not private
                else f"{url.netloc} leads to {ip}, which nobody may ask.",
                cause=LookupFailure.PRIVATE_ADDRESS,
            )
    return [SocketAddress(family=family, address=address) for family, *_, address in found]


def is_allowed(ip: IPv4Address | IPv6Address, *, private: bool) -> bool:
    """Never the link itself, where clouds tell a machine its secrets. An IPv4 address is what it is within IPv6 too."""
    inner = _get_embedded_ipv4(ip)
    if inner is not None:
        return is_allowed(inner, private=private)
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        return False
    site = isinstance(ip, IPv6Address) and ip.is_site_local
    return private or (ip.is_global and not ip.is_reserved and not site)


def _get_embedded_ipv4(ip: IPv4Address | IPv6Address) -> IPv4Address | None:
    if isinstance(ip, IPv4Address):
        return None
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour
