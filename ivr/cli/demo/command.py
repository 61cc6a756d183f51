"""`ivr demo`: the whole line on this machine, and a story played on it."""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from ivr.cli.data.integrity import format_report
from ivr.cli.demo.access import DemoSignIn, create_sign_ins, make_shell_command, write_env_file
from ivr.cli.demo.stage import OUR_NUMBER, Stage
from ivr.cli.demo.stage_time import StageStuck
from ivr.cli.demo.story import DANIELLE, LORI, NAMES, RUTH, Act, list_acts
from ivr.cli.demo.transcript import Transcript
from ivr.cli.serve.up import point_numbers_here
from ivr.domain.errors import CalorError
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import AgentLeg
from ivr.domain.records.promise import Promise
from ivr.store.queries import event_log
from ivr.usecases.integrity.check import check_integrity

ZONE = "America/New_York"
MONDAY_EVENING = 1795478520.0  # 23 November 2026, 19:02 in New York
TICK_SECONDS = 0.5
MAX_SPEECH_SECONDS = 20.0  # seconds of talk in one piece
SECONDS_AFTER_ACT = 15.0
DESK_PHONES = {"Danielle": DANIELLE, "Ruth": RUTH}


@click.command()
@click.option("--once", is_flag=True, help="End after the story, with 0 if every promise was kept.")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    help="Keep the record and the log here; default: nowhere.",
)
def demo(*, once: bool, folder: Path | None) -> None:
    """Play Lori's story on the real line, with scripted people on a local Twilio. Needs no account."""
    signal.signal(signal.SIGTERM, _stop)
    with _data_folder(folder) as place, (place / "line.log").open("w") as log:
        stage = Stage(
            folder=place, start_time=MONDAY_EVENING, out=log, extra_settings={"IVR_COMPANY": "Tooty Air"}
        )
        _print_progress("starting the record, the emulator, the web app, four workers and the scheduler ...")
        began = time.monotonic()
        try:
            stage.start_up()
            _print_progress(f"all up after {time.monotonic() - began:.1f} s; log: {place / 'line.log'}")
            for number, name in NAMES.items():
                stage.set_phone(number, name=name, script=[])
            good = _play_story(stage)
            if not once and sys.stdout.isatty():
                _keep_running(stage)
        except KeyboardInterrupt:
            _print_progress("stopping ...")
            good = True
        except CalorError:
            if said := _last_lines(place / "line.log"):
                _print_progress(f"It did not work; the last words of its processes:\n{said}")
            raise
        finally:
            stage.shut_down()
    sys.exit(0 if good else 1)


def _stop(*_: Any) -> None:
    raise KeyboardInterrupt


@contextmanager
def _data_folder(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="calor-") as made:
        yield Path(made)


def _play_story(stage: Stage) -> bool:
    teller = StoryTeller(stage)
    click.echo("\n The people are scripted; the line, its record and its calls are real, on a local Twilio.")
    click.echo(" Time is compressed where nothing happens.\n")
    began = time.monotonic()
    for act in list_acts():
        click.echo(f"\n --- {act.title} {'-' * (96 - len(act.title))}\n")
        act.begin(stage)
        try:
            done = stage.play(act.timeout_seconds, until=partial(_print_new_and_check, teller, act, stage))
            stage.play(SECONDS_AFTER_ACT)  # the last texts, the last "saved, thank you"
        except StageStuck as e:
            click.echo(f"\n {e}", err=True)
            done = False
        teller.print_new(everything=True)
        if not done:
            click.echo(f'\n The act "{act.title}" did not come to its end.', err=True)
            return False
    findings = check_integrity(stage.services)
    click.echo(f"\n{format_report(findings)}")
    spent = time.monotonic() - began
    click.echo(f"\n {(stage.now - MONDAY_EVENING) / 60:.0f} minutes of telephone in {spent:.0f} s.")
    return not findings.violations and findings.contacts["lost"] == 0


def _print_new_and_check(printer: StoryTeller, act: Act, stage: Stage) -> bool:
    printer.print_new()
    return act.is_done(stage)


class StoryTeller:
    """Prints what is new, from the emulator's log and the line's journal, in the order of time."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._last_log_number = 0
        self._next_event_id = "-"
        self._transcript = Transcript(ZONE, NAMES, OUR_NUMBER)
        self._pending: list[dict[str, Any]] = []

    def print_new(self, *, everything: bool = False) -> None:
        """Print what nothing earlier can follow any more."""
        entries = self._stage.read_emulator_log(self._last_log_number)
        if entries:
            self._last_log_number = entries[-1]["n"]
        self._pending += [*entries, *self._read_event_log()]
        # what is said is logged when it has been said; it stands where it began
        until = self._stage.now - (0 if everything else MAX_SPEECH_SECONDS)
        ready = sorted((e for e in self._pending if everything or _entry_time(e) <= until), key=_entry_time)
        self._pending = [e for e in self._pending if not (everything or _entry_time(e) <= until)]
        for line in self._transcript.lines([{**e, "epoch": _entry_time(e)} for e in ready]):
            click.echo(line)

    def _read_event_log(self) -> Iterator[dict[str, Any]]:
        store = self._stage.services.store
        for page in event_log.iterate_pages(store, start_id=self._next_event_id):
            for entry in page:
                self._next_event_id = f"({entry.id}"
                words = self._describe_event({"event": entry.event, **entry.fields})
                if words:
                    yield {"kind": "journal", "epoch": entry.at, "words": words}

    def _describe_event(self, event: dict[str, str]) -> str:
        match event["event"]:
            case "promised":
                promise = self._stage.services.store.get(Promise, event["promise"])
                by = time.strftime("%H:%M", time.gmtime(promise.due_by - 5 * 3600)) if promise else "?"
                return f"promise {event['promise']} is on disk: call {self._customer_name(promise)} by {by}"
            case "offer":
                leg = self._stage.services.store.get(AgentLeg, event["offer"])
                return f"{event['agent'].title()} is asked: {leg.offer.why}" if leg else ""
            case "promise kept":
                late = "late" if event.get("late") else "in time"
                return f"promise {event['promise']} is kept, {late}"
            case "promise merged":
                return f"she rings while promise {event['promise']} is open: this call carries it"
            case "ended":
                return f"contact {event['contact']} ends: {event['outcome'].replace('_', ' ')}"
        return ""

    def _customer_name(self, promise: Promise | None) -> str:
        return NAMES.get(promise.number, "the customer") if promise else "the customer"


def _entry_time(entry: dict[str, Any]) -> float:
    return float(entry.get("began") or entry["epoch"])


def _keep_running(stage: Stage) -> None:
    """Keep the line up at the pace of real time, for a viewer to be caller, agent, supervisor and operator."""
    _advance_to_office_hours(stage)
    point_numbers_here(stage.settings)
    people = create_sign_ins(stage.services)
    for name, phone in DESK_PHONES.items():
        # it answers and leaves the rest to the desk, unless somebody holds it in the browser
        stage.set_phone(phone, name=name, script=[{"do": "pause", "seconds": 86400}])
    for name in ("Ruth", "Omar"):
        stage.set_agent_state(name, AgentState.AWAY)  # so that whoever rings gets Danielle
    stage.set_agent_state("Danielle")
    with write_env_file(stage, stage.folder) as file:
        _print_instructions(stage, people, file)
        began, start = time.monotonic(), stage.now
        while True:
            time.sleep(TICK_SECONDS)
            stage.play(max(0.0, start + time.monotonic() - began - stage.now))  # however long a look takes


def _print_instructions(stage: Stage, demo_accounts: Sequence[DemoSignIn], file: Path) -> None:
    base, phones = stage.settings.public_url, stage.emulator_url
    click.echo(
        "\n The line stays up; Ctrl-C ends it all. Be an agent in one window and a caller in another:\n"
    )
    click.echo(f" 1. {base}/sign-in?next=/desk/    the desk and the other pages; sign in with")
    for one in demo_accounts:
        click.echo(f"       {one}")
    click.echo(f" 2. {phones}/phones    the telephones: add {LORI} and ring {OUR_NUMBER}")
    click.echo(f"       add {DANIELLE} too: it is Danielle's, and rings when Lori has called")
    click.echo(f" 3. {phones}/switchboard    what goes on between them;   {base}/metrics   figures")
    click.echo(" 4. the `ivr` command, in another terminal (bash, zsh), after this line:")
    click.echo(f"       {make_shell_command(file)}")
    click.echo("       for example: ivr agents list    ivr callbacks list --state all    ivr check")


def _advance_to_office_hours(stage: Stage) -> None:
    """On to office hours: a story that ends at night would leave whoever tries the line with nobody to talk to."""
    now = datetime.fromtimestamp(stage.now, UTC)
    opens = stage.services.library.next_opening("support", now)
    if opens is not None and opens > now:
        stage.jump_to(opens.timestamp() + 3600)


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])


def _print_progress(text: str) -> None:
    click.echo(f" {text}", err=True)
