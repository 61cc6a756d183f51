"""REDIS_URL, taken apart. One address or, behind Sentinel, those of the sentinels, who say which server is the primary now.

    redis://[user:password@]host[:port][/db]            rediss:// with TLS, unix:// for a socket
    redis+sentinel://[user:password@]host[:port][,host[:port]...]/service[/db][?sentinel_password=...]

The second is what Redis-Sentinel-Url, LangChain and Prefect read. User and password are the servers'; the sentinels' own are
the options `sentinel_username` and `sentinel_password`. With rediss+sentinel:// both speak TLS. Every other option is for the
servers' connections, as redis-py names them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

SENTINEL_PORT = 26379
DIRECT_SCHEMES = ("redis", "rediss", "unix")
SENTINEL_SCHEMES = {"redis+sentinel": "redis", "rediss+sentinel": "rediss"}
EXAMPLE = "redis+sentinel://10.0.0.1:26379,10.0.0.2:26379,10.0.0.3:26379/mymaster/0"


@dataclass(frozen=True, kw_only=True)
class Sentinels:
    """Who knows where the primary is. `hosts`: (name, port). `auth`: keyword arguments for their connections."""

    hosts: tuple[tuple[str, int], ...]
    service: str
    auth: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class RedisAddress:
    """`url`: as redis-py reads it; behind Sentinel its host means nothing. `sentinels`: None for a single server."""

    url: str
    sentinels: Sentinels | None = None


def parse(text: str) -> RedisAddress:
    """Raises ValueError with what is wrong, in words that name no password."""
    scheme, separator, rest = text.partition("://")
    scheme = scheme.lower()
    if separator and scheme in SENTINEL_SCHEMES:
        return _parse_sentinel_url(SENTINEL_SCHEMES[scheme], rest)
    if not separator or scheme not in DIRECT_SCHEMES:
        if "sentinel" in scheme:
            raise ValueError(f"Sentinel is written {EXAMPLE}")
        raise ValueError(
            "it starts with none of redis://, rediss://, unix://, redis+sentinel:// and rediss+sentinel://"
        )
    if scheme != "unix":
        if "," in re.split(r"[/?#]", rest.rpartition("@")[2])[0]:
            raise ValueError(f"several hosts are sentinels: {EXAMPLE}")
        _parse_port(urlsplit(text).netloc.rpartition("@")[2])
    return RedisAddress(url=text)


def hide_passwords(text: str) -> str:
    """Without its passwords."""
    text = re.sub(r"(://[^:@/]*:).*@", r"\1***@", text)
    return re.sub(r"(password=)[^&]*", r"\1***", text)


def _parse_sentinel_url(scheme: str, rest: str) -> RedisAddress:
    where, _, query = rest.partition("?")
    authority, _, path = where.partition("/")
    login, at, hosts = authority.rpartition("@")
    service, _, db = path.strip("/").partition("/")
    if not service:
        raise ValueError(f"it does not name the service that the sentinels watch: {EXAMPLE}")
    if db and not db.isdecimal():
        raise ValueError(f"after the service comes the number of the database: {EXAMPLE}")
    options = dict(parse_qsl(query))
    auth = {name: options.pop(f"sentinel_{name}", "") for name in ("username", "password")}
    more = f"?{urlencode(options)}" if options else ""
    return RedisAddress(
        url=f"{scheme}://{login}{at}localhost/{db or 0}{more}",
        sentinels=Sentinels(
            hosts=tuple(_parse_host(one) for one in hosts.split(",")),
            service=unquote(service),
            auth=tuple((name, value) for name, value in auth.items() if value),
        ),
    )


def _parse_host(text: str) -> tuple[str, int]:
    port = _parse_port(text) or SENTINEL_PORT
    name = re.sub(r":\d*$", "", text.strip()) if not text.strip().endswith("]") else text.strip()
    name = name.removeprefix("[").removesuffix("]")
    if not name:
        raise ValueError(f"a sentinel has no name: {EXAMPLE}")
    return name, port


def _parse_port(host: str) -> int:
    """Of "host:port", "[::1]:port" or a host alone; 0 = none given."""
    found = re.fullmatch(r"(?:\[[0-9a-fA-F:.]+\]|[^:\[\]]*)(?::(\d*))?", host.strip())
    if found is None or int(found[1] or 0) > 65535:
        raise ValueError(
            "a host is written name:port, with a port up to 65535, and an IPv6 address in brackets"
        )
    return int(found[1] or 0)
