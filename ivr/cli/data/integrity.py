"""`ivr check`: does what always holds hold? For people and for monitors."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from ivr.cli.actor import login
from ivr.cli.redis_services import redis_services
from ivr.domain.errors import CalorError

if TYPE_CHECKING:
    from ivr.services import RedisServices, Services
    from ivr.usecases.integrity.check import Findings
    from ivr.usecases.promises.overdue import Overdue

WELL, BROKEN, BLIND = 0, 1, 2
SHOWN = 5  # of what is late
STATUS = """\b
Exit status:
  0  all is well
  1  an invariant is broken: what, which, when and what to do is said
  2  it could not look: a setting is wrong or the record cannot be reached
"""


@click.command("check", epilog=STATUS)
@click.option("--json", "as_json", is_flag=True, help="For a monitor.")
@click.option("--late", is_flag=True, help="Exit 1 for what is late as well.")
@click.option(
    "--repair",
    "mend",
    is_flag=True,
    help="Have somebody look at what is open and was forgotten (not in the due index).",
)
@click.option(
    "--archive", is_flag=True, help="The files of earlier months too (IVR_EVENT_LOG_ARCHIVE), each checked."
)
@click.option("--by", help="With --repair: who stands in the event log. Default: the login name.")
def audit(*, as_json: bool, late: bool, mend: bool, archive: bool, by: str | None) -> None:
    """Check the event log and the records, each for itself, against what always holds.

    Reads only, unless --repair is given, and may be run at any time on a line in service.
    """
    try:
        changes = _services() if mend else None
        s = changes or redis_services()
        findings = _look(s, archived=archive)
        mended = _mend(changes, findings, _whose(by)) if changes else []
    except CalorError as e:
        told = (
            f"Could not look: {e}\nIs REDIS_URL right and its server up? `ivr doctor` says what is missing."
        )
        click.echo(json.dumps({"error": str(e)}) if as_json else told, err=not as_json)
        sys.exit(BLIND)
    if as_json:
        click.echo(json.dumps(_json(findings, mended), indent=2))
    else:
        click.echo(report(findings, s.settings.default_zone))
        for member in mended:
            click.echo(f" repaired: {member} is due now")
    broken = bool(findings.violations) or (late and findings.overdue.any)
    sys.exit(BROKEN if broken else WELL)


def _services() -> Services:
    from ivr.services import build
    from ivr.settings import load

    return build(load())


def _whose(by: str | None) -> str:
    from ivr.usecases.staff.roster import slug

    return slug(by) if by else login()


def _look(s: RedisServices, *, archived: bool) -> Findings:
    from ivr.usecases.integrity.check import audit as look

    return look(s, archived=archived)


def _mend(s: Services, findings: Findings, by: str) -> list[str]:
    from ivr.usecases.integrity.repair import mend

    return [_unnumbered(m) for m in mend(s, findings.left_lying, by=by)]


def _json(findings: Findings, mended: list[str]) -> dict[str, Any]:
    told = asdict(findings)
    told["left_lying"] = [_unnumbered(m) for m in findings.left_lying]
    return {"well": not findings.violations, **told, "repaired": mended}


def _unnumbered(member: str) -> str:
    """A held number by its last digits: what a monitor collects goes far."""
    noun, _, name = member.partition(":")
    return f"{noun}:…{name[-3:]}" if noun == "number_lock" else member


def report(findings: Findings, zone: str = "UTC") -> str:
    """Two lines of counts, then what is broken, or that nothing is, then what is late."""
    lines = [_counts(findings.contacts), _counts(findings.promises)]
    for v in findings.violations:
        when = f"  {_when(v.at, zone)}" if v.at else ""
        lines += [f" {v}{when}", f"     {v.todo}"]
    if not findings.violations:
        lines.append(
            f" every invariant held. ({findings.entries} entries of the event log, and every record.)"
        )
    return "\n".join([*lines, *_late(findings.overdue)])


def _late(late: Overdue) -> list[str]:
    told = []
    for words, found in (
        ("late by", late.late),
        ("at risk: nobody is at it, left", late.at_risk),
        ("escalated, and no supervisor has it since", late.unacknowledged),
    ):
        told += [f" {words} {span(seconds)}: promise {name}" for name, seconds in list(found.items())[:SHOWN]]
        if len(found) > SHOWN:
            told.append(f" {words} ...: {len(found) - SHOWN} more (ivr callbacks list --late)")
    told += [
        f" failed jobs in {queue}: {n}; see the log of its worker" for queue, n in late.failed_jobs.items()
    ]
    return told


def span(seconds: float) -> str:
    """As people say it: 40 s, 12 min, 3 h 20 min, 2 d 4 h."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} d {hours % 24} h"


def _when(at: float, zone: str) -> str:
    return datetime.fromtimestamp(at, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S %Z")


def _counts(counts: dict[str, int]) -> str:
    first, *rest = counts.items()
    return f" {first[0]} {first[1]:<3} " + "   ".join(f"{name} {n}" for name, n in rest)
