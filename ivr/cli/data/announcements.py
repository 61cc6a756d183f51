"""`ivr announcements`: what every caller hears first while something is wrong, and an offer of a call to everyone who waits."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ivr.cli.actor import terminal_actor
from ivr.cli.redis_services import redis_services
from ivr.domain.records.line_status import EVERY_NUMBER

if TYPE_CHECKING:
    from ivr.services import Services

_number_option = click.option(
    "--number", "called_number", default=EVERY_NUMBER, help="One of our numbers. Default: all of them."
)


@click.group("announcements")
def announcements() -> None:
    """A notice that is spoken before anything else; everyone who waits hears it and is offered a call instead."""


@announcements.command("start")
@click.argument("words")
@click.option(
    "--in",
    "translations",
    nargs=2,
    multiple=True,
    metavar="LANGUAGE WORDS",
    help='The same in another language: --in es "...". May be given again.',
)
@_number_option
def start(words: str, translations: tuple[tuple[str, str], ...], called_number: str) -> None:
    """Say WORDS to every caller, until it is switched off. They are in the first language of the line's flow."""
    from ivr.usecases.calls import announcements as use

    s = _services()
    first = s.library.get_flow_for_number(called_number).languages[0]
    notice = use.turn_on(
        s, {first: words, **dict(translations)}, terminal_actor(), called_number=called_number
    )
    where = "every line" if called_number == EVERY_NUMBER else called_number
    click.echo(f"On {where}, first of all: {json.dumps(dict(notice.texts), ensure_ascii=False)}")


@announcements.command("stop")
@_number_option
def stop(called_number: str) -> None:
    """Nothing is said beforehand any more. Exit status 1 when nothing was."""
    from ivr.usecases.calls import announcements as use

    if not use.turn_off(_services(), terminal_actor(), called_number=called_number):
        click.echo("No such notice was on.", err=True)
        raise SystemExit(1)
    click.echo("Off.")


@announcements.command("list")
@click.option("--json", "as_json", is_flag=True, help="For machines; times in epoch seconds.")
def list_announcements(*, as_json: bool) -> None:
    """What is said now."""
    from ivr.usecases.flows import publish

    s = redis_services()
    found = publish.get_line_status(s).announcements
    if as_json:
        told = {
            line: {"words": dict(one.texts), "since": one.since, "by": one.by} for line, one in found.items()
        }
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    if not found:
        click.echo("Nothing is said beforehand.", err=True)
    for line, one in found.items():
        since = datetime.fromtimestamp(one.since, ZoneInfo(s.settings.default_time_zone))
        click.echo(
            f"{'every line' if line == EVERY_NUMBER else line}  since {since:%Y-%m-%d %H:%M}  {one.by}"
        )
        for language, words in one.texts.items():
            click.echo(f"  {language}  {words}")


def _services() -> Services:
    from ivr.services import build_services
    from ivr.settings import load_settings

    return build_services(load_settings())
