"""What `ivr flows import` reads, writes and looks at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ivr.flow.checker.check import Report
    from ivr.flow.studio import Converted
    from ivr.flow.yaml_source.entry import Fault


def bring_in(data: bytes, folder: Path, name: str) -> Converted:
    """Writes a new folder. Raises UsageError (exit 2), with nothing written, when it is there already or the file is no flow."""
    from ivr.flow.studio import NotStudio, convert, read_export

    try:
        made = convert(read_export(data.decode("utf-8-sig")), name)
    except UnicodeDecodeError as error:
        raise click.UsageError("this is not a text in UTF-8, so not what Studio exports.") from error
    except NotStudio as error:
        raise click.UsageError(str(error)) from error
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise click.UsageError(
            f"{folder} is there already and stays as it is; name a folder that is not."
        ) from error
    except OSError as error:
        raise click.UsageError(f"{folder} cannot be made: {error.strerror}") from error
    for path, text in made.files.items():
        target = folder / path
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, "utf-8")
    return made


def checked(folder: Path) -> tuple[tuple[Report, ...], list[Fault]]:
    """What `ivr flows check` says of it; nothing in it asks a host."""
    from ivr.flow.checker.check import check
    from ivr.flow.loader.library import load_flows
    from ivr.flow.yaml_source.entry import FlowFaults

    try:
        reports = check(load_flows(folder))
    except FlowFaults as error:
        return (), list(error.faults)
    return reports, [fault for report in reports for fault in report.faults]
