"""`ivr flows new-language`: a file to begin a language from."""

from __future__ import annotations

from pathlib import Path

import click

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command("new-language")
@click.argument("code")
@click.argument("folder", type=FOLDER, default=Path("flows"))
def language(code: str, folder: Path) -> None:
    """Print what prompts/CODE.yaml does not say yet, with the English words beside each name; exit 1 when it says everything."""
    from ivr.flow.loader.library import files_in
    from ivr.flow.phrases.new_language import begun, file_of

    told = begun(code, files_in(folder))
    if not told:
        raise click.ClickException(f"{folder}/{file_of(code)} says everything.")
    click.echo(told, nl=False)
