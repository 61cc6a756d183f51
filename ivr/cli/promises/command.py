"""`ivr callbacks`: see what is owed, and steer it. Looking changes nothing; every change asks first, and stands in the audit log."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from ivr.cli.actor import login
from ivr.cli.redis_services import redis_services
from ivr.domain.records.promise import Promise, PromiseState
from ivr.domain.schedule import parse_time

if TYPE_CHECKING:
    from ivr.services import Services
    from ivr.usecases.callbacks.reschedule import Move, Result, Soonest, Wish

STATES = ("open", "all", *(s.value for s in PromiseState))

_yes = click.option("--yes", is_flag=True, help="Do it without asking, as a script must.")
_numbers = click.option(
    "--full-numbers", "numbers", is_flag=True, help="Telephone numbers in full, not by their last digits."
)
_by = click.option("--by", help="Who asks for it; stands in the audit log. Default: the login name.")
_json = click.option("--json", "as_json", is_flag=True, help="For machines; times in epoch seconds.")


@click.group("callbacks")
def promises() -> None:
    """What is owed: list, show, assign, reschedule, cancel, call-now.

    An ID may be shortened as far as it stays the only one. Exit status: 0 done, 1 refused (it says why), 2 could not
    (an unknown id, a setting, no record).
    """


@promises.command("list")
@click.option("--state", type=click.Choice(STATES), default="open", show_default=True)
@click.option("--queue", default="", help="Only those of this queue.")
@click.option("--late", is_flag=True, help="Only those whose time has passed.")
@click.option(
    "--limit", "most", default=50, show_default=True, help="At most so many of those that have ended."
)
@_numbers
@_json
def list_(*, state: str, queue: str, late: bool, most: int, numbers: bool, as_json: bool) -> None:
    """What is owed, the soonest first."""
    from ivr.cli.promises import table as shown
    from ivr.cli.promises.wording import look as looking
    from ivr.usecases.promises import cli_list

    s = redis_services()
    found = cli_list.look(s, cli_list.Filter(state=state, queue=queue, late=late, most=most))
    look = looking(s, whole=numbers)
    if as_json:
        click.echo(json.dumps([shown.row(p, look) for p in found], indent=2, ensure_ascii=False))
    elif found:
        click.echo(shown.table(found, look))
        click.echo(f"{len(found)} promises; times of {look.zone}.", err=True)
    else:
        click.echo("Nothing like that is owed.", err=True)


@promises.command()
@click.argument("id")
@_numbers
@_json
def show(id: str, *, numbers: bool, as_json: bool) -> None:  # noqa: A002 - as it is called in --help
    """One promise: its record, its history, its texts, where it stands, and what happens next."""
    from ivr.cli.promises import table as shown
    from ivr.cli.promises.wording import look as looking
    from ivr.usecases.promises import find_by_id, timeline

    s = redis_services()
    told = timeline.recount(s, find_by_id.promise(s, id))
    look = looking(s, whole=numbers)
    if as_json:
        click.echo(json.dumps(shown.account(told, look), indent=2, ensure_ascii=False))
    else:
        click.echo(shown.page(told, look))


@promises.command("assign")
@click.argument("id")
@click.option(
    "--to", "name", required=True, help="Whose it is from now on: an agent, as in `ivr agents list`."
)
@_yes
def take(id: str, name: str, *, yes: bool) -> None:  # noqa: A002
    """It is in this person's hands: they call, the line does not."""
    from ivr.usecases.callbacks.assign import take as take_it

    s = _services()
    held = _held(s, id)
    _sure(s, held, f"{name} calls them, and the line does not call any more.", yes=yes)
    done = _done(s, held, take_it(s, held.id, name, by=login()))
    click.echo(f"Promise {done.id} is in {name}'s hands.")


@promises.command("reschedule")
@click.argument("id")
@click.option("--to", "words", help=f"By the customer's clock: {parse_time.EXAMPLES}.")
@click.option("--asap", is_flag=True, help="As soon as it is their turn; they keep their place.")
@_by
@_yes
def move(id: str, words: str | None, by: str | None, *, asap: bool, yes: bool) -> None:  # noqa: A002
    """To another time that can be kept. The customer is told by text."""
    from ivr.cli.promises.wording import said, when, window
    from ivr.usecases.callbacks.reschedule import Soonest

    if bool(words) is asap:
        raise click.UsageError("Say one of --to and --asap.")
    s = _services()
    held = _held(s, id)
    wish: Move | Soonest = Soonest()
    told = "They are called as soon as it is their turn."
    if words:
        wish = window(s, held, words)
        told = f"They are called {when(s, held, wish)}, and told so by text."
        yes = yes or wish.since == wish.until  # no such time: refused, so there is nothing to ask
    _sure(s, held, told, yes=yes)
    done = _rearranged(s, held, wish, by)
    click.echo(f"Promise {done.id}: {said(s, done)}.")


@promises.command()
@click.argument("id")
@click.option("--why", required=True, help="What the customer said; it is noted on their case.")
@_by
@_yes
def cancel(id: str, why: str, by: str | None, *, yes: bool) -> None:  # noqa: A002
    """The customer does not want the call. Only they may say so; a promise is not cancelled because it is hard to keep."""
    from ivr.usecases.callbacks.reschedule import Decline

    s = _services()
    held = _held(s, id)
    _sure(s, held, "The customer has declined it: nobody calls them, and a text tells them so.", yes=yes)
    done = _rearranged(s, held, Decline(why=why), by)
    click.echo(f"Promise {done.id} is declined.")


@promises.command("call-now")
@click.argument("id")
@_by
@_yes
def call_now(id: str, by: str | None, *, yes: bool) -> None:  # noqa: A002
    """To the front of the line: the next free agent calls them. Not while they may be asleep."""
    from ivr.cli.promises.wording import said
    from ivr.usecases.callbacks.reschedule import AtOnce

    s = _services()
    held = _held(s, id)
    _sure(s, held, "It goes to the front: the next free agent is asked, and their phone rings.", yes=yes)
    done = _rearranged(s, held, AtOnce(), by)
    click.echo(f"Promise {done.id} stands at the front of {done.queue}: {said(s, done)}.")


# ---- below


def _services() -> Services:
    from ivr.services import build
    from ivr.settings import load

    return build(load())


def _held(s: Services, id_: str) -> Promise:
    from ivr.usecases.promises import find_by_id

    return find_by_id.promise(s, id_)


def _sure(s: Services, held: Promise, what: str, *, yes: bool) -> None:
    """Nothing is done by mistake: a person confirms, a script says --yes."""
    if yes:
        return
    from ivr.cli.promises.table import table
    from ivr.cli.promises.wording import look

    click.echo(table([held], look(s)), err=True)
    if not sys.stdin.isatty():
        raise click.UsageError("Nobody is here to confirm it. Add --yes.")
    click.confirm(f"{what} Do it?", abort=True, err=True)


def _rearranged(s: Services, held: Promise, wish: Wish, by: str | None) -> Promise:
    """As it was shown, or not at all: `seen` refuses what has been moved meanwhile."""
    from ivr.usecases.callbacks.reschedule import Asked, Move, Via, rearrange
    from ivr.usecases.staff.roster import slug

    asked = Asked(via=Via.STAFF, by=slug(by) if by else login(), seen=held.until)
    near = wish.since if isinstance(wish, Move) else 0.0
    return _done(s, held, rearrange(s, held.id, wish, asked), near=near)


def _done(s: Services, held: Promise, result: Result, *, near: float = 0.0) -> Promise:
    from ivr.cli.promises.wording import refused
    from ivr.usecases.callbacks.reschedule import Done

    if isinstance(result, Done):
        return result.promise
    click.echo(refused(s, held, result, near), err=True)
    sys.exit(1)
