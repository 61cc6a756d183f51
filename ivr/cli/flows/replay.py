"""`ivr flows replay`: the calls of the last days, as they would go through a draft."""

from __future__ import annotations

import json
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from ivr.cli.redis_services import redis_services

if TYPE_CHECKING:
    from ivr.flow.model import Library
    from ivr.flow.replay import Pair, Went
    from ivr.services import RedisServices
    from ivr.usecases.flows.replay_calls import Tally

UNITS = {"h": 3600, "d": 86400, "w": 604800}
EACH = 500  # calls between two words on how far it is


@click.command("replay")
@click.argument("draft", default="flows")
@click.option("--since", default="7d", show_default=True, help="How far back: 12h, 7d, 2w.")
@click.option(
    "--limit", "most", default=20, show_default=True, help="List at most so many of the calls that differ."
)
@click.option("--json", "as_json", is_flag=True, help="For machines; every call that differs.")
def rehearse(draft: str, since: str, most: int, *, as_json: bool) -> None:
    """Run real calls through DRAFT (a folder, or a published version) beside the flows that are followed now.

    What a caller did is repeated: the same wish, whichever key it has in the draft. At a step they never met they say nothing.
    Nobody is rung, nothing is written.
    """
    from ivr.usecases.flows import replay_calls as use

    seconds = _seconds(since)
    s = redis_services()
    library = _library(s, draft)
    s.store.read([])
    begin, tally = s.clock.now() - seconds, use.Tally()
    found = []
    for n, pair in enumerate(use.run(s, library, begin, tally), 1):
        if use.differs(pair):
            found.append(pair)
        if n % EACH == 0:
            click.echo(f"{n} calls so far, {len(found)} of them differ", err=True)
    found.sort(key=lambda pair: (not pair.elsewhere, -abs(pair.sooner)))
    if as_json:
        told = {"live": s.library.version, "draft": library.version, **_counts(tally)}
        click.echo(json.dumps({**told, "calls": [_pair(p) for p in found]}, indent=2, ensure_ascii=False))
    else:
        _show(s, since, tally, found, most)


def _seconds(since: str) -> float:
    match = re.fullmatch(r"(\d{1,4})([hdw])", since)
    if match is None:
        raise click.BadParameter(f'"{since}" should be like 12h, 7d or 2w', param_hint="--since")
    return float(int(match[1]) * UNITS[match[2]])


def _library(s: RedisServices, draft: str) -> Library:
    """Faults are told as `check` does; then there is nothing to rehearse."""
    from ivr.flow.loader.library import load_flows
    from ivr.flow.yaml_source.entry import FlowFaults
    from ivr.usecases.flows import publish

    try:
        if Path(draft).is_dir():
            return load_flows(Path(draft))
        found = s.shelf.version(publish.find(s, draft))
    except FlowFaults as e:
        click.echo(str(e), err=True)
        click.echo("Such flows cannot be followed; nothing was rehearsed.", err=True)
        sys.exit(1)
    if found is None:
        raise click.ClickException(f"The version {draft} cannot be read by this release.")
    return found


def _show(s: RedisServices, since: str, tally: Tally, found: list[Pair], most: int) -> None:
    if not tally.calls:
        click.echo(f"No call of the last {since} can be compared.", err=True)
        return
    same = tally.calls - len(found)
    click.echo(f"{tally.calls} calls of the last {since}: {same} go as they did.")
    if tally.unknown:
        click.echo(f"{tally.unknown} more hung up before they did anything; they are not compared.")
    click.echo(f"{tally.elsewhere} end elsewhere, {tally.sooner} sooner, {tally.later} later.")
    click.echo(
        f"To a person or a promise: {tally.live_seconds / tally.calls:.1f} s and {tally.live_keys / tally.calls:.2f} keys now,"
        f" {tally.draft_seconds / tally.calls:.1f} s and {tally.draft_keys / tally.calls:.2f} keys in the draft."
    )
    if tally.guessed:
        click.echo(f"{tally.guessed} meet a step that they never met: they say nothing there.")
    for (old, new), many in sorted(tally.ends.items(), key=lambda item: -item[1]):
        if old != new:
            click.echo(f"  {many:>5}  {old} -> {new}")
    zone = ZoneInfo(s.settings.default_zone)
    for pair in found[:most]:
        at = pair.call.situation.now.astimezone(zone)
        click.echo(f"{pair.call.id}  {at:%a %Y-%m-%d %H:%M}  {_went(pair.live)}  ->  {_went(pair.draft)}")
    if len(found) > most:
        click.echo(f"and {len(found) - most} more; --limit {len(found)} lists them all.")


def _went(went: Went) -> str:
    guesses = f" (guessed at {', '.join(went.guessed)})" if went.guessed else ""
    return f"{went.end}, {went.keys} keys, {went.seconds:.0f} s, {went.path}{guesses}"


def _counts(tally: Tally) -> dict[str, Any]:
    return {
        "compared": tally.calls,
        "not_compared": tally.unknown,
        "elsewhere": tally.elsewhere,
        "sooner": tally.sooner,
        "later": tally.later,
        "seconds": {"live": round(tally.live_seconds, 1), "draft": round(tally.draft_seconds, 1)},
        "keys": {"live": tally.live_keys, "draft": tally.draft_keys},
        "ends": [{"live": a, "draft": b, "calls": n} for (a, b), n in tally.ends.items()],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    at: datetime = pair.call.situation.now
    told: dict[str, Any] = {"call": pair.call.id, "line": pair.call.line, "at": at.isoformat()}
    for name, went in (("live", pair.live), ("draft", pair.draft)):
        told[name] = {
            "end": went.end,
            "keys": went.keys,
            "seconds": went.seconds,
            "steps": list(went.steps),
            "guessed": list(went.guessed),
        }
    return told
