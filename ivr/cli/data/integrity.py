"""`ivr check`: does what always holds hold? For people and for monitors."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from ivr.cli.actor import login_name
from ivr.cli.redis_services import redis_services
from ivr.domain.errors import CalorError

if TYPE_CHECKING:
    from ivr.services import RedisServices, Services
    from ivr.usecases.integrity.check import Findings
    from ivr.usecases.promises.overdue import OverdueReport

EXIT_OK, EXIT_VIOLATIONS, EXIT_COULD_NOT_CHECK = 0, 1, 2
MAX_LATE_SHOWN = 5  # of what is late
EXIT_STATUS_HELP = """\b
Exit status:
  0  all is well
  1  an invariant is broken: what, which, when and what to do is said
  2  it could not look: a setting is wrong or the record cannot be reached
"""


@click.command("check", epilog=EXIT_STATUS_HELP)
@click.option("--json", "as_json", is_flag=True, help="For a monitor.")
@click.option("--late", is_flag=True, help="Exit 1 for what is late as well.")
@click.option(
    "--repair",
    "repair",
    is_flag=True,
    help="Have somebody look at what is open and was forgotten (not in the due index).",
)
@click.option(
    "--archive", is_flag=True, help="The files of earlier months too (IVR_EVENT_LOG_ARCHIVE), each checked."
)
@click.option("--by", help="With --repair: who stands in the event log. Default: the login name.")
def check(*, as_json: bool, late: bool, repair: bool, archive: bool, by: str | None) -> None:
    """Check the event log and the records, each for itself, against what always holds.

    Reads only, unless --repair is given, and may be run at any time on a line in service.
    """
    try:
        changes = _services() if repair else None
        s = changes or redis_services()
        findings = _run_check(s, archived=archive)
        mended = _repair(changes, findings, _actor_id(by)) if changes else []
    except CalorError as e:
        told = (
            f"Could not look: {e}\nIs REDIS_URL right and its server up? `ivr doctor` says what is missing."
        )
        click.echo(json.dumps({"error": str(e)}) if as_json else told, err=not as_json)
        sys.exit(EXIT_COULD_NOT_CHECK)
    if as_json:
        click.echo(json.dumps(_findings_to_json(findings, mended), indent=2))
    else:
        click.echo(format_report(findings, s.settings.default_time_zone))
        for member in mended:
            click.echo(f" repaired: {member} is due now")
    broken = bool(findings.violations) or (late and findings.overdue.has_any)
    sys.exit(EXIT_VIOLATIONS if broken else EXIT_OK)


def _services() -> Services:
    from ivr.services import build_services
    from ivr.settings import load_settings

    return build_services(load_settings())


def _actor_id(by: str | None) -> str:
    from ivr.usecases.staff.roster import slugify

    return slugify(by) if by else login_name()


def _run_check(s: RedisServices, *, archived: bool) -> Findings:
    from ivr.usecases.integrity.check import check_integrity

    return check_integrity(s, archived=archived)


def _repair(services: Services, findings: Findings, actor_id: str) -> list[str]:
    from ivr.usecases.integrity.repair import repair_records

    return [_mask_number(m) for m in repair_records(services, findings.unscheduled, actor_id=actor_id)]


def _findings_to_json(findings: Findings, repaired: list[str]) -> dict[str, Any]:
    told = asdict(findings)
    told["unscheduled"] = [_mask_number(m) for m in findings.unscheduled]
    return {"well": not findings.violations, **told, "repaired": repaired}


def _mask_number(key: str) -> str:
    """A held number by its last digits: what a monitor collects goes far."""
    record_type, _, name = key.partition(":")
    return f"{record_type}:…{name[-3:]}" if record_type == "number_lock" else key


def format_report(findings: Findings, zone: str = "UTC") -> str:
    """Two lines of counts, then what is broken, or that nothing is, then what is late."""
    lines = [_format_counts(findings.contacts), _format_counts(findings.promises)]
    for v in findings.violations:
        when = f"  {_format_time(v.at, zone)}" if v.at else ""
        lines += [f" {v}{when}", f"     {v.advice}"]
    if not findings.violations:
        lines.append(
            f" every invariant held. ({findings.entries} entries of the event log, and every record.)"
        )
    return "\n".join([*lines, *_overdue_lines(findings.overdue)])


def _overdue_lines(overdue: OverdueReport) -> list[str]:
    told = []
    for words, found in (
        ("late by", overdue.late),
        ("at risk: nobody is at it, left", overdue.at_risk),
        ("escalated, and no supervisor has it since", overdue.unacknowledged),
    ):
        told += [
            f" {words} {format_duration(seconds)}: promise {name}"
            for name, seconds in list(found.items())[:MAX_LATE_SHOWN]
        ]
        if len(found) > MAX_LATE_SHOWN:
            told.append(f" {words} ...: {len(found) - MAX_LATE_SHOWN} more (ivr callbacks list --late)")
    told += [
        f" failed jobs in {queue}: {n}; see the log of its worker" for queue, n in overdue.failed_jobs.items()
    ]
    return told


def format_duration(seconds: float) -> str:
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


def _format_time(at: float, zone: str) -> str:
    return datetime.fromtimestamp(at, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S %Z")


def _format_counts(counts: dict[str, int]) -> str:
    first, *rest = counts.items()
    return f" {first[0]} {first[1]:<3} " + "   ".join(f"{name} {n}" for name, n in rest)
