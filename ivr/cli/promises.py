"""`ivr promises`: see what is owed, and steer it. Looking changes nothing; every change asks first, and stands in the journal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from ivr.cli.who import login
from ivr.domain import typed
from ivr.domain.promise import Promise, PromiseState

if TYPE_CHECKING:
    from ivr.cli.promise_table import Look
    from ivr.services import Services
    from ivr.usecases.rearrange import Refused, Result, Wish

STATES = ("open", "all", *(s.value for s in PromiseState))
SHOWN = 6  # times that are offered instead

_yes = click.option("--yes", is_flag=True, help="Do it without asking, as a script must.")
_numbers = click.option(
    "--numbers", is_flag=True, help="Telephone numbers in full, not by their last digits."
)
_by = click.option("--by", help="Who asks for it; stands in the journal. Default: the login name.")
_json = click.option("--json", "as_json", is_flag=True, help="For machines; times in epoch seconds.")


@click.group()
def promises() -> None:
    """What is owed: list, show, take, move, cancel, call-now.

    An ID may be shortened as far as it stays the only one. Exit status: 0 done, 1 refused (it says why), 2 could not
    (an unknown id, a setting, no record).
    """


@promises.command("list")
@click.option("--state", type=click.Choice(STATES), default="open", show_default=True)
@click.option("--queue", default="", help="Only those of this queue.")
@click.option("--late", is_flag=True, help="Only those whose time has passed.")
@click.option("--most", default=50, show_default=True, help="At most so many of those that have ended.")
@_numbers
@_json
def list_(*, state: str, queue: str, late: bool, most: int, numbers: bool, as_json: bool) -> None:
    """What is owed, the soonest first."""
    from ivr.cli import promise_table as shown
    from ivr.usecases import browse

    s = _services()
    found = browse.look(s, browse.Filter(state=state, queue=queue, late=late, most=most))
    look = _look(s, whole=numbers)
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
    from ivr.cli import promise_table as shown
    from ivr.usecases import find, recount

    s = _services()
    told = recount.recount(s, find.promise(s, id))
    look = _look(s, whole=numbers)
    if as_json:
        click.echo(json.dumps(shown.account(told, look), indent=2, ensure_ascii=False))
    else:
        click.echo(shown.page(told, look))


@promises.command()
@click.argument("id")
@click.option(
    "--by", "name", required=True, help="Whose it is from now on: an agent, as in `ivr agents list`."
)
@_yes
def take(id: str, name: str, *, yes: bool) -> None:  # noqa: A002
    """It is in this person's hands: they call, the line does not."""
    from ivr.usecases.take import take as take_it

    s = _services()
    held = _held(s, id)
    _sure(s, held, f"{name} calls them, and the line does not call any more.", yes=yes)
    done = _done(s, held, take_it(s, held.id, name, by=login()))
    click.echo(f"Promise {done.id} is in {name}'s hands.")


@promises.command()
@click.argument("id")
@click.option("--to", "words", help=f"By the customer's clock: {typed.EXAMPLES}.")
@click.option("--asap", is_flag=True, help="As soon as it is their turn; they keep their place.")
@_by
@_yes
def move(id: str, words: str | None, by: str | None, *, asap: bool, yes: bool) -> None:  # noqa: A002
    """To another time that can be kept. The customer is told by text."""
    from ivr.usecases.rearrange import Soonest

    if bool(words) is asap:
        raise click.UsageError("Say one of --to and --asap.")
    s = _services()
    held = _held(s, id)
    wish: Wish = _window(s, held, words) if words else Soonest()
    told = (
        f"They are called {_when(s, held, wish)}, and told so by text."
        if words
        else "As soon as it is their turn."
    )
    _sure(s, held, told, yes=yes)
    done = _rearranged(s, held, wish, by)
    click.echo(f"Promise {done.id}: {_said(s, done)}.")


@promises.command()
@click.argument("id")
@click.option("--why", required=True, help="What the customer said; it is noted on their case.")
@_by
@_yes
def cancel(id: str, why: str, by: str | None, *, yes: bool) -> None:  # noqa: A002
    """The customer does not want the call. Only they may say so; a promise is not cancelled because it is hard to keep."""
    from ivr.usecases.rearrange import Decline

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
    from ivr.usecases.rearrange import AtOnce

    s = _services()
    held = _held(s, id)
    _sure(s, held, "It goes to the front: the next free agent is asked, and their phone rings.", yes=yes)
    done = _rearranged(s, held, AtOnce(), by)
    click.echo(f"Promise {done.id} stands at the front of {done.queue}: {_said(s, done)}.")


# ---- below


def _services() -> Services:
    from ivr.services import build
    from ivr.settings import load

    return build(load())


def _look(s: Services, *, whole: bool = False) -> Look:
    from ivr.cli.promise_table import Look

    return Look(zone=s.settings.default_zone, now=s.clock.now(), whole=whole)


def _held(s: Services, id_: str) -> Promise:
    from ivr.usecases import find

    return find.promise(s, id_)


def _sure(s: Services, held: Promise, what: str, *, yes: bool) -> None:
    """Nothing is done by mistake: a person confirms, a script says --yes."""
    if yes:
        return
    from ivr.cli.promise_table import table

    click.echo(table([held], _look(s)), err=True)
    if not sys.stdin.isatty():
        raise click.UsageError("Nobody is here to confirm it. Add --yes.")
    click.confirm(f"{what} Do it?", abort=True, err=True)


def _rearranged(s: Services, held: Promise, wish: Wish, by: str | None) -> Promise:
    """As it was shown, or not at all: `seen` refuses what has been moved meanwhile."""
    from ivr.usecases.rearrange import Asked, Via, rearrange
    from ivr.usecases.staff import slug

    asked = Asked(via=Via.STAFF, by=slug(by) if by else login(), seen=held.until)
    return _done(s, held, rearrange(s, held.id, wish, asked))


def _done(s: Services, held: Promise, result: Result) -> Promise:
    from ivr.usecases.rearrange import Done

    if isinstance(result, Done):
        return result.promise
    click.echo(_refused(s, held, result), err=True)
    sys.exit(1)


def _refused(s: Services, held: Promise, result: Refused) -> str:
    from ivr.usecases.rearrange import WhyNot

    now = result.promise or held
    look = _look(s)
    told: dict[WhyNot, Callable[[], str]] = {
        WhyNot.UNKNOWN: lambda: "It is not there any more.",
        WhyNot.ENDED: lambda: f"It has ended already: {now.state}. `ivr promises show {now.id}` tells how.",
        WhyNot.ON_LINE: lambda: "They are on the telephone with us about it now; it is changed in that call.",
        WhyNot.UNDER_WAY: lambda: (
            "An agent or their phone is being rung for it already; nothing would be sooner."
        ),
        WhyNot.TIME_GONE: lambda: _instead(s, now),
        WhyNot.NUMBER: lambda: "That number may not be rung.",
        WhyNot.NIGHT: lambda: (
            f"It is night where they are, until {look.at(result.at, now.zone)} by their clock. "
            f"Nobody is woken by us: it can be moved to the morning (`ivr promises move {now.id} --asap`)."
        ),
        WhyNot.CHANGED: lambda: (
            f"It has changed meanwhile: {now.state}, {_said(s, now)}. Look again (`ivr promises show {now.id}`)."
        ),
    }
    return f"Promise {now.id} stays as it is. {told[result.why]()}"


def _instead(s: Services, held: Promise) -> str:
    from ivr.usecases import rearrange

    look = _look(s)
    free = rearrange.windows(s, held, look.now)[:SHOWN]
    times = "; ".join(f"{look.at(a, _zone(s, held))}-{look.at(b, _zone(s, held))[-5:]}" for a, b in free)
    return "That time is over, closed, full, or in their night. " + (
        f"What can be kept, by their clock ({_zone(s, held)}): {times}."
        if times
        else "No time can be kept now."
    )


def _window(s: Services, held: Promise, words: str) -> Wish:
    """The window in which the typed time lies. A time in none of them is refused with those there are."""
    from ivr.usecases import rearrange

    zone = ZoneInfo(_zone(s, held))
    at = typed.moment(words, datetime.fromtimestamp(s.clock.now(), zone))
    if at is None:
        raise click.UsageError(f'"{words}" is no time that I can read. Say it as {typed.EXAMPLES}.')
    wanted = at.timestamp()
    free = rearrange.windows(s, held, s.clock.now(), most=500)
    since, until = next(((a, b) for a, b in free if a <= wanted < b), (wanted, wanted))
    return rearrange.Move(since=since, until=until)


def _zone(s: Services, held: Promise) -> str:
    return held.zone or s.settings.default_zone


def _when(s: Services, held: Promise, wish: Any) -> str:
    look, zone = _look(s), _zone(s, held)
    return f"between {look.at(wish.since, zone)} and {look.at(wish.until, zone)[-5:]} by their clock ({zone})"


def _said(s: Services, held: Promise) -> str:
    return f"call by {_look(s).at(held.until, _zone(s, held))} by their clock ({_zone(s, held)})"
