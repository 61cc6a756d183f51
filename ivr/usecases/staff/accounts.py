"""Accounts: who may sign in, as what, with which password. Whatever is taken away from somebody ends their sign-ins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ivr.domain.actor import Actor
from ivr.domain.errors import CalorError
from ivr.domain.records import account as accounts
from ivr.domain.records.account import Account, Role
from ivr.services import RedisServices, Services
from ivr.store.queries import records, sign_ins
from ivr.usecases.staff import passwords
from ivr.usecases.staff.roster import slugify


class NoSuchAccount(CalorError):
    """Nobody of that name may sign in."""


@dataclass(frozen=True, kw_only=True)
class AccountDetails:
    """`email` "": as it was. `role` None: likewise."""

    name: str
    email: str = ""
    role: Role | None = None


def add_account(services: Services, details: AccountDetails, *, actor: Actor) -> Account:
    """New, or changed under the same name. Without a password nobody can sign in with it yet."""
    for change in services.store.transact():
        old = services.store.get(Account, slugify(details.name))
        email = accounts.normalize_email(details.email) if details.email else old.email if old else ""
        if not email:
            raise CalorError(f"{details.email or 'Nothing'} is no e-mail address. With one they sign in.")
        taken = _account_id_for(services, email)
        if taken not in ("", slugify(details.name)):
            raise CalorError(f"{email} belongs to {taken}. Choose another, or remove that account.")
        role = details.role or (old.role if old else Role.AGENT)
        new = Account(id=slugify(details.name), name=details.name.strip(), email=email, role=role)
        if old is not None:
            new = accounts.change_account(old, name=details.name.strip(), email=email, role=role)
        change.put(old, new)
        if old is not None and old.email != email:
            sign_ins.delete_email(old.email, change)
        sign_ins.set_account_id(email, new.id, change, is_new=not taken)
        change.log_action("account added", actor, account=new.id, role=role.value)
    return new


def list_accounts(s: RedisServices) -> list[Account]:
    return s.store.list_all(Account)


def set_password(services: Services, name: str, password: str, *, actor: Actor) -> Account:
    """By whoever may: every sign-in of theirs ends. Raises UnfitPassword, NoSuchAccount."""
    found = find_account(services, name)
    kept = passwords.hash_password(password, name=found.name, email=found.email)
    return _update(
        services, name, lambda a: accounts.end_sessions(replace(a, password_hash=kept)), "password set", actor
    )


def sign_out_everywhere(services: Services, name: str, *, actor: Actor) -> Account:
    """Everywhere, at once."""
    return _update(services, name, accounts.end_sessions, "signed out everywhere", actor)


def remove_account(services: Services, name: str, *, actor: Actor) -> Account:
    for change in services.store.transact():
        account = find_account(services, name)
        change.expect(account)
        change.touch_topic(account.key)
        records.delete(account, change)
        sign_ins.delete_email(account.email, change)
        change.log_action("account removed", actor, account=account.id)
    return account


def find_account(services: Services, name: str) -> Account:
    """Raises NoSuchAccount."""
    account = services.store.get(Account, slugify(name))
    if account is None:
        known = ", ".join(a.name for a in list_accounts(services)) or "nobody yet"
        raise NoSuchAccount(f"{name} has no account. There are: {known}.")
    return account


def find_by_email(services: Services, email: str) -> Account | None:
    """Two round trips, whether there is one or not."""
    name = _account_id_for(services, accounts.normalize_email(email))
    found = services.store.get(Account, name or "-")
    return found if found is not None and found.email == accounts.normalize_email(email) else None


def _account_id_for(services: Services, email: str) -> str:
    return services.store.read(sign_ins.get_account_id(email))


def _update(
    services: Services, name: str, update: Callable[[Account], Account], event: str, actor: Actor
) -> Account:
    for change in services.store.transact():
        old = find_account(services, name)
        new = change.put(old, update(old))
        change.log_action(event, actor, account=old.id)
    return new
