"""`ivr flows schema` and `ivr flows reference`: what may stand in the files, for editors and for people."""

from __future__ import annotations

import click


@click.command()
@click.argument("what", type=click.Choice(["flow", "hours", "queues", "prompts"]), default="flow")
def schema(what: str) -> None:
    """Print the JSON Schema of a file, as it stands beside the flows."""
    from ivr.flow.loader.json_schema import schema_json

    click.echo(schema_json(what), nl=False)


@click.command()
def reference() -> None:
    """Print what may stand in a flow, as docs/flows.md holds it."""
    from ivr.flow.loader.reference_doc import render_reference as made

    click.echo(made(), nl=False)
