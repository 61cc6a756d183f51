"""`ivr announcements`: what every caller hears first while something is wrong, and an offer of a call to everyone who waits."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ivr.cli.actor import here
from ivr.cli.redis_services import redis_services
from ivr.domain.records.line_status import EVERY_LINE

if TYPE_CHECKING:
    from ivr.services import Services

_line = click.option("--number", "line", default=EVERY_LINE, help="One of our numbers. Default: all of them.")


@click.group("announcements")
def emergency() -> None:
    """A notice that is spoken before anything else; everyone who waits hears it and is offered a call instead."""


@emergency.command("start")
@click.argument("words")
@click.option(
    "--in",
    "others",
    nargs=2,
    multiple=True,
    metavar="LANGUAGE WORDS",
    help='The same in another language: --in es "...". May be given again.',
)
@_line
def on(words: str, others: tuple[tuple[str, str], ...], line: str) -> None:
    """Say WORDS to every caller, until it is switched off. They are in the first language of the line's flow."""
    from ivr.usecases.calls import announcements as use

    s = _services()
    first = s.library.for_line(line).languages[0]
    notice = use.on(s, {first: words, **dict(others)}, here(), line=line)
    where = "every line" if line == EVERY_LINE else line
    click.echo(f"On {where}, first of all: {json.dumps(dict(notice.words), ensure_ascii=False)}")


@emergency.command("stop")
@_line
def off(line: str) -> None:
    """Nothing is said beforehand any more. Exit status 1 when nothing was."""
    from ivr.usecases.calls import announcements as use

    if not use.off(_services(), here(), line=line):
        click.echo("No such notice was on.", err=True)
        raise SystemExit(1)
    click.echo("Off.")


@emergency.command("list")
@click.option("--json", "as_json", is_flag=True, help="For machines; times in epoch seconds.")
def show(*, as_json: bool) -> None:
    """What is said now."""
    from ivr.usecases.flows import publish

    s = redis_services()
    found = publish.standing(s).emergencies
    if as_json:
        told = {
            line: {"words": dict(one.words), "since": one.since, "by": one.by} for line, one in found.items()
        }
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    if not found:
        click.echo("Nothing is said beforehand.", err=True)
    for line, one in found.items():
        since = datetime.fromtimestamp(one.since, ZoneInfo(s.settings.default_zone))
        click.echo(f"{'every line' if line == EVERY_LINE else line}  since {since:%Y-%m-%d %H:%M}  {one.by}")
        for language, words in one.words.items():
            click.echo(f"  {language}  {words}")


def _services() -> Services:
    from ivr.services import build
    from ivr.settings import load

    return build(load())
