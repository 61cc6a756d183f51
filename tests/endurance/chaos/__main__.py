"""`make chaos`: everything that can break is broken, and no promise may be lost. Ends with 1 when anything was found."""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import product
from typing import TypeVar

import click

from tests.endurance.chaos import turns
from tests.endurance.chaos.house import House
from tests.endurance.chaos.mutants import MUTANTS, caught
from tests.endurance.chaos.play import Result, house, play, say
from tests.endurance.chaos.scenes import LIVE

T = TypeVar("T")
SEEDS = (1, 2, 3, 4, 5, 6)


@dataclass(kw_only=True)
class Report:
    """What was injected and what was found."""

    promises: int = 0
    faults: int = 0
    injected: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    late: list[float] = field(default_factory=list)
    silence: float = 0.0
    violations: list[str] = field(default_factory=list)
    uncaught: list[str] = field(default_factory=list)  # mutants
    seconds: float = 0.0


@click.group(invoke_without_command=True)
@click.pass_context
@click.option("--seed", "seeds", type=int, multiple=True, default=SEEDS, show_default=True)
@click.option("--people", default=200, show_default=True, help="Who ring in, for each seed.")
@click.option("--faults", default=90, show_default=True, help="Broken at random, for each seed.")
@click.option("--every", default=1, show_default=True, help="Break at every n-th write, POST and stage only.")
@click.option(
    "--only", type=click.Choice(["random", "turns", "live", "mutants"]), multiple=True, help="Not everything."
)
@click.option("--json", "as_json", is_flag=True, help="The report as JSON on standard output.")
def main(  # noqa: PLR0917 - click hands them over by name
    context: click.Context,
    seeds: tuple[int, ...],
    people: int,
    faults: int,
    every: int,
    only: tuple[str, ...],
    as_json: bool,
) -> None:
    """Kill, stop, cut off and confuse everything while promises are made and kept."""
    if context.invoked_subcommand:
        return
    began, report = time.monotonic(), Report()
    parts = only or ("random", "turns", "live", "mutants")
    with house() as one:
        say(f"A process starts {one.slow:.1f} times slower here than on an idle machine.")
        for seed in seeds if "random" in parts else ():
            say(f"seed {seed}: {people} people, {faults} faults")
            _add(report, play(one, seed, promises=people, faults=faults))
        if "turns" in parts:
            _turns(one, every, report)
        if "live" in parts:
            _live(one, every, report)
        report.silence = one.silence
    for name in MUTANTS if "mutants" in parts else ():
        words = caught(name)
        say(f"mutant {name}: {words.splitlines()[0] if words else 'NOT FOUND'}")
        report.uncaught += [] if words else [name]
    report.seconds = time.monotonic() - began
    _tell(report)
    if as_json:
        click.echo(json.dumps(vars(report)))
    sys.exit(bool(report.violations or report.uncaught))


@main.command(hidden=True)
@click.argument("name", type=click.Choice(list(MUTANTS)))
def prove(name: str) -> None:
    """One mutant's play, on the code that is imported: 1 and what was found, or 0."""
    with house() as one:
        bad = MUTANTS[name](one)
    click.echo("\n".join(bad))
    sys.exit(bool(bad))


def _add(report: Report, result: Result) -> None:
    report.promises += result.counts["promises"]
    report.faults += sum(result.injected.values())
    report.injected += result.injected
    report.outcomes += result.counts
    report.late += result.late
    _found(report, f"seed {result.seed}", result.violations)
    say(
        f"  {result.counts['promises']} promises, {sum(result.injected.values())} faults; "
        f"{result.played / 60:.0f} minutes played in {result.took:.0f} s"
    )
    if result.violations:
        for told in result.story:
            say(f"    {told}")


def _found(report: Report, where: str, violations: list[str]) -> None:
    for what in violations:
        report.violations.append(f"{where}: {what}")
        say(f"  VIOLATION {where}: {what}")


def _turns(one: House, every: int, report: Report) -> None:
    for what in ("write", "POST", "bell"):
        todo = _some(list(turns.every_turn(one, what)), every)
        say(f"every {what}: {len(todo)} plays")
        for nth, (at, when) in enumerate(todo, 1):
            _progress(nth, len(todo))
            for kill in (True, False) if what == "POST" else (True,):
                told, bad = turns.turn(one, what, at, when, kill=kill)
                report.injected[f"{'kill' if kill else 'cut'} {when} a {what}, in turn"] += 1
                report.faults += 1
                report.promises += 1
                _found(report, told, bad)


def _live(one: House, every: int, report: Report) -> None:
    todo = _some(list(product(LIVE, turns.DEATHS)), every)
    say(f"callers in every stage: {len(todo)} plays")
    for nth, (scene, how) in enumerate(todo, 1):
        _progress(nth, len(todo))
        bad = turns.death(one, scene, how)
        report.injected[f"{how}, with a caller"] += 1
        report.faults += 1
        _found(report, f"{scene.name}, {how}", bad)


def _some(plays: list[T], every: int) -> list[T]:
    """One in so many, of all kinds."""
    return sorted(random.Random(every).sample(plays, len(plays) // every), key=plays.index)


def _progress(nth: int, of: int) -> None:
    if nth % 10 == 0:
        say(f"  {nth} of {of}")


def _tell(report: Report) -> None:
    say(f"\n{report.promises} promises, {report.faults} faults, {report.seconds:.0f} s")
    for what, count in sorted(report.injected.items()):
        say(f"  {count:>5}  {what}")
    say("came of it")
    for what, count in sorted(report.outcomes.items()):
        say(f"  {count:>5}  {what}")
    if len(report.late) > 1:
        cuts = statistics.quantiles(report.late, n=100)
        late = sum(x > 0 for x in report.late)
        say(
            f"talked with, after the time we had named: median {cuts[49]:.0f} s, 99 of 100 within {cuts[98]:.0f} s; "
            f"{late} of {len(report.late)} late"
        )
    say(f"longest silence that a caller heard: {report.silence:.1f} s")
    say(f"violations: {len(report.violations)}; mutants not found: {', '.join(report.uncaught) or 'none'}")


if __name__ == "__main__":
    main()
