"""`ivr customers`: what the line knows of the person behind a number."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from ivr.cli.actor import terminal_actor
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
    from ivr.usecases.customers import case_thread
    from ivr.usecases.customers import profile as customer_profile

    s = redis_services()
    customer = customer_profile.get_customer(s, number)
    thread = case_thread.get_thread(s, customer.open_case) if customer.open_case else []
    told = {
        **asdict(customer),
        "stored_needs": [need.text_with_author for need in customer.needs],
        "thread": thread,
    }
    click.echo(json.dumps(told, indent=2, ensure_ascii=False))


@customers.command()
@click.argument("number")
@click.argument("name")
def name(number: str, name: str) -> None:
    """Their name, as they are to be greeted: ivr customers name +12025550155 "Lori Miller"."""
    from ivr.usecases.customers import profile as customer_profile

    click.echo(
        f"{number} is {customer_profile.set_name(_services(), number, name, actor=terminal_actor()).name}."
    )


@customers.command("important-note")
@click.argument("number")
@click.argument("words")
@click.option("--by", required=True, help="Who wrote it.")
@click.option("--remove", "remove", is_flag=True, help="Take it back instead.")
def important_note(number: str, words: str, by: str, *, remove: bool) -> None:
    """What to mind about them; whoever takes their call hears it: "give him time; cannot fax"."""
    from ivr.usecases.customers import profile as customer_profile

    customer = customer_profile.edit_needs(
        _services(), number, words, author=by, remove=remove, actor=terminal_actor()
    )
    click.echo("\n".join(need.text_with_author for need in customer.needs) or "Nothing to mind.")


@customers.command()
@click.argument("number")
@click.option("--remove", "remove", is_flag=True, help="It is one person's after all.")
def shared(number: str, *, remove: bool) -> None:
    """Several people use this number: it is never read back to, and never merged."""
    from ivr.usecases.customers import profile as customer_profile

    customer_profile.set_shared(_services(), number, shared=not remove, actor=terminal_actor())
    click.echo(f"{number} is {'one person' if remove else 'shared'}.")


@customers.command("do-not-call")
@click.argument("number")
@click.option("--remove", "remove", is_flag=True, help="They may be called again.")
def do_not_call(number: str, *, remove: bool) -> None:
    """They asked not to be called: the line does not ring them; what is owed to them goes to a supervisor."""
    from ivr.usecases.customers import profile as customer_profile

    customer_profile.set_do_not_call(_services(), number, enabled=not remove, actor=terminal_actor())
    click.echo(f"{number} {'may be called again' if remove else 'is not called any more'}.")


def _services() -> Services:
    from ivr.services import build_services
    from ivr.settings import load_settings

    return build_services(load_settings())
