"""`ivr customers`: what the line knows of the person behind a number."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from ivr.cli.actor import here
from ivr.cli.redis_services import redis_services

if TYPE_CHECKING:
    from ivr.services import Services


@click.group()
def customers() -> None:
    """The people behind the numbers: show, name, important-note, shared, do-not-call."""


@customers.command()
@click.argument("number")
def show(number: str) -> None:
    """What is known, as JSON: the record and the thread of the open case."""
    from ivr.usecases.customers import last_talk
    from ivr.usecases.customers import profile as customer_profile

    s = redis_services()
    customer = customer_profile.known(s, number)
    thread = last_talk.thread(s, customer.case) if customer.case else []
    told = {**asdict(customer), "minding": [need.line for need in customer.needs], "thread": thread}
    click.echo(json.dumps(told, indent=2, ensure_ascii=False))


@customers.command()
@click.argument("number")
@click.argument("name")
def name(number: str, name: str) -> None:
    """Their name, as they are to be greeted: ivr customers name +12025550155 "Lori Miller"."""
    from ivr.usecases.customers import profile as customer_profile

    click.echo(f"{number} is {customer_profile.call(_services(), number, name, doer=here()).name}.")


@customers.command("important-note")
@click.argument("number")
@click.argument("words")
@click.option("--by", required=True, help="Who wrote it.")
@click.option("--remove", "forget", is_flag=True, help="Take it back instead.")
def mind(number: str, words: str, by: str, *, forget: bool) -> None:
    """What to mind about them; whoever takes their call hears it: "give him time; cannot fax"."""
    from ivr.usecases.customers import profile as customer_profile

    customer = customer_profile.mind(_services(), number, words, by=by, forget=forget, doer=here())
    click.echo("\n".join(need.line for need in customer.needs) or "Nothing to mind.")


@customers.command()
@click.argument("number")
@click.option("--remove", "person", is_flag=True, help="It is one person's after all.")
def shared(number: str, *, person: bool) -> None:
    """Several people use this number: it is never read back to, and never merged."""
    from ivr.usecases.customers import profile as customer_profile

    customer_profile.share(_services(), number, shared=not person, doer=here())
    click.echo(f"{number} is {'one person' if person else 'shared'}.")


@customers.command("do-not-call")
@click.argument("number")
@click.option("--remove", "lift", is_flag=True, help="They may be called again.")
def no_calls(number: str, *, lift: bool) -> None:
    """They asked not to be called: the line does not ring them; what is owed to them goes to a supervisor."""
    from ivr.usecases.customers import profile as customer_profile

    customer_profile.do_not_call(_services(), number, wanted=not lift, doer=here())
    click.echo(f"{number} {'may be called again' if lift else 'is not called any more'}.")


def _services() -> Services:
    from ivr.services import build
    from ivr.settings import load

    return build(load())
