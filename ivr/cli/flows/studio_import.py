"""What `ivr flows import` reads, writes and looks at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ivr.flow.checker.check import FlowReport
    from ivr.flow.studio import ConvertedFlow
    from ivr.flow.yaml_source.entry import FlowFault


def write_converted_flow(data: bytes, folder: Path, name: str) -> ConvertedFlow:
    """Writes a new folder. Raises UsageError (exit 2), with nothing written, when it is there already or the file is no flow."""
    from ivr.flow.studio import InvalidStudioExport, convert_export, read_export

    try:
        made = convert_export(read_export(data.decode("utf-8-sig")), name)
    except UnicodeDecodeError as error:
        raise click.UsageError("this is not a text in UTF-8, so not what Studio exports.") from error
    except InvalidStudioExport as error:
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


def check_folder(folder: Path) -> tuple[tuple[FlowReport, ...], list[FlowFault]]:
    """What `ivr flows check` says of it; nothing in it asks a host."""
    from ivr.flow.checker.check import check_flows
    from ivr.flow.loader.library import load_flows
    from ivr.flow.yaml_source.entry import InvalidFlows

    try:
        reports = check_flows(load_flows(folder))
    except InvalidFlows as error:
        return (), list(error.faults)
    return reports, [fault for report in reports for fault in report.faults]
