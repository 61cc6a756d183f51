"""`python -m tests.bench`: each bar, measured side by side on this machine. Says what came out and asserts nothing."""

from __future__ import annotations

import json
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

import click

from tests.bench import ground, machine
from tests.bench.bars import (
    flows,
    matching,
    person,
    promise,
    recovery,
    round_trips,
    routing,
    scheduler,
    start,
    tail,
    webhook,
)
from tests.bench.figures import BELOW, Figure, Run, progress, skipped

BARS: dict[str, Callable[[Run], list[Figure]]] = {
    "webhook": webhook.measure,
    "tail": tail.measure,
    "person": person.measure,
    "trips": round_trips.measure,
    "routing": routing.measure,
    "matching": matching.measure,
    "promise": promise.measure,
    "reconcile": scheduler.measure,
    "recovery": recovery.measure,
    "start": start.measure,
    "flows": flows.measure,
}


@click.command()
@click.option("--only", type=click.Choice(list(BARS)), multiple=True, help="This bar; may be given again.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--quick", is_flag=True, help="Few rounds: a look, not a result.")
def bench(*, only: tuple[str, ...], as_json: bool, quick: bool) -> None:
    """Measure the bars. Ends with 0 whatever comes out, with 1 when one could not be measured."""
    about = machine.describe(Path(tempfile.gettempdir()))
    with ground.folder() as place, ground.record(place) as redis:
        about["valkey"] = machine.valkey(redis)
    found: dict[str, list[Figure]] = {}
    broken: list[str] = []
    for name, measure in BARS.items():
        if only and name not in only:
            continue
        progress(f"-- {name}")
        try:
            found[name] = measure(Run(quick=quick))
        except Exception as e:  # noqa: BLE001 - the other figures took minutes and stay worth something
            progress(traceback.format_exc())
            broken.append(name)
            found[name] = [skipped(name, f"could not be measured: {e}")]
    about["load afterwards"] = machine.load()
    if as_json:
        bars = {name: [f.record() for f in figures] for name, figures in found.items()}
        click.echo(json.dumps({"machine": about, "quick": quick, "bars": bars}, indent=2))
    else:
        _show(about, found, quick=quick)
    sys.exit(1 if broken else 0)


def _show(about: Mapping[str, str], found: Mapping[str, list[Figure]], *, quick: bool) -> None:
    for name, value in about.items():
        click.echo(f"{name:<16} {value}")
    click.echo("")
    figures = [figure for some in found.values() for figure in some]
    for figure in figures:
        click.echo(figure.line())
    below = sum(figure.verdict == BELOW for figure in figures)
    click.echo(f"\n{below} below the bar" + (" (a quick look: few rounds)" if quick else ""))


if __name__ == "__main__":
    bench()
