"""Accounts: who may sign in, as what, with which password. Whatever is taken away from somebody ends their sign-ins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ivr.domain.actor import By
from ivr.domain.errors import CalorError
from ivr.domain.records import account as accounts
from ivr.domain.records.account import Account, Role
from ivr.services import RedisServices, Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.usecases.staff import passwords
from ivr.usecases.staff.roster import slug


class NoSuchAccount(CalorError):
    """Nobody of that name may sign in."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """`email` "": as it was. `role` None: likewise."""

    name: str
    email: str = ""
    role: Role | None = None


def add(s: Services, told: Told, *, by: By) -> Account:
    """New, or changed under the same name. Without a password nobody can sign in with it yet."""
    while True:
        old = s.store.get(Account, slug(told.name))
        email = accounts.mailbox(told.email) if told.email else old.email if old else ""
        if not email:
            raise CalorError(f"{told.email or 'Nothing'} is no e-mail address. With one they sign in.")
        taken = _at(s, email)
        if taken not in ("", slug(told.name)):
            raise CalorError(f"{email} belongs to {taken}. Choose another, or remove that account.")
        role = told.role or (old.role if old else Role.AGENT)
        new = Account(id=slug(told.name), name=told.name.strip(), email=email, role=role)
        if old is not None:
            new = accounts.become(old, name=told.name.strip(), email=email, role=role)
        change = Change(now=s.clock.now())
        change.put(old, new)
        if old is not None and old.email != email:
            change.op("DEL", keys.mailbox(old.email))
        if not taken:
            change.absent(keys.mailbox(email))
        change.op("SET", keys.mailbox(email), new.id)
        change.act("account added", by, account=new.id, role=role.value)
        if s.store.commit(change):
            return new


def everyone(s: RedisServices) -> list[Account]:
    return s.store.everyone(Account)


def set_password(s: Services, name: str, password: str, *, by: By) -> Account:
    """By whoever may: every sign-in of theirs ends. Raises passwords.Unfit, NoSuchAccount."""
    found = find(s, name)
    kept = passwords.new(password, name=found.name, email=found.email)
    return _write(s, name, lambda a: accounts.end_sessions(replace(a, password=kept)), "password set", by)


def sign_out(s: Services, name: str, *, by: By) -> Account:
    """Everywhere, at once."""
    return _write(s, name, accounts.end_sessions, "signed out everywhere", by)


def remove(s: Services, name: str, *, by: By) -> Account:
    while True:
        account = find(s, name)
        change = Change(now=s.clock.now())
        change.expect(account)
        change.touch(account.member)
        change.op("ZREM", keys.everyone(Account.noun), account.id)
        change.op("DEL", account.member, keys.mailbox(account.email))
        change.act("account removed", by, account=account.id)
        if s.store.commit(change):
            return account


def find(s: Services, name: str) -> Account:
    """Raises NoSuchAccount."""
    account = s.store.get(Account, slug(name))
    if account is None:
        known = ", ".join(a.name for a in everyone(s)) or "nobody yet"
        raise NoSuchAccount(f"{name} has no account. There are: {known}.")
    return account


def by_email(s: Services, email: str) -> Account | None:
    """Two round trips, whether there is one or not."""
    name = _at(s, accounts.mailbox(email))
    found = s.store.get(Account, name or "-")
    return found if found is not None and found.email == accounts.mailbox(email) else None


def _at(s: Services, email: str) -> str:
    (name,) = s.store.read([("GET", keys.mailbox(email))])
    return str(name or "")


def _write(s: Services, name: str, change_it: Callable[[Account], Account], event: str, by: By) -> Account:
    while True:
        old = find(s, name)
        change = Change(now=s.clock.now())
        new = change.put(old, change_it(old))
        change.act(event, by, account=old.id)
        if s.store.commit(change):
            return new
