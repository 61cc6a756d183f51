"""`ivr flows`: check the flows before a caller meets them, and talk with them on the terminal."""

from __future__ import annotations

import json
import sys
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ivr.cli.flows import language, replay, schema, versions
from ivr.cli.flows.draw import draw
from ivr.cli.flows.hours import hours

if TYPE_CHECKING:
    from ivr.flow.checker.check import FlowReport
    from ivr.flow.model import Flow, Library
    from ivr.flow.simulator import SimulatedCall, TranscriptLine
    from ivr.flow.yaml_source.entry import FlowFault

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.group()
def flows() -> None:
    """The call flows: check, draw, simulate, replay and publish them."""


for command in (
    versions.publish,
    versions.history,
    versions.diff,
    versions.rollback,
    versions.pull,
    replay.replay,
    language.new_language,
    schema.schema,
    schema.reference,
):
    flows.add_command(command)


flows.add_command(draw)
flows.add_command(hours)


# ---- check ---------------------------------------------------------------------------------------------------------


@flows.command()
@click.argument("folder", type=FOLDER, default=Path("flows"))
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def check(folder: Path, as_json: bool) -> None:
    """Refuse what could strand, bore or insult a caller; exit 1 when there is any of it."""
    from ivr.flow.checker.check import check_flows as check_library
    from ivr.flow.checker.check import list_notes as notes_of
    from ivr.flow.loader.library import load_flows
    from ivr.flow.loader.lookup_hosts import find_unlisted_hosts, list_lookup_steps
    from ivr.flow.yaml_source.entry import InvalidFlows
    from ivr.settings.load import validate

    unasked = 0
    notes: tuple[str, ...] = ()
    reports: tuple[FlowReport, ...] = ()
    try:
        library = load_flows(folder)
        reports, notes = check_library(library), notes_of(library)
        faults = [fault for report in reports for fault in report.faults]
        settings, _ = validate()
        if settings:
            faults += find_unlisted_hosts(library, settings.lookup_hosts, settings.lookup_private)
        else:
            unasked = len(list_lookup_steps(library))
    except InvalidFlows as error:
        faults = list(error.faults)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "faults": [_fault_to_json(f) for f in faults],
                    "flows": [_report_to_json(r) for r in reports],
                    "notes": list(notes),
                },
                indent=2,
            )
        )
    else:
        _print_reports(reports, faults)
        for note in notes:
            click.echo(f"note: {note}")
        if unasked:
            click.echo(
                f"{_format_count(unasked, 'lookup')}: there are no settings here, so whether its host may be asked is looked at when the line starts"
            )
    if faults:
        sys.exit(1)


def _print_reports(reports: tuple[FlowReport, ...], faults: list[FlowFault]) -> None:
    for report in reports:
        flow = report.flow
        counts = f"{_format_count(len(flow.steps), 'step')}, {_format_count(len(flow.languages), 'language')}"
        click.echo(
            f"{flow.location.file}  {flow.name}  {counts}, 168 hours of the week, {_format_count(report.call_kinds, 'kind')} of call"
        )
        if report.longest_path and report.is_sound:
            keys = max(report.longest_path.keys, report.most_keys.keys if report.most_keys else 0)
            click.echo(
                f"  longest way to a person or a promise: {_format_count(keys, 'key')}, {report.longest_path.seconds:.0f} s"
            )
            click.echo(f"    {report.longest_path.path}")
            if report.most_keys and report.most_keys.keys > report.longest_path.keys:
                click.echo(f"    {report.most_keys.path}  (most keys)")
        if report.is_sound:
            click.echo("  ok")
    for fault in faults:
        click.echo(str(fault))
    if faults:
        click.echo(f"refused: {_format_count(len(faults), 'fault')}")


def _format_count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _fault_to_json(fault: FlowFault) -> dict[str, Any]:
    return {"file": fault.file, "line": fault.line, "column": fault.column, "message": fault.message}


def _report_to_json(report: FlowReport) -> dict[str, Any]:
    ways = {"longest": report.longest_path, "most_keys": report.most_keys}
    shown = {
        name: {"keys": way.keys, "seconds": round(way.seconds, 1), "path": way.path, "call": way.instructions}
        for name, way in ways.items()
        if way
    }
    return {
        "flow": report.flow.name,
        "ok": report.is_sound,
        "steps": len(report.flow.steps),
        "calls": report.call_kinds,
        **shown,
    }


# ---- import ----------------------------------------------------------------------------------------------------------


@flows.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True, help="A folder to be made.")
@click.option("--name", default="", help="The flow's name; without it, Studio's.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def import_(file: Any, folder: Path, name: str, as_json: bool) -> None:
    """Make a folder of flows from FILE, the JSON of a Twilio Studio flow ("-" reads it from the terminal), and check it.

    What has no counterpart is listed with what to do. Exit 1 when the check refuses what was made; 2 when nothing was.
    """
    from ivr.cli.flows.studio_import import check_folder, write_converted_flow

    made = write_converted_flow(file.read(), folder, name)
    reports, faults = check_folder(folder)
    if as_json:
        notes = [vars(note) for note in made.notes]
        files = sorted(made.files)
        shown = {
            "flow": made.name,
            "folder": str(folder),
            "files": files,
            "notes": notes,
            "faults": [_fault_to_json(f) for f in faults],
        }
        click.echo(json.dumps(shown, indent=2))
    else:
        click.echo("\n".join(f"- {note}" for note in made.notes), err=True)
        click.echo(f"made {', '.join(str(folder / name) for name in made.files)}")
        _print_reports(reports, faults)
    if faults:
        sys.exit(1)


# ---- simulate --------------------------------------------------------------------------------------------------------


@flows.command("simulate")
@click.argument("flow", required=False)
@click.option("--folder", type=FOLDER, default=Path("flows"))
@click.option("--number", "line", default="", help="The number that was dialled, instead of a flow's name.")
@click.option("--at", default="", help='When: ISO 8601, as "2026-11-23T22:00"; the present without it.')
@click.option("--caller", type=click.Choice(["new", "known", "owed", "hidden"]), default="new")
@click.option("--language", default="")
@click.option("--free-agents", "free", default=0, help="How many agents are free.")
@click.option("--queue-full", "full", is_flag=True, help="Nobody else may join the queue.")
@click.option(
    "--lookup-answer",
    "found",
    default="",
    help='What the company\'s own system answers; "else": it does not answer.',
)
def simulate(**options: Any) -> None:
    """Be a caller. Type keys (0-9 * #) or words; an empty line is silence."""
    from ivr.flow import simulator as use
    from ivr.flow.loader.library import load_flows
    from ivr.flow.yaml_source.entry import InvalidFlows

    try:
        library = load_flows(options["folder"])
    except InvalidFlows as error:
        raise click.ClickException(str(error)) from error
    flow = _choose_flow(library, options["flow"], options["line"])
    given = use.SimulationOptions(**{f.name: options[f.name] for f in fields(use.SimulationOptions)})
    try:
        made = use.simulate_call(library, flow, given, datetime.now(UTC))
    except use.InvalidTime as error:
        raise click.ClickException(str(error)) from error
    _run_conversation(made)


def _choose_flow(library: Library, name: str | None, called_number: str) -> Flow:
    if name is None:
        return library.get_flow_for_number(called_number)
    if name not in library.flows:
        raise click.ClickException(f'there is no flow "{name}"; there is: {", ".join(library.flows)}')
    return library.flows[name]


def _run_conversation(call: SimulatedCall) -> None:
    """What is said, and what is typed, until it is over or the caller hangs up."""
    shown = 0
    while True:
        for line in call.transcript[shown:]:
            _print_line(line)
        shown = len(call.transcript)
        if call.is_over:
            return
        typed = _read_input(call.seconds)
        if typed is None:
            return
        call.enter_input(typed)
        shown += 1  # what they typed themselves


def _print_line(line: TranscriptLine) -> None:
    click.echo(f"{line.speaker:<6}{line.text}" if line.speaker else f"      ({line.text})")


def _read_input(seconds: int) -> str | None:
    try:
        typed = input("you   ").strip()
    except EOFError:
        click.echo("(you hang up)")
        return None
    if not sys.stdin.isatty():
        click.echo(typed)
    if not typed:
        click.echo(f"      ({seconds} s of silence)")
    return typed
