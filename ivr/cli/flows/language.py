"""`ivr flows new-language`: a file to begin a language from."""

from __future__ import annotations

from pathlib import Path

import click

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command("new-language")
@click.argument("code")
@click.argument("folder", type=FOLDER, default=Path("flows"))
def new_language(code: str, folder: Path) -> None:
    """Print what prompts/CODE.yaml does not say yet, with the English words beside each name; exit 1 when it says everything."""
    from ivr.flow.loader.library import read_flow_files
    from ivr.flow.phrases.new_language import make_language_file, prompts_file

    told = make_language_file(code, read_flow_files(folder))
    if not told:
        raise click.ClickException(f"{folder}/{prompts_file(code)} says everything.")
    click.echo(told, nl=False)
