"""Which addresses the name of a system may lead to."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from ivr.lookup.allowed_hosts import is_allowed

PUBLIC = ("8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8")
PRIVATE = (
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "198.18.0.1",
    "240.0.0.1",
    "::1",
    "fd00::1",
    "fec0::1",
    "::ffff:10.0.0.1",
    "::10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
)
NEVER = ("169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1", "ff0e::1")


@pytest.mark.parametrize("ip", PUBLIC)
def test_a_public_one_always(ip: str) -> None:
    assert is_allowed(ip_address(ip), private=False)
    assert is_allowed(ip_address(ip), private=True)


@pytest.mark.parametrize("ip", PRIVATE)
def test_a_private_one_only_where_it_is_allowed(ip: str) -> None:
    assert not is_allowed(ip_address(ip), private=False)
    assert is_allowed(ip_address(ip), private=True)


@pytest.mark.parametrize("ip", NEVER)
def test_the_link_itself_and_what_is_nobodys_never(ip: str) -> None:
    assert not is_allowed(ip_address(ip), private=True)
