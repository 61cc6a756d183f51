"""`ivr agents`: the people who work here, those who answer and those who sign in; most do both."""

from __future__ import annotations

import getpass
import json
import re
import sys
from typing import TYPE_CHECKING, Any

import click

from ivr.cli.actor import terminal_actor
from ivr.cli.redis_services import redis_services
from ivr.domain.records.account import Account, Role
from ivr.domain.records.agent import Agent, AgentState, AwayReason

if TYPE_CHECKING:
    from ivr.services import Services

SETTABLE_STATES = ("available", "away", "offline")


@click.group()
def agents() -> None:
    """The people who work here: add, list, state, password, sign-out, remove."""


@agents.command()
@click.argument("name")
@click.option("--phone", default="", help="E.164, such as +12025550111; who has none answers no calls.")
@click.option("--skills", default="support", show_default=True, help="Comma-separated, as in queues.yaml.")
@click.option(
    "--languages", default="", help="Comma-separated; the first is theirs. The line's first without it."
)
@click.option("--supervisor", is_flag=True, help="Takes escalations, and whoever asks for a supervisor.")
@click.option("--extension", default="", help="Digits a colleague presses; given out when left empty.")
@click.option("--email", default="", help="With it they sign in to the pages; their password is asked for.")
@click.option("--ops", "role", flag_value="ops", help="Signs in as ops: call flows, reports.")
@click.option("--admin", "role", flag_value="admin", help="Signs in as admin: everything.")
def add(name: str, phone: str, email: str, role: str | None, *, supervisor: bool, **can: str) -> None:
    """Add somebody, or change what they can do. With --phone they answer calls, with --email they sign in."""
    if not (phone or email or role):
        raise click.UsageError("Say --phone, --email or both.")
    if phone and not re.fullmatch(r"\+[1-9]\d{6,14}", phone):
        raise click.ClickException(f"{phone} is not a number in E.164 form, such as +12025550111.")
    from ivr.usecases.staff import accounts, roster

    s = _services()
    signs_in = bool(email or role) or s.store.get(Account, roster.slugify(name)) is not None
    if signs_in:
        as_what = Role(role) if role else Role.SUPERVISOR if supervisor else Role.AGENT
        account = accounts.add_account(
            s, accounts.AccountDetails(name=name, email=email, role=as_what), actor=terminal_actor()
        )
        click.echo(f"{account.name} signs in with {account.email}, as {account.role}.")
    if phone:
        told = roster.AgentDetails(
            name=name,
            phone=phone,
            skills=_split_list(can["skills"]),
            languages=_split_list(can["languages"]),
            supervisor=supervisor,
            extension=can["extension"],
        )
        agent = roster.add_agent(s, told, actor=terminal_actor())
        click.echo(f"{agent.name} is known: extension {agent.extension}, {agent.state}.")
    if signs_in and not account.password_hash:
        _set_first_password(s, account)


@agents.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_agents(*, as_json: bool) -> None:
    """Who there is, and what they are doing."""
    from ivr.usecases.staff import accounts, roster

    s = redis_services()
    people, signs_in = roster.list_agents(s), {a.id: a for a in accounts.list_accounts(s)}
    others = [a for a in signs_in.values() if a.id not in {p.id for p in people}]
    if as_json:
        rows = [_agent_to_json(a) | _account_to_json(signs_in.get(a.id)) for a in people]
        click.echo(json.dumps(rows + [{"name": a.name} | _account_to_json(a) for a in others], indent=2))
        return
    for a in people:
        can = f"{','.join(a.skills)}  {','.join(a.languages)}{'  supervisor' if a.supervisor else ''}"
        doing = (
            f"{a.state} ({a.away_reason})" if a.state is AgentState.AWAY and a.away_reason else a.state.value
        )
        click.echo(
            f"{a.name:<20} {doing:<10} {a.phone:<14} ext {a.extension:<5} {can}{_format_account(signs_in.get(a.id))}"
        )
    for one in others:
        click.echo(f"{one.name:<20} answers no telephone{_format_account(one)}")
    if not people and not others:
        click.echo(
            'Nobody yet. Add somebody: ivr agents add "Diane" --phone +12025550111 --skills support', err=True
        )


def _agent_to_json(agent: Agent) -> dict[str, Any]:
    return {
        "name": agent.name,
        "state": agent.state.value,
        "phone": agent.phone,
        "extension": agent.extension,
        "skills": list(agent.skills),
        "languages": list(agent.languages),
        "supervisor": agent.supervisor,
    }


def _account_to_json(account: Account | None) -> dict[str, Any]:
    if account is None:
        return {}
    return {"email": account.email, "role": account.role.value, "has_password": bool(account.password_hash)}


def _format_account(account: Account | None) -> str:
    if account is None:
        return ""
    return f"  signs in as {account.role} with {account.email}{'' if account.password_hash else ', no password yet'}"


@agents.command()
@click.argument("name")
def password(name: str) -> None:
    """Set somebody's password. It is asked for, or read as one line from standard input; every sign-in of theirs ends."""
    from ivr.usecases.staff import accounts

    s = _services()
    _set_password(s, accounts.find_account(s, name))


@agents.command("sign-out")
@click.argument("name")
def sign_out(name: str) -> None:
    """End every sign-in of somebody, on every browser, now."""
    from ivr.usecases.staff import accounts

    click.echo(
        f"{accounts.sign_out_everywhere(_services(), name, actor=terminal_actor()).name} is signed out everywhere."
    )


def _set_first_password(services: Services, account: Account) -> None:
    if sys.stdin.isatty():
        _set_password(services, account)
    else:
        click.echo(f"No password yet: ivr agents password {account.id}", err=True)


def _set_password(services: Services, account: Account) -> None:
    from ivr.usecases.staff import accounts

    given = getpass.getpass(f"New password of {account.name}: ") if sys.stdin.isatty() else _read_line()
    if sys.stdin.isatty() and getpass.getpass("Again: ") != given:
        raise click.ClickException("The two are not the same. Nothing was changed.")
    accounts.set_password(services, account.id, given, actor=terminal_actor())
    click.echo(f"{account.name} has a new password, and is signed out everywhere.")


def _read_line() -> str:
    return sys.stdin.readline().rstrip("\r\n")


@agents.command()
@click.argument("name")
@click.argument("state", type=click.Choice(SETTABLE_STATES))
@click.option("--why", type=click.Choice([a.value for a in AwayReason if a]), help="Why they are away.")
def state(name: str, state: str, why: str | None) -> None:
    """Set somebody available, away or offline. Who is on a call finishes it first."""
    from ivr.usecases.staff import roster

    agent = roster.set_state(
        _services(), name, AgentState(state), reason=AwayReason(why or ""), actor=terminal_actor()
    )
    if agent.state.value != state:
        click.echo(f"{agent.name} is {agent.state} and will be {state} afterwards.")
    else:
        click.echo(f"{agent.name} is {agent.state}.")


@agents.command()
@click.argument("name")
def remove(name: str) -> None:
    """Somebody does not work here any more. Their promises go to supervisors."""
    from ivr.usecases.staff import accounts, roster

    s = _services()
    answers = s.store.get(Agent, roster.slugify(name)) is not None
    signs_in = s.store.get(Account, roster.slugify(name)) is not None
    if answers or not signs_in:
        roster.remove_agent(s, name, actor=terminal_actor())
    if signs_in:
        accounts.remove_account(s, name, actor=terminal_actor())
    click.echo(f"{name} is removed{', and signed out' if signs_in else ''}.")


def _split_list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _services() -> Services:
    from ivr.services import build_services
    from ivr.settings import load_settings

    return build_services(load_settings())
