"""`ivr agents`: the people who answer."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import click

from ivr.domain.agent import Agent, AgentState

if TYPE_CHECKING:
    from ivr.services import Services

SET = ("available", "away", "offline")


@click.group()
def agents() -> None:
    """The people who answer: add, list, state, remove."""


@agents.command()
@click.argument("name")
@click.option("--phone", required=True, help="E.164, such as +12025550111.")
@click.option("--skills", default="support", show_default=True, help="Comma-separated, as in queues.yaml.")
@click.option("--languages", default="en", show_default=True, help="Comma-separated; the first is theirs.")
@click.option("--supervisor", is_flag=True, help="Takes escalations, and whoever asks for a supervisor.")
@click.option("--extension", default="", help="Digits a colleague presses; given out when left empty.")
def add(name: str, phone: str, skills: str, languages: str, extension: str, *, supervisor: bool) -> None:
    """Add somebody, or change what they can do."""
    if not re.fullmatch(r"\+[1-9]\d{6,14}", phone):
        raise click.ClickException(f"{phone} is not a number in E.164 form, such as +12025550111.")
    from ivr.usecases import staff

    told = staff.Told(
        name=name,
        phone=phone,
        skills=_split(skills),
        languages=_split(languages),
        supervisor=supervisor,
        extension=extension,
    )
    agent = staff.add(_services(), told)
    click.echo(f"{agent.name} is known: extension {agent.extension}, {agent.state}.")


@agents.command("list")
@click.option("--json", "as_json", is_flag=True)
def show(*, as_json: bool) -> None:
    """Who there is, and what they are doing."""
    from ivr.usecases import staff

    people = staff.everyone(_services())
    if as_json:
        click.echo(json.dumps([_row(a) for a in people], indent=2))
        return
    for a in people:
        can = f"{','.join(a.skills)}  {','.join(a.languages)}{'  supervisor' if a.supervisor else ''}"
        click.echo(f"{a.name:<20} {a.state:<10} {a.phone:<14} ext {a.extension:<5} {can}")
    if not people:
        click.echo(
            'Nobody yet. Add somebody: ivr agents add "Diane" --phone +12025550111 --skills support', err=True
        )


def _row(agent: Agent) -> dict[str, Any]:
    return {
        "name": agent.name,
        "state": agent.state.value,
        "phone": agent.phone,
        "extension": agent.extension,
        "skills": list(agent.skills),
        "languages": list(agent.languages),
        "supervisor": agent.supervisor,
    }


@agents.command()
@click.argument("name")
@click.argument("state", type=click.Choice(SET))
def state(name: str, state: str) -> None:
    """Set somebody available, away or offline. Who is on a call finishes it first."""
    from ivr.usecases import staff

    agent = staff.set_state(_services(), name, AgentState(state))
    if agent.state.value != state:
        click.echo(f"{agent.name} is {agent.state} and will be {state} afterwards.")
    else:
        click.echo(f"{agent.name} is {agent.state}.")


@agents.command()
@click.argument("name")
def remove(name: str) -> None:
    """Somebody does not work here any more. Their promises go to supervisors."""
    from ivr.usecases import staff

    agent = staff.remove(_services(), name)
    click.echo(f"{agent.name} is removed.")


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _services() -> Services:
    from ivr.services import build
    from ivr.settings import load

    return build(load())
