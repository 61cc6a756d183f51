"""`ivr audit`: every contact and promise with its outcome; exit 1 when an invariant is broken."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from ivr.usecases.audit import Findings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For a monitor.")
def audit(*, as_json: bool) -> None:
    """Check the records against what always holds."""
    from ivr.services import build
    from ivr.settings import load
    from ivr.usecases.audit import audit as look

    findings = look(build(load()))
    click.echo(json.dumps(asdict(findings), indent=2) if as_json else report(findings))
    sys.exit(1 if findings.violations else 0)


def report(findings: Findings) -> str:
    """Two lines of counts, then what is broken, or that nothing is."""
    lines = [_counts(findings.contacts), _counts(findings.promises)]
    lines += [f" {v}" for v in findings.violations] or [" every invariant held."]
    return "\n".join(lines)


def _counts(counts: dict[str, int]) -> str:
    first, *rest = counts.items()
    return f" {first[0]} {first[1]:<3} " + "   ".join(f"{name} {n}" for name, n in rest)
