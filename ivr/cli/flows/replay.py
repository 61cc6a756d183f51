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
    from ivr.flow.replay import ReplayComparison, ReplayResult
    from ivr.services import RedisServices
    from ivr.usecases.flows.replay_calls import ReplayTally

UNIT_SECONDS = {"h": 3600, "d": 86400, "w": 604800}
PROGRESS_EVERY_CALLS = 500  # calls between two words on how far it is


@click.command("replay")
@click.argument("draft", default="flows")
@click.option("--since", default="7d", show_default=True, help="How far back: 12h, 7d, 2w.")
@click.option(
    "--limit", "limit", default=20, show_default=True, help="List at most so many of the calls that differ."
)
@click.option("--json", "as_json", is_flag=True, help="For machines; every call that differs.")
def replay(draft: str, since: str, limit: int, *, as_json: bool) -> None:
    """Run real calls through DRAFT (a folder, or a published version) beside the flows that are followed now.

    What a caller did is repeated: the same wish, whichever key it has in the draft. At a step they never met they say nothing.
    Nobody is rung, nothing is written.
    """
    from ivr.usecases.flows import replay_calls as use

    seconds = _parse_seconds(since)
    s = redis_services()
    library = _load_draft(s, draft)
    s.store.refresh()
    begin, tally = s.clock.now() - seconds, use.ReplayTally()
    found = []
    for n, pair in enumerate(use.replay_all(s, library, begin, tally), 1):
        if use.is_different(pair):
            found.append(pair)
        if n % PROGRESS_EVERY_CALLS == 0:
            click.echo(f"{n} calls so far, {len(found)} of them differ", err=True)
    found.sort(key=lambda pair: (not pair.has_other_destination, -abs(pair.seconds_saved)))
    if as_json:
        told = {"live": s.library.version, "draft": library.version, **_tally_to_json(tally)}
        click.echo(
            json.dumps(
                {**told, "calls": [_comparison_to_json(p) for p in found]}, indent=2, ensure_ascii=False
            )
        )
    else:
        _print_comparison(s, since, tally, found, limit)


def _parse_seconds(since: str) -> float:
    match = re.fullmatch(r"(\d{1,4})([hdw])", since)
    if match is None:
        raise click.BadParameter(f'"{since}" should be like 12h, 7d or 2w', param_hint="--since")
    return float(int(match[1]) * UNIT_SECONDS[match[2]])


def _load_draft(s: RedisServices, draft: str) -> Library:
    """Faults are told as `check` does; then there is nothing to rehearse."""
    from ivr.flow.loader.library import load_flows
    from ivr.flow.yaml_source.entry import InvalidFlows
    from ivr.usecases.flows import publish

    try:
        if Path(draft).is_dir():
            return load_flows(Path(draft))
        found = s.flow_versions.get_version(publish.find_version(s, draft))
    except InvalidFlows as e:
        click.echo(str(e), err=True)
        click.echo("Such flows cannot be followed; nothing was rehearsed.", err=True)
        sys.exit(1)
    if found is None:
        raise click.ClickException(f"The version {draft} cannot be read by this release.")
    return found


def _print_comparison(
    s: RedisServices, since: str, tally: ReplayTally, differences: list[ReplayComparison], limit: int
) -> None:
    if not tally.calls:
        click.echo(f"No call of the last {since} can be compared.", err=True)
        return
    same = tally.calls - len(differences)
    click.echo(f"{tally.calls} calls of the last {since}: {same} go as they did.")
    if tally.not_comparable:
        click.echo(f"{tally.not_comparable} more hung up before they did anything; they are not compared.")
    click.echo(f"{tally.other_destination} end elsewhere, {tally.faster} sooner, {tally.slower} later.")
    click.echo(
        f"To a person or a promise: {tally.published_seconds / tally.calls:.1f} s and {tally.published_keys / tally.calls:.2f} keys now,"
        f" {tally.draft_seconds / tally.calls:.1f} s and {tally.draft_keys / tally.calls:.2f} keys in the draft."
    )
    if tally.guessed:
        click.echo(f"{tally.guessed} meet a step that they never met: they say nothing there.")
    for (old, new), many in sorted(tally.ends.items(), key=lambda item: -item[1]):
        if old != new:
            click.echo(f"  {many:>5}  {old} -> {new}")
    zone = ZoneInfo(s.settings.default_time_zone)
    for pair in differences[:limit]:
        at = pair.call.caller.now.astimezone(zone)
        click.echo(
            f"{pair.call.id}  {at:%a %Y-%m-%d %H:%M}  {_format_result(pair.published)}  ->  {_format_result(pair.draft)}"
        )
    if len(differences) > limit:
        click.echo(f"and {len(differences) - limit} more; --limit {len(differences)} lists them all.")


def _format_result(result: ReplayResult) -> str:
    guesses = f" (guessed at {', '.join(result.guessed_steps)})" if result.guessed_steps else ""
    return f"{result.destination}, {result.keys} keys, {result.seconds:.0f} s, {result.path}{guesses}"


def _tally_to_json(tally: ReplayTally) -> dict[str, Any]:
    return {
        "compared": tally.calls,
        "not_compared": tally.not_comparable,
        "elsewhere": tally.other_destination,
        "sooner": tally.faster,
        "later": tally.slower,
        "seconds": {"live": round(tally.published_seconds, 1), "draft": round(tally.draft_seconds, 1)},
        "keys": {"live": tally.published_keys, "draft": tally.draft_keys},
        "ends": [{"live": a, "draft": b, "calls": n} for (a, b), n in tally.ends.items()],
    }


def _comparison_to_json(comparison: ReplayComparison) -> dict[str, Any]:
    at: datetime = comparison.call.caller.now
    told: dict[str, Any] = {
        "call": comparison.call.id,
        "line": comparison.call.called_number,
        "at": at.isoformat(),
    }
    for name, went in (("live", comparison.published), ("draft", comparison.draft)):
        told[name] = {
            "end": went.destination,
            "keys": went.keys,
            "seconds": went.seconds,
            "steps": list(went.steps),
            "guessed": list(went.guessed_steps),
        }
    return told
