"""What a flow asks the company's own system, where that is, and what it may answer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_HOST = r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\]"
HOST = re.compile(rf"(?:{_HOST})(?::\d{{1,5}})?")
# read whole, by one expression: two readers of an address may understand two hosts
_URL = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_HOST})(?::(?P<port>\d{{1,5}}))?(?P<target>/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?"
)
_PORTS = {"https": 443, "http": 80}

FACTS, LONGEST_FACT, LONGEST_NAME = 8, 200, 80  # how many, characters


class Why(StrEnum):
    """Why there is no answer that can be used."""

    STRANGER = "stranger"  # its host is not one that may be asked
    PRIVATE = "private"  # its name leads into a private network, and it may not
    AWAY = "away"  # no such name, no connection, or it broke off
    CERTIFICATE = "certificate"  # somebody else may be answering
    LATE = "late"
    STATUS = "status"  # not 200; sent on elsewhere
    UNFIT = "unfit"  # an answer that is none


@dataclass(frozen=True, kw_only=True)
class Address:
    scheme: str  # https; http only where a private host is allowed
    host: str
    port: int
    target: str  # path and query

    @property
    def netloc(self) -> str:
        """As `Host:` has it."""
        return self.host if self.port == _PORTS[self.scheme] else f"{self.host}:{self.port}"

    def among(self, hosts: Iterable[str]) -> bool:
        """Named there, as "crm.example.com" or, at another port than the usual one, "crm.example.com:8443"."""
        return bool({self.netloc, f"{self.host}:{self.port}"} & {host.lower() for host in hosts})


@dataclass(frozen=True, kw_only=True)
class Found:
    """Its answer: each text on one line, of characters that can be seen."""

    facts: tuple[str, ...] = ()  # for whoever takes the call; never said to the caller
    name: str = ""
    answer: str = ""  # by which the flow chooses its way


def address(url: str) -> Address | None:
    """None when it is none: a name and password, a fragment or anything but ASCII has no place in it."""
    found = _URL.fullmatch(url)
    if found is None:
        return None
    port = int(found["port"] or _PORTS[found["scheme"]])
    if not 0 < port < 65536:
        return None
    return Address(
        scheme=found["scheme"], host=found["host"].lower(), port=port, target=found["target"] or "/"
    )


def flat(text: str) -> str:
    """On one line, without what cannot be seen: such a character may turn around what is read after it."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def known(before: str, facts: Iterable[str]) -> str:
    """Facts, a line each: those of before and the new ones, each once, the newest of them when they are too many."""
    return "\n".join(list(dict.fromkeys((*before.splitlines(), *facts)))[-FACTS:])
