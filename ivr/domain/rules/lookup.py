"""What a flow asks the company's own system, where that is, and what it may answer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_HOST_REGEX = r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\]"
HOST_PATTERN = re.compile(rf"(?:{_HOST_REGEX})(?::\d{{1,5}})?")
# read whole, by one expression: two readers of an address may understand two hosts
_URL_PATTERN = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_HOST_REGEX})(?::(?P<port>\d{{1,5}}))?(?P<target>/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?"
)
_DEFAULT_PORTS = {"https": 443, "http": 80}

MAX_FACTS, MAX_FACT_LETTERS, MAX_NAME_LETTERS = 8, 200, 80  # how many, characters


class LookupFailure(StrEnum):
    """Why there is no answer that can be used."""

    HOST_NOT_LISTED = "stranger"  # its host is not one that may be asked
    PRIVATE_ADDRESS = "private"  # its name leads into a private network, and it may not
    UNREACHABLE = "away"  # no such name, no connection, or it broke off
    CERTIFICATE = "certificate"  # somebody else may be answering
    TIMEOUT = "late"
    STATUS = "status"  # not 200; sent on elsewhere
    INVALID_ANSWER = "unfit"  # an answer that is none


@dataclass(frozen=True, kw_only=True)
class LookupUrl:
    scheme: str  # https; http only where a private host is allowed
    host: str
    port: int
    target: str  # path and query

    @property
    def netloc(self) -> str:
        """As `Host:` has it."""
        return self.host if self.port == _DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"

    def is_in(self, hosts: Iterable[str]) -> bool:
        """Named there, as "crm.example.com" or, at another port than the usual one, "crm.example.com:8443"."""
        return bool({self.netloc, f"{self.host}:{self.port}"} & {host.lower() for host in hosts})


@dataclass(frozen=True, kw_only=True)
class LookupAnswer:
    """Its answer: each text on one line, of characters that can be seen."""

    facts: tuple[str, ...] = ()  # for whoever takes the call; never said to the caller
    name: str = ""
    answer: str = ""  # by which the flow chooses its way


def parse_url(url: str) -> LookupUrl | None:
    """None when it is none: a name and password, a fragment or anything but ASCII has no place in it."""
    found = _URL_PATTERN.fullmatch(url)
    if found is None:
        return None
    port = int(found["port"] or _DEFAULT_PORTS[found["scheme"]])
    if not 0 < port < 65536:
        return None
    return LookupUrl(
        scheme=found["scheme"], host=found["host"].lower(), port=port, target=found["target"] or "/"
    )


def to_one_line(text: str) -> str:
    """On one line, without what cannot be seen: such a character may turn around what is read after it."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def merge_facts(known_facts: str, new_facts: Iterable[str]) -> str:
    """Facts, a line each: those of before and the new ones, each once, the newest of them when they are too many."""
    return "\n".join(list(dict.fromkeys((*known_facts.splitlines(), *new_facts)))[-MAX_FACTS:])
