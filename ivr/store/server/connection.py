"""Connections to Redis: to one server, or to whichever the sentinels say is the primary now."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias, cast

import redis.connection
import redis.sentinel
from redis import BlockingConnectionPool, ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.connection import Connection, SSLConnection
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import RedisError
from redis.retry import Retry
from redis.sentinel import SentinelConnectionPool, SentinelManagedConnection, SentinelManagedSSLConnection

from ivr import redis_url
from ivr.redis_url import Sentinels

RedisConnection: TypeAlias = Redis  # for those outside `ivr/store` who only pass one on

_redis: Any = redis.connection  # redis-py types neither
_sentinel: Any = redis.sentinel

SENTINEL_TIMEOUT_SECONDS = 0.5  # seconds: one that is silent is passed over for the next


def connect(
    url: str, *, timeout_seconds: float = 1.0, decode_responses: bool = True, max_connections: int = 64
) -> Redis:
    """`url`: see redis_url. `timeout_seconds`: how long to wait for an answer. A webhook must answer within 2 s even when Redis does not (I9).

    So a server that is silent is asked once; a connection that broke, when the server was restarted or another became the
    primary, is made again. `max_connections` connections: whoever needs another waits for one.
    """
    address = redis_url.parse(url)
    options: dict[str, Any] = {
        "max_connections": max_connections,
        "timeout": timeout_seconds,
        "socket_timeout": timeout_seconds,
        "socket_connect_timeout": timeout_seconds,
        "decode_responses": decode_responses,
        "retry": Retry(NoBackoff(), 1, supported_errors=(LostConnection,)),
        "health_check_interval": 30,
        **_redis.parse_url(address.url),  # what the operator wrote goes first
    }
    if address.sentinels is None:
        return Redis.from_pool(_redis.BlockingConnectionPool(**options))
    return Redis.from_pool(_make_sentinel_pool(address.sentinels, options))


def connect_to_socket(path: Path) -> Redis:
    """A connection to a server of our own on this machine."""
    return Redis(unix_socket_path=str(path), decode_responses=True)


def is_answering(redis: Redis) -> bool:
    """Whether the server can be reached and has loaded its data."""
    try:
        return bool(redis.ping())
    except RedisError:  # BusyLoadingError too
        return False


def get_server_process_id(url: str) -> int:
    """The process that answers there; 0 when none does. Another's server would answer a ping too."""
    redis = Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
    try:
        return int(redis.info("server")["process_id"])
    except RedisError:
        return 0
    finally:
        redis.close()


def _make_sentinel_pool(sentinels: Sentinels, options: dict[str, Any]) -> ConnectionPool:
    secure = {name: value for name, value in options.items() if name.startswith("ssl_")}
    kind = options.pop("connection_class", Connection)
    for name in ("host", "port"):
        options.pop(name, None)
    manager = _sentinel.Sentinel(
        sentinels.hosts,
        sentinel_kwargs={
            **dict(sentinels.auth),
            **secure,
            "ssl": issubclass(kind, SSLConnection),
            "socket_timeout": SENTINEL_TIMEOUT_SECONDS,
            "socket_connect_timeout": SENTINEL_TIMEOUT_SECONDS,
            "retry": Retry(NoBackoff(), 0),  # redis-py's own would sleep for seconds before the next is asked
        },
    )
    options["connection_class"] = (
        _ClosingTlsConnection if issubclass(kind, SSLConnection) else _ClosingConnection
    )
    made: Any = PrimaryConnectionPool
    return cast("ConnectionPool", made(sentinels.service, manager, **options))


class _ClosingConnection(SentinelManagedConnection):
    """A connection whose answer did not come in time is closed: it must not be taken for the next one's.

    Every other connection of redis-py does so; with Sentinel (8.1.0) it went on asking a primary that hung, for ever.
    See https://github.com/redis/redis-py/pull/4292
    """

    def read_response(self, *args: Any, disconnect_on_error: bool | None = True, **told: Any) -> Any:
        above: Any = super()
        return above.read_response(*args, disconnect_on_error=disconnect_on_error, **told)


class _ClosingTlsConnection(_ClosingConnection, SentinelManagedSSLConnection):
    pass


class PrimaryConnectionPool(SentinelConnectionPool, BlockingConnectionPool):
    """Every new connection goes to the primary of that moment; those to the one before are closed.

    redis-py's own pool forgets a connection that is not the primary's without closing its books on it: each attempt during
    an outage would leave one behind.
    """

    def owns_connection(self, connection: Any) -> bool:
        return bool(ConnectionPool.owns_connection(self, connection))

    def release(self, connection: Any) -> None:
        if (connection.host, connection.port) != self.master_address:
            connection.disconnect()  # made anew, to the primary, when it is next used
        release: Any = super().release  # redis-py does not type it
        release(connection)
