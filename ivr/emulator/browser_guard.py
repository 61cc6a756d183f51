"""Which requests a browser may bring here: those of this server's own pages, and no other site's.

The control API asks for no password, and the REST API's is often the well-known default. A page of any site can make
its visitor's browser send requests to this machine, directly or by giving a name of its own this machine's address
(DNS rebinding). Browsers say where a request comes from; programs say nothing of the kind and pass.
https://web.dev/articles/fetch-metadata, https://owasp.org/www-community/attacks/DNS_Rebinding
"""

import ipaddress
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Middleware

Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]
READ_METHODS = frozenset({"GET", "HEAD"})
OWN_SITE_VALUES = frozenset({"same-origin", "none"})  # none: typed, or opened from a bookmark


def guard_requests(known_hosts: Iterable[str] = ()) -> Middleware:
    """`known_hosts`: what this server is called beside its addresses, `localhost` and names without a dot."""
    known = frozenset(name.lower() for name in known_hosts)

    @web.middleware
    async def check(request: web.Request, handler: Respond) -> web.StreamResponse:
        why = _check_host(request, known) or _check_origin(request)
        if why:
            return web.json_response({"error": why}, status=403)
        return await handler(request)

    return check


def _check_host(request: web.Request, known: frozenset[str]) -> str:
    """A name with a dot could be anybody's: whoever owns it decides which address it has."""
    try:
        name = (urlsplit(f"//{request.host}").hostname or "").rstrip(".")
    except ValueError:
        return "the Host header is no host"
    if name in known or "." not in name or name.endswith(".localhost") or _is_address(name):
        return ""
    return f"this server is not known as {name}; start it with --known-as {name} if it should be"


def _check_origin(request: web.Request) -> str:
    site = request.headers.get("Sec-Fetch-Site", "none")
    if request.method in READ_METHODS:
        visit = request.headers.get("Sec-Fetch-Mode") == "navigate"
        asked = request.path.startswith("/emulator/") and not visit
        return "another site may not read this" if asked and site not in OWN_SITE_VALUES else ""
    origin = request.headers.get("Origin")
    if site not in OWN_SITE_VALUES or (origin is not None and urlsplit(origin).netloc != request.host):
        return "another site may not change anything here"
    return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
