"""`ivr callbacks`: see what is owed, and steer it. Looking changes nothing; every change asks first, and stands in the audit log."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from ivr.cli.actor import login_name
from ivr.cli.redis_services import redis_services
from ivr.domain.records.promise import Promise, PromiseState
from ivr.domain.schedule import parse_time

if TYPE_CHECKING:
    from ivr.services import Services
    from ivr.usecases.callbacks.reschedule_request import (
        MoveToSoonest,
        MoveToWindow,
        RescheduleRequest,
        RescheduleResult,
    )

STATES = ("open", "all", *(s.value for s in PromiseState))

_yes_option = click.option("--yes", is_flag=True, help="Do it without asking, as a script must.")
_numbers_option = click.option(
    "--full-numbers",
    "full_numbers",
    is_flag=True,
    help="Telephone numbers in full, not by their last digits.",
)
_by_option = click.option("--by", help="Who asks for it; stands in the audit log. Default: the login name.")
_json_option = click.option("--json", "as_json", is_flag=True, help="For machines; times in epoch seconds.")


@click.group("callbacks")
def callbacks() -> None:
    """What is owed: list, show, assign, reschedule, cancel, call-now.

    An ID may be shortened as far as it stays the only one. Exit status: 0 done, 1 refused (it says why), 2 could not
    (an unknown id, a setting, no record).
    """


@callbacks.command("list")
@click.option("--state", type=click.Choice(STATES), default="open", show_default=True)
@click.option("--queue", default="", help="Only those of this queue.")
@click.option("--late", is_flag=True, help="Only those whose time has passed.")
@click.option(
    "--limit", "limit", default=50, show_default=True, help="At most so many of those that have ended."
)
@_numbers_option
@_json_option
def list_callbacks(
    *, state: str, queue: str, late: bool, limit: int, full_numbers: bool, as_json: bool
) -> None:
    """What is owed, the soonest first."""
    from ivr.cli.promises import table as shown
    from ivr.cli.promises.wording import callback_format
    from ivr.usecases.promises import cli_list

    s = redis_services()
    found = cli_list.list_promises(
        s, cli_list.PromiseFilter(state=state, queue=queue, late_only=late, max_ended=limit)
    )
    look = callback_format(s, full_numbers=full_numbers)
    if as_json:
        click.echo(json.dumps([shown.promise_to_json(p, look) for p in found], indent=2, ensure_ascii=False))
    elif found:
        click.echo(shown.format_table(found, look))
        click.echo(f"{len(found)} promises; times of {look.zone}.", err=True)
    else:
        click.echo("Nothing like that is owed.", err=True)


@callbacks.command()
@click.argument("promise_id", metavar="ID")
@_numbers_option
@_json_option
def show(promise_id: str, *, full_numbers: bool, as_json: bool) -> None:
    """One promise: its record, its history, its texts, where it stands, and what happens next."""
    from ivr.cli.promises import table as shown
    from ivr.cli.promises.wording import callback_format
    from ivr.usecases.promises import find_by_id, timeline

    s = redis_services()
    told = timeline.build_timeline(s, find_by_id.find_promise(s, promise_id))
    look = callback_format(s, full_numbers=full_numbers)
    if as_json:
        click.echo(json.dumps(shown.timeline_to_json(told, look), indent=2, ensure_ascii=False))
    else:
        click.echo(shown.format_timeline(told, look))


@callbacks.command("assign")
@click.argument("promise_id", metavar="ID")
@click.option(
    "--to", "name", required=True, help="Whose it is from now on: an agent, as in `ivr agents list`."
)
@_yes_option
def assign(promise_id: str, name: str, *, yes: bool) -> None:
    """It is in this person's hands: they call, the line does not."""
    from ivr.usecases.callbacks.assign import assign_promise

    s = _services()
    held = _find_promise(s, promise_id)
    _confirm(s, held, f"{name} calls them, and the line does not call any more.", yes=yes)
    done = _promise_or_exit(s, held, assign_promise(s, held.id, name, by=login_name()))
    click.echo(f"Promise {done.id} is in {name}'s hands.")


@callbacks.command("reschedule")
@click.argument("promise_id", metavar="ID")
@click.option("--to", "words", help=f"By the customer's clock: {parse_time.EXAMPLES}.")
@click.option("--asap", is_flag=True, help="As soon as it is their turn; they keep their place.")
@_by_option
@_yes_option
def reschedule(promise_id: str, words: str | None, by: str | None, *, asap: bool, yes: bool) -> None:
    """To another time that can be kept. The customer is told by text."""
    from ivr.cli.promises.wording import describe_next_call, find_window, format_window
    from ivr.usecases.callbacks.reschedule_request import MoveToSoonest

    if bool(words) is asap:
        raise click.UsageError("Say one of --to and --asap.")
    s = _services()
    held = _find_promise(s, promise_id)
    wish: MoveToWindow | MoveToSoonest = MoveToSoonest()
    told = "They are called as soon as it is their turn."
    if words:
        wish = find_window(s, held, words)
        told = f"They are called {format_window(s, held, wish)}, and told so by text."
        yes = yes or wish.since == wish.until  # no such time: refused, so there is nothing to ask
    _confirm(s, held, told, yes=yes)
    done = _apply(s, held, wish, by)
    click.echo(f"Promise {done.id}: {describe_next_call(s, done)}.")


@callbacks.command()
@click.argument("promise_id", metavar="ID")
@click.option("--why", required=True, help="What the customer said; it is noted on their case.")
@_by_option
@_yes_option
def cancel(promise_id: str, why: str, by: str | None, *, yes: bool) -> None:
    """The customer does not want the call. Only they may say so; a promise is not cancelled because it is hard to keep."""
    from ivr.usecases.callbacks.reschedule_request import Decline

    s = _services()
    held = _find_promise(s, promise_id)
    _confirm(s, held, "The customer has declined it: nobody calls them, and a text tells them so.", yes=yes)
    done = _apply(s, held, Decline(why=why), by)
    click.echo(f"Promise {done.id} is declined.")


@callbacks.command("call-now")
@click.argument("promise_id", metavar="ID")
@_by_option
@_yes_option
def call_now(promise_id: str, by: str | None, *, yes: bool) -> None:
    """To the front of the line: the next free agent calls them. Not while they may be asleep."""
    from ivr.cli.promises.wording import describe_next_call
    from ivr.usecases.callbacks.reschedule_request import CallNow

    s = _services()
    held = _find_promise(s, promise_id)
    _confirm(s, held, "It goes to the front: the next free agent is asked, and their phone rings.", yes=yes)
    done = _apply(s, held, CallNow(), by)
    click.echo(f"Promise {done.id} stands at the front of {done.queue}: {describe_next_call(s, done)}.")


# ---- below


def _services() -> Services:
    from ivr.services import build_services
    from ivr.settings import load_settings

    return build_services(load_settings())


def _find_promise(services: Services, promise_id: str) -> Promise:
    from ivr.usecases.promises import find_by_id

    return find_by_id.find_promise(services, promise_id)


def _confirm(services: Services, promise: Promise, consequence: str, *, yes: bool) -> None:
    """Nothing is done by mistake: a person confirms, a script says --yes."""
    if yes:
        return
    from ivr.cli.promises.table import format_table
    from ivr.cli.promises.wording import callback_format

    click.echo(format_table([promise], callback_format(services)), err=True)
    if not sys.stdin.isatty():
        raise click.UsageError("Nobody is here to confirm it. Add --yes.")
    click.confirm(f"{consequence} Do it?", abort=True, err=True)


def _apply(services: Services, promise: Promise, request: RescheduleRequest, by: str | None) -> Promise:
    """As it was shown, or not at all: `seen` refuses what has been moved meanwhile."""
    from ivr.domain.actor import RequestChannel
    from ivr.usecases.callbacks.reschedule import apply
    from ivr.usecases.callbacks.reschedule_request import MoveToWindow, RequestOrigin
    from ivr.usecases.staff.roster import slugify

    asked = RequestOrigin(
        channel=RequestChannel.TERMINAL, by=slugify(by) if by else login_name(), shown_until=promise.due_by
    )
    near = request.since if isinstance(request, MoveToWindow) else 0.0
    return _promise_or_exit(services, promise, apply(services, promise.id, request, asked), wanted_at=near)


def _promise_or_exit(
    services: Services, promise: Promise, result: RescheduleResult, *, wanted_at: float = 0.0
) -> Promise:
    from ivr.cli.promises.wording import format_refusal
    from ivr.usecases.callbacks.reschedule_request import Rescheduled

    if isinstance(result, Rescheduled):
        return result.promise
    click.echo(format_refusal(services, promise, result, wanted_at), err=True)
    sys.exit(1)
