"""The pages: phones to hold, and the switchboard. Plain files, served as they are; no other host is ever asked."""

from collections.abc import Awaitable, Callable
from importlib.resources import files

from aiohttp import web

CONTENT_TYPES = {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
PAGE_FILES = {
    "/phones": "phones.html",
    "/switchboard": "switchboard.html",
    "/switchboard/{sid}": "leg.html",
}
CSP_DIRECTIVES = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",  # blob: a picture before it is sent
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",  # forms are handled by scripts
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",  # text becomes markup nowhere
    "trusted-types 'none'",
]
CONTENT_SECURITY_POLICY = "; ".join(CSP_DIRECTIVES)
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def routes() -> list[web.RouteDef]:
    return [
        web.get("/", redirect_to_phones),
        *(web.get(path, make_page_handler(name)) for path, name in PAGE_FILES.items()),
        web.get("/pages/{name}", get_static_file),
    ]


async def redirect_to_phones(_request: web.Request) -> web.Response:
    raise web.HTTPFound("/phones")


def make_page_handler(name: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def show(_request: web.Request) -> web.Response:
        return _file_response(name)

    return show


async def get_static_file(request: web.Request) -> web.Response:
    return _file_response(request.match_info["name"])


async def add_security_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Headers of everything but Twilio's own API, which has what Twilio sends."""
    if not request.path.startswith("/2010-04-01"):
        response.headers.update(SECURITY_HEADERS)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)


def _file_response(name: str) -> web.Response:
    """One of the files beside this one; its name comes from outside, so it is looked up, never opened."""
    found = next((one for one in files(__name__).iterdir() if one.name == name), None)
    kind = CONTENT_TYPES.get(name.rpartition(".")[2])
    if found is None or kind is None:
        raise web.HTTPNotFound
    return web.Response(
        body=found.read_bytes(), content_type=kind, charset="utf-8", headers={"Cache-Control": "no-cache"}
    )
