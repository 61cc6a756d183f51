"""Accounts: who may sign in to the pages, and as what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

from ivr.domain.record import Record


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    OPS = "ops"
    ADMIN = "admin"


@dataclass(frozen=True, kw_only=True)
class Account(Record):
    """`id` is that of the agent with the same name, if they answer a telephone too."""

    record_type: ClassVar[str] = "account"

    name: str
    email: str  # as `normalize_email` writes it
    role: Role = Role.AGENT
    password_hash: str = ""  # an argon2id hash; "" = cannot sign in yet
    session_generation: int = 1  # of sign-ins: those of an earlier one have ended


def normalize_email(text: str) -> str:
    """An address as it is compared and kept; "" when it is none."""
    plain = text.strip().casefold()
    name, _, host = plain.rpartition("@")
    whole = bool(name and host) and len(plain) <= 254 and plain.isprintable() and " " not in plain
    return plain if whole else ""


def is_allowed(role: Role, roles: Collection[Role]) -> bool:
    """An admin hands out roles, so keeping a page from them would keep nothing from them."""
    return role in roles or role is Role.ADMIN


def end_sessions(account: Account) -> Account:
    return replace(account, session_generation=account.session_generation + 1)


def change_account(account: Account, *, name: str, email: str, role: Role) -> Account:
    """Another role ends what was begun in the old one."""
    told = replace(account, name=name, email=email, role=role)
    return end_sessions(told) if role is not account.role or email != account.email else told
