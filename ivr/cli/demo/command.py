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

from ivr.cli.data.integrity import report
from ivr.cli.demo.access import SignIn, env_file, line_to_copy, sign_ins
from ivr.cli.demo.stage import LINE, Stage, Stuck
from ivr.cli.demo.story import DANIELLE, LORI, NAMES, RUTH, Act, acts
from ivr.cli.demo.transcript import Transcript
from ivr.cli.serve.up import point_here
from ivr.domain.errors import CalorError
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import Offer
from ivr.domain.records.promise import Promise
from ivr.store import keys
from ivr.usecases.integrity.check import audit

ZONE = "America/New_York"
MONDAY_EVENING = 1795478520.0  # 23 November 2026, 19:02 in New York
TICK = 0.5
LONGEST = 20.0  # seconds of talk in one piece
AFTERWARDS = 15.0
DESKS = {"Danielle": DANIELLE, "Ruth": RUTH}


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
    with _somewhere(folder) as place, (place / "line.log").open("w") as log:
        stage = Stage(folder=place, start=MONDAY_EVENING, out=log, extra={"IVR_COMPANY": "Tooty Air"})
        _progress("starting the record, the emulator, the web app, four workers and the scheduler ...")
        began = time.monotonic()
        try:
            stage.raise_curtain()
            _progress(f"all up after {time.monotonic() - began:.1f} s; log: {place / 'line.log'}")
            for number, name in NAMES.items():
                stage.phone(number, name=name, script=[])
            good = _play(stage)
            if not once and sys.stdout.isatty():
                _stay(stage)
        except KeyboardInterrupt:
            _progress("stopping ...")
            good = True
        except CalorError:
            if said := _tail(place / "line.log"):
                _progress(f"It did not work; the last words of its processes:\n{said}")
            raise
        finally:
            stage.drop_curtain()
    sys.exit(0 if good else 1)


def _stop(*_: Any) -> None:
    raise KeyboardInterrupt


@contextmanager
def _somewhere(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="calor-") as made:
        yield Path(made)


def _play(stage: Stage) -> bool:
    teller = Teller(stage)
    click.echo("\n The people are scripted; the line, its record and its calls are real, on a local Twilio.")
    click.echo(" Time is compressed where nothing happens.\n")
    began = time.monotonic()
    for act in acts():
        click.echo(f"\n --- {act.title} {'-' * (96 - len(act.title))}\n")
        act.begin(stage)
        try:
            done = stage.play(act.seconds, until=partial(_told_and_done, teller, act, stage))
            stage.play(AFTERWARDS)  # the last texts, the last "saved, thank you"
        except Stuck as e:
            click.echo(f"\n {e}", err=True)
            done = False
        teller.tell(everything=True)
        if not done:
            click.echo(f'\n The act "{act.title}" did not come to its end.', err=True)
            return False
    findings = audit(stage.services)
    click.echo(f"\n{report(findings)}")
    spent = time.monotonic() - began
    click.echo(f"\n {(stage.now - MONDAY_EVENING) / 60:.0f} minutes of telephone in {spent:.0f} s.")
    return not findings.violations and findings.contacts["lost"] == 0


def _told_and_done(teller: Teller, act: Act, stage: Stage) -> bool:
    teller.tell()
    return act.done(stage)


class Teller:
    """Prints what is new, from the emulator's log and the line's journal, in the order of time."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._seen = 0
        self._read = "-"
        self._transcript = Transcript(ZONE, NAMES, LINE)
        self._waiting: list[dict[str, Any]] = []

    def tell(self, *, everything: bool = False) -> None:
        """Print what nothing earlier can follow any more."""
        entries = self._stage.log(self._seen)
        if entries:
            self._seen = entries[-1]["n"]
        self._waiting += [*entries, *self._journal()]
        # what is said is logged when it has been said; it stands where it began
        until = self._stage.now - (0 if everything else LONGEST)
        ready = sorted((e for e in self._waiting if everything or _when(e) <= until), key=_when)
        self._waiting = [e for e in self._waiting if not (everything or _when(e) <= until)]
        for line in self._transcript.lines([{**e, "epoch": _when(e)} for e in ready]):
            click.echo(line)

    def _journal(self) -> Iterator[dict[str, Any]]:
        store = self._stage.services.store
        (page,) = store.read([("XRANGE", keys.JOURNAL, self._read, "+")])
        for name, event in page:
            self._read = f"({name}"
            words = self._words(event)
            if words:
                yield {"kind": "journal", "epoch": float(event["at"]), "words": words}

    def _words(self, event: dict[str, str]) -> str:
        match event["event"]:
            case "promised":
                promise = self._stage.services.store.get(Promise, event["promise"])
                by = time.strftime("%H:%M", time.gmtime(promise.until - 5 * 3600)) if promise else "?"
                return f"promise {event['promise']} is on disk: call {self._whose(promise)} by {by}"
            case "offer":
                offer = self._stage.services.store.get(Offer, event["offer"])
                return f"{event['agent'].title()} is asked: {offer.why}" if offer else ""
            case "promise kept":
                late = "late" if event.get("late") else "in time"
                return f"promise {event['promise']} is kept, {late}"
            case "promise merged":
                return f"she rings while promise {event['promise']} is open: this call carries it"
            case "ended":
                return f"contact {event['contact']} ends: {event['outcome'].replace('_', ' ')}"
        return ""

    def _whose(self, promise: Promise | None) -> str:
        return NAMES.get(promise.number, "the customer") if promise else "the customer"


def _when(e: dict[str, Any]) -> float:
    return float(e.get("began") or e["epoch"])


def _stay(stage: Stage) -> None:
    """Keep the line up at the pace of real time, for a viewer to be caller, agent, supervisor and operator."""
    _open(stage)
    point_here(stage.settings)
    people = sign_ins(stage.services)
    for name, phone in DESKS.items():
        # it answers and leaves the rest to the desk, unless somebody holds it in the browser
        stage.phone(phone, name=name, script=[{"do": "pause", "seconds": 86400}])
    for name in ("Ruth", "Omar"):
        stage.available(name, AgentState.AWAY)  # so that whoever rings gets Danielle
    stage.available("Danielle")
    with env_file(stage, stage.folder) as file:
        _tell_the_ways(stage, people, file)
        began, start = time.monotonic(), stage.now
        while True:
            time.sleep(TICK)
            stage.play(max(0.0, start + time.monotonic() - began - stage.now))  # however long a look takes


def _tell_the_ways(stage: Stage, people: Sequence[SignIn], file: Path) -> None:
    base, phones = stage.settings.public_url, stage.emulator
    click.echo(
        "\n The line stays up; Ctrl-C ends it all. Be an agent in one window and a caller in another:\n"
    )
    click.echo(f" 1. {base}/sign-in?next=/desk/    the desk and the other pages; sign in with")
    for one in people:
        click.echo(f"       {one}")
    click.echo(f" 2. {phones}/phones    the telephones: add {LORI} and ring {LINE}")
    click.echo(f"       add {DANIELLE} too: it is Danielle's, and rings when Lori has called")
    click.echo(f" 3. {phones}/switchboard    what goes on between them;   {base}/metrics   figures")
    click.echo(" 4. the `ivr` command, in another terminal (bash, zsh), after this line:")
    click.echo(f"       {line_to_copy(file)}")
    click.echo("       for example: ivr agents list    ivr callbacks list --state all    ivr check")


def _open(stage: Stage) -> None:
    """On to office hours: a story that ends at night would leave whoever tries the line with nobody to talk to."""
    now = datetime.fromtimestamp(stage.now, UTC)
    opens = stage.services.library.next_opening("support", now)
    if opens is not None and opens > now:
        stage.go_to(opens.timestamp() + 3600)


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])


def _progress(words: str) -> None:
    click.echo(f" {words}", err=True)
