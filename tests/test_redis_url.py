"""REDIS_URL: one server, or the sentinels who know it."""

from __future__ import annotations

import pytest
from redis.connection import SSLConnection
from redis.sentinel import SentinelManagedSSLConnection

from ivr.redis_url import hide_passwords, parse
from ivr.store.server.connection import PrimaryConnectionPool, connect


@pytest.mark.parametrize(
    "url",
    ["redis://127.0.0.1:6379/0", "redis://:a,b@h/1", "rediss://u:p@[::1]:6380/0", "unix:///run/redis.sock"],
)
def test_a_single_server_is_left_as_it_is_written(url: str) -> None:
    address = parse(url)
    assert (address.url, address.sentinels) == (url, None)


def test_sentinels_are_several_hosts_and_the_service_they_watch() -> None:
    address = parse(
        "redis+sentinel://ann:p%40ss@one,two:5000,[::1]:5001/calor/2?sentinel_password=s&protocol=2"
    )
    assert address.sentinels is not None
    assert address.sentinels.hosts == (("one", 26379), ("two", 5000), ("::1", 5001))
    assert address.sentinels.service == "calor"
    assert address.sentinels.auth == (("password", "s"),)
    assert address.url == "redis://ann:p%40ss@localhost/2?protocol=2"


def test_both_kinds_speak_tls_when_asked_to() -> None:
    plain = connect("rediss://:secret@127.0.0.1:1/0?ssl_cert_reqs=none").connection_pool
    assert plain.connection_class is SSLConnection
    assert plain.connection_kwargs["password"] == "secret"
    watched = connect("rediss+sentinel://:secret@127.0.0.1:1/calor?ssl_cert_reqs=none").connection_pool
    assert isinstance(watched, PrimaryConnectionPool)
    assert issubclass(watched.connection_class, SentinelManagedSSLConnection)
    assert watched.connection_kwargs["password"] == "secret"
    (sentinel,) = watched.sentinel_manager.sentinels
    assert sentinel.connection_pool.connection_class is SSLConnection


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("localhost:6379", "starts with none of"),
        ("http://localhost", "starts with none of"),
        ("sentinel://:secret@one,two/calor", "Sentinel is written redis+sentinel://"),
        ("redis://:secret@one:1,two:2/0", "several hosts are sentinels"),
        ("redis+sentinel://:secret@one,two", "does not name the service"),
        ("redis+sentinel://:secret@one/calor/first", "number of the database"),
        ("redis+sentinel://:secret@one,/calor", "has no name"),
        ("redis+sentinel://:secret@one:sec/calor", "up to 65535"),
        ("redis://:secret@one:70000/0", "up to 65535"),
    ],
)
def test_what_is_wrong_is_said_without_the_password(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("+", r"\+")) as raised:
        parse(url)
    assert "secret" not in str(raised.value)


def test_it_is_shown_without_its_passwords() -> None:
    told = hide_passwords("redis+sentinel://ann:se@cret@one,two/calor/0?sentinel_password=secret&protocol=2")
    assert told == "redis+sentinel://ann:***@one,two/calor/0?sentinel_password=***&protocol=2"
    assert hide_passwords("redis://127.0.0.1:6379/0") == "redis://127.0.0.1:6379/0"
