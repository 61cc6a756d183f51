"""`make day`: ten thousand calls on one simulated day. Ends with 1 when anybody was left with nothing."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import click

from tests.endurance.day.play import Figures, quantile, say, simulate


@click.command()
@click.option("--callers", default=10_000, show_default=True)
@click.option("--agents", default=80, show_default=True)
@click.option("--hours", default=11.75, show_default=True, help="From eight in the morning.")
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON on standard output.")
def main(callers: int, agents: int, hours: float, seed: int, as_json: bool) -> None:
    """Play a whole day of a busy line through the real processes."""
    with tempfile.TemporaryDirectory(prefix="calor-") as name, (Path(name) / "line.log").open("w") as out:
        figures = simulate(Path(name), out, people=callers, staff_of=agents, seed=seed, hours=hours)
    click.echo(json.dumps(vars(figures)) if as_json else report_text(figures))
    for what in figures.violations:
        say(f"VIOLATION {what}")
    sys.exit(bool(figures.violations))


def report_text(f: Figures) -> str:
    """The report in words."""
    lines = [
        f"{f.callers} callers, {f.agents} agents, seed {f.seed}: {f.played / 3600:.1f} hours played in {f.took / 60:.1f} minutes",
        *(f"  {count:>6}  {what}" for what, count in f.outcomes.most_common()),
        "promises: " + ", ".join(f"{count} {what}" for what, count in f.promises.most_common()),
        f"waited for a person: median {quantile(f.waits, 50):.0f} s, 95 of 100 within {quantile(f.waits, 95):.0f} s",
        f"longest silence: {f.silence:.1f} s",
        f"{f.webhooks} webhooks, {f.requests} requests of the line",
        f"a webhook's answer took {quantile(f.answers, 50):.1f} ms (median), {quantile(f.answers, 99):.1f} ms (99 of 100)",
        f"violations: {len(f.violations)}",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
