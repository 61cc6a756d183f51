"""Connections to the record: to one server, or to whichever the sentinels say is the primary now."""

from __future__ import annotations

from typing import Any, cast

import redis.connection
import redis.sentinel
from redis import BlockingConnectionPool, ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.connection import Connection, SSLConnection
from redis.exceptions import ConnectionError as LostConnection
from redis.retry import Retry
from redis.sentinel import SentinelConnectionPool, SentinelManagedConnection, SentinelManagedSSLConnection

from ivr import redis_url
from ivr.redis_url import Sentinels

_redis: Any = redis.connection  # redis-py types neither
_sentinel: Any = redis.sentinel

ASK_SENTINEL = 0.5  # seconds: one that is silent is passed over for the next


def connect(url: str, *, patience: float = 1.0, decode: bool = True, most: int = 64) -> Redis:
    """`url`: see redis_url. `patience`: seconds. A webhook must answer within 2 s even when Redis does not (I9).

    So a server that is silent is asked once; a connection that broke, when the server was restarted or another became the
    primary, is made again. `most` connections: whoever needs another waits for one.
    """
    address = redis_url.parse(url)
    options: dict[str, Any] = {
        "max_connections": most,
        "timeout": patience,
        "socket_timeout": patience,
        "socket_connect_timeout": patience,
        "decode_responses": decode,
        "retry": Retry(NoBackoff(), 1, supported_errors=(LostConnection,)),
        "health_check_interval": 30,
        **_redis.parse_url(address.url),  # what the operator wrote goes first
    }
    if address.sentinels is None:
        return Redis.from_pool(_redis.BlockingConnectionPool(**options))
    return Redis.from_pool(_following(address.sentinels, options))


def _following(watched: Sentinels, options: dict[str, Any]) -> ConnectionPool:
    secure = {name: value for name, value in options.items() if name.startswith("ssl_")}
    kind = options.pop("connection_class", Connection)
    for name in ("host", "port"):
        options.pop(name, None)
    manager = _sentinel.Sentinel(
        watched.hosts,
        sentinel_kwargs={
            **dict(watched.auth),
            **secure,
            "ssl": issubclass(kind, SSLConnection),
            "socket_timeout": ASK_SENTINEL,
            "socket_connect_timeout": ASK_SENTINEL,
            "retry": Retry(NoBackoff(), 0),  # redis-py's own would sleep for seconds before the next is asked
        },
    )
    options["connection_class"] = _ClosingSecure if issubclass(kind, SSLConnection) else _Closing
    made: Any = Following
    return cast("ConnectionPool", made(watched.service, manager, **options))


class _Closing(SentinelManagedConnection):
    """A connection whose answer did not come in time is closed: it must not be taken for the next one's.

    Every other connection of redis-py does so; with Sentinel (8.1.0) it went on asking a primary that hung, for ever.
    See https://github.com/redis/redis-py/pull/4292
    """

    def read_response(self, *args: Any, disconnect_on_error: bool | None = True, **told: Any) -> Any:
        above: Any = super()
        return above.read_response(*args, disconnect_on_error=disconnect_on_error, **told)


class _ClosingSecure(_Closing, SentinelManagedSSLConnection):
    pass


class Following(SentinelConnectionPool, BlockingConnectionPool):
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
