"""`ivr flows draw`: the picture of a flow, also of one with faults."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ivr.flow.model import Flow, Library
    from ivr.flow.yaml_source.entry import FlowFault


@click.command()
@click.argument("flow", required=False)
@click.option(
    "--folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=Path("flows")
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="A file; the terminal without it."
)
def draw(flow: str | None, folder: Path, out: Path | None) -> None:
    """Draw the steps of a flow, where they lead, the longest way and what is wrong, as SVG."""
    from ivr.flow.checker.check import check_flows
    from ivr.flow.diagram import svg as diagram_svg
    from ivr.flow.diagram.model import make_diagram
    from ivr.flow.loader.library import parse_with_faults, read_flow_files

    library, faults = parse_with_faults(read_flow_files(folder), folder.as_posix())
    drawn = _choose_flow(library, faults, flow)
    longest = None
    if not faults:
        report = next(report for report in check_flows(library) if report.flow is drawn)
        faults, longest = report.faults, report.longest_path
    svg = diagram_svg.render_svg(make_diagram(drawn, library, faults, longest), style=_read_stylesheet())
    for fault in faults:
        click.echo(str(fault), err=True)
    if out is None:
        click.echo(svg, nl=False)
    else:
        out.write_text(svg, "utf-8")
        click.echo(f"{drawn.name} is drawn in {out}", err=True)


def _choose_flow(library: Library, faults: tuple[FlowFault, ...], name: str | None) -> Flow:
    """Raises FlowFaults when nothing of it can be read."""
    from ivr.flow.yaml_source.entry import InvalidFlows

    drawable = {flow.name: flow for flow in library.flows.values() if flow.steps}
    if name is not None and name not in drawable and not faults:
        raise click.ClickException(f'there is no flow "{name}"; there is: {", ".join(drawable)}')
    found = next(iter(drawable.values()), None) if name is None else drawable.get(name)
    if found is None:
        raise InvalidFlows(faults)
    return found


def _read_stylesheet() -> str:
    """That of the page: one picture, one look."""
    return resources.files("ivr.web").joinpath("static/staff/picture.css").read_text("utf-8")
