"""`make chaos`: everything that can break is broken, and no promise is lost. Ends with 1 when anything was found."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from tests.chaos.play import Result, house, play, say


@click.command()
@click.option("--seed", "seeds", type=int, multiple=True, default=(1, 2, 3, 4, 5, 6), show_default=True)
@click.option("--promises", default=170, show_default=True, help="People who ring in, for each seed.")
@click.option("--faults", default=85, show_default=True, help="For each seed.")
@click.option("--json", "as_json", is_flag=True)
def main(seeds: tuple[int, ...], promises: int, faults: int, as_json: bool) -> None:
    """Kill, stop, cut off and confuse everything while promises are made and kept."""
    results = []
    with house() as one:
        for seed in seeds:
            say(f"seed {seed}: {promises} people, {faults} faults")
            result = play(one, seed, promises=promises, faults=faults)
            results.append(result)
            tell(result)
    if as_json:
        click.echo(json.dumps([asdict(r) for r in results]))
    sys.exit(any(r.violations for r in results))


def tell(result: Result) -> None:
    say(f"  {dict(result.counts)}")
    say(f"  injected {dict(result.injected)}")
    say(f"  longest silence {result.silence:.1f} s; {result.played:.0f} s played in {result.took:.0f} s")
    for what in result.violations:
        say(f"  VIOLATION {what}")


if __name__ == "__main__":
    main()
