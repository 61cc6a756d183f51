"""`python -m tests.bench`: each bar, measured side by side on this machine. Says what came out and asserts nothing."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import click

from tests.bench import (
    bar_matching,
    bar_person,
    bar_promise,
    bar_routing,
    bar_start,
    bar_trips,
    bar_webhook,
    ground,
    machine,
)
from tests.bench.figures import BELOW, Figure, Run, progress

BARS: dict[str, Callable[[Run], list[Figure]]] = {
    "webhook": bar_webhook.measure,
    "person": bar_person.measure,
    "trips": bar_trips.measure,
    "routing": bar_routing.measure,
    "matching": bar_matching.measure,
    "promise": bar_promise.measure,
    "start": bar_start.measure,
}


@click.command()
@click.option("--only", type=click.Choice(list(BARS)), multiple=True, help="This bar; may be given again.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--quick", is_flag=True, help="Few rounds: a look, not a result.")
def bench(*, only: tuple[str, ...], as_json: bool, quick: bool) -> None:
    """Measure the bars. Ends with 0 whatever comes out."""
    about = machine.describe(Path(tempfile.gettempdir()))
    with ground.folder() as place, ground.record(place) as redis:
        about["valkey"] = machine.valkey(redis)
    found: dict[str, list[Figure]] = {}
    for name, measure in BARS.items():
        if only and name not in only:
            continue
        progress(f"-- {name}")
        found[name] = measure(Run(quick=quick))
    about["load afterwards"] = machine.load()
    if as_json:
        bars = {name: [f.record() for f in figures] for name, figures in found.items()}
        click.echo(json.dumps({"machine": about, "quick": quick, "bars": bars}, indent=2))
        return
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
