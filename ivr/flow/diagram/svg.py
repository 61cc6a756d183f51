"""The picture of a flow, as SVG: to stand in a page under a strict policy, or in a file of its own.

It has no scripts and no style attributes: `ivr/web/static/staff/picture.css` has the rules of its classes. Each step is a link to
`#step-NAME`; for a screen reader they are a list, each with where it leads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote as quoted
from xml.sax.saxutils import escape, quoteattr

from ivr.flow.diagram.layout import (
    ARROW_LENGTH,
    BOX_WIDTH,
    BoxShape,
    Connector,
    Layout,
    assign_layers,
    lay_out,
)
from ivr.flow.diagram.model import MISSING_SHAPE, BoxExit, Diagram, DiagramBox
from ivr.flow.diagram.text_width import text_width, truncate, wrap

BOX_PADDING = 16.0  # within a box, at its sides
LEFT_MARGIN, TOP_MARGIN = 64.0, 16.0  # of the boxes: before them, a call comes in
ENTRY_Y, NAME_Y, LINE_HEIGHT, ROW_HEIGHT, SECOND_LINE_HEIGHT = 30.0, 26.0, 18.0, 26.0, 16.0
MAX_PROMPT_LINES = 2  # of a prompt that are shown
INNER_WIDTH = BOX_WIDTH - 2 * BOX_PADDING
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2


@dataclass(frozen=True, kw_only=True)
class _ExitRow:
    """A way out of a box, as it stands in it."""

    box_exit: BoxExit
    second_line: str  # where it leads, when a line to it is hard to follow
    middle: float  # from the top of the box


@dataclass(frozen=True, kw_only=True)
class _DrawnBox:
    """A box with its words, set."""

    box: DiagramBox
    texts: tuple[tuple[str, str], ...]  # class and words, line by line
    rows: tuple[_ExitRow, ...]
    height: float


def render_svg(diagram: Diagram, *, style: str = "") -> str:
    """The SVG element. With a style it is a file: it carries it, and its links lead to its own steps."""
    places = {box.name: n for n, box in enumerate(diagram.boxes)}
    layer, _ = assign_layers([[places[leads.to] for leads in box.exits] for box in diagram.boxes])
    boxes = [
        _lay_out_box(box, {to for to, n in places.items() if layer[n] == at + 1})
        for box, at in zip(diagram.boxes, layer, strict=True)
    ]
    shapes = [
        BoxShape(
            height=one.height,
            entry_y=ENTRY_Y,
            ports=tuple(row.middle for row in one.rows),
            targets=tuple(places[row.box_exit.to] for row in one.rows),
        )
        for one in boxes
    ]
    whole = [
        (n, port)
        for n, box in enumerate(diagram.boxes)
        for port, leads in enumerate(box.exits)
        if diagram.is_on_longest_path(box, leads)
    ]
    layout = lay_out(shapes, whole)
    return "".join(_render_parts(diagram, boxes, layout, style))


def _lay_out_box(calls: DiagramBox, next_layer: set[str]) -> _DrawnBox:
    """`next_layer`: those of the next layer. Where a line goes further, or back, it is said in words too."""
    texts = [("name", truncate(calls.name, INNER_WIDTH - (34 if calls.path_number else 0), bold=True))]
    kind = ": ".join(part for part in (calls.kind.lstrip("@"), calls.summary) if part)
    texts += [("kind", line) for line in wrap(kind, INNER_WIDTH, 2)]
    if calls.prompt_text:
        texts += [("words", line) for line in wrap(f"“{calls.prompt_text}”", INNER_WIDTH, MAX_PROMPT_LINES)]
    if calls.faults:
        texts.append(("fault", "⚠ one fault" if len(calls.faults) == 1 else f"⚠ {len(calls.faults)} faults"))
    bottom = NAME_Y + LINE_HEIGHT * (len(texts) - 1) + 12
    rows = []
    for leads in calls.exits:
        further = "stays here" if leads.to == calls.name else f"to {leads.to}"
        second = "" if leads.to in next_layer else further
        rows.append(_ExitRow(box_exit=leads, second_line=second, middle=bottom + ROW_HEIGHT / 2))
        bottom += ROW_HEIGHT + (SECOND_LINE_HEIGHT if second else 0)
    return _DrawnBox(box=calls, texts=tuple(texts), rows=tuple(rows), height=bottom + (6 if rows else 2))


# ---- the element ---------------------------------------------------------------------------------------------------


def _render_parts(diagram: Diagram, boxes: list[_DrawnBox], layout: Layout, style: str) -> Iterator[str]:
    legend = tuple(_legend_lines(diagram, layout))
    wide = max(
        LEFT_MARGIN + layout.width + LEFT_MARGIN / 2, *(text_width(line) + LEFT_MARGIN for line in legend)
    )
    high = TOP_MARGIN + layout.height + 28 + 20 * len(legend)
    own = ' xmlns="http://www.w3.org/2000/svg"' if style else ""
    title = f"The flow {diagram.flow}, step by step"
    yield f'<svg{own} class="picture" role="group" aria-label={_quote_attribute(title)} width="{wide:.0f}" height="{high:.0f}" viewBox="0 0 {wide:.0f} {high:.0f}">'
    if style:
        yield f"<title>{_escape_text(title)}</title><style>{_escape_text(style)}</style>"
    yield f'<g transform="translate({LEFT_MARGIN:.0f} {TOP_MARGIN:.0f})"><g aria-hidden="true">'
    if boxes:
        y = layout.top[0] + ENTRY_Y
        yield f'<circle class="begin" cx="-44" cy="{y:.1f}" r="8"/><path class="line" d="M-36 {y:.1f}H-{ARROW_LENGTH:.0f}"/>'
    yield from (
        _render_connector(diagram, line)
        for line in sorted(layout.connectors, key=lambda line: _is_on_longest_path(diagram, line))
    )
    for n in sorted({line.target for line in layout.connectors if line.path} | ({0} if boxes else set())):
        x, y = layout.left[n], layout.top[n] + ENTRY_Y
        yield f'<path class="head" d="M{x - ARROW_LENGTH - 1:.1f} {y - 5:.1f}L{x:.1f} {y:.1f}L{x - ARROW_LENGTH - 1:.1f} {y + 5:.1f}Z"/>'
    yield f'</g><g role="list" aria-label={_quote_attribute(f"Steps of {diagram.flow} and where they lead")}>'
    for n in layout.reading_order:
        yield from _render_box(boxes[n], layout.left[n], layout.top[n], diagram, is_file=bool(style))
    yield "</g>"
    for n, line in enumerate(legend):
        yield f'<text class="legend" x="0" y="{layout.height + 36 + 20 * n:.0f}">{_escape_text(line)}</text>'
    yield "</g></svg>\n"


def _legend_lines(diagram: Diagram, layout: Layout) -> Iterator[str]:
    yield f"From every step 0 leads to a person of {diagram.person_queue}, * says it again, # goes back: these are not drawn."
    if diagram.longest_path:
        keys = {0: "no key", 1: "one key"}.get(diagram.longest_path.keys, f"{diagram.longest_path.keys} keys")
        yield f"Thick, with numbers: the longest way to a person or a promise, {keys}, {diagram.longest_path.seconds:.0f} s:"
        yield truncate(diagram.longest_path.path, max(layout.width, 3 * BOX_WIDTH))
    if any(line.is_backward and line.path for line in layout.connectors):
        yield "Dashed: back to an earlier step."
    if any(box.faults or box.shape == MISSING_SHAPE for box in diagram.boxes):
        yield "⚠ and a double edge: something is wrong in this step."


def _is_on_longest_path(diagram: Diagram, line: Connector) -> bool:
    box = diagram.boxes[line.source]
    return diagram.is_on_longest_path(box, box.exits[line.port])


def _render_connector(diagram: Diagram, line: Connector) -> str:
    if not line.path:
        return ""
    marks = (
        "line",
        "back" if line.is_backward else "",
        "longest" if _is_on_longest_path(diagram, line) else "",
    )
    ends = diagram.boxes[line.source].name, diagram.boxes[line.target].name
    data = f"data-from={_quote_attribute(ends[0])} data-to={_quote_attribute(ends[1])}"
    return f'<path class="{" ".join(mark for mark in marks if mark)}" {data} d="{line.path}"/>'


# ---- a step --------------------------------------------------------------------------------------------------------


def _render_box(
    drawn: _DrawnBox, left: float, top: float, diagram: Diagram, *, is_file: bool
) -> Iterator[str]:
    box = drawn.box
    marks = ("step", box.shape, "faulty" if box.faults else "", "longest" if box.path_number else "")
    name = f"step-{quoted(_printable(box.name), safe='')}"
    id_ = f' id="{name}"' if is_file else ""
    yield f'<g role="listitem" transform="translate({left:.1f} {top:.1f})">'
    yield f'<a{id_} class="{" ".join(mark for mark in marks if mark)}" href="#{name}">'
    yield f"<title>{_escape_text(describe_box(box, diagram))}</title>"
    yield from (f'<path class="edge {part}" d="{d}"/>' for part, d in _outline(box, drawn.height))
    y = NAME_Y
    for kind, words in drawn.texts:
        yield f'<text class="{kind}" x="{BOX_PADDING:.0f}" y="{y:.0f}">{_escape_text(words)}</text>'
        y += LINE_HEIGHT
    if box.path_number:
        x = BOX_WIDTH - BOX_PADDING - 8
        yield f'<circle class="nth" cx="{x:.0f}" cy="21" r="11"/><text class="nth" x="{x:.0f}" y="25">{box.path_number}</text>'
    for row in drawn.rows:
        yield from _render_exit_row(row, box)
    yield "</a></g>"


def _render_exit_row(row: _ExitRow, calls: DiagramBox) -> Iterator[str]:
    top = row.middle - ROW_HEIGHT / 2
    x, y = BOX_WIDTH - BOX_PADDING, row.middle + 4
    yield f'<path class="rule" d="M{BOX_PADDING / 2:.0f} {top:.1f}H{BOX_WIDTH - BOX_PADDING / 2:.0f}"/>'
    yield f'<text class="when" x="{x:.0f}" y="{y:.1f}">{_escape_text(truncate(row.box_exit.when or "then", INNER_WIDTH))}</text>'
    if row.second_line:
        yield f'<text class="where" x="{x:.0f}" y="{y + SECOND_LINE_HEIGHT:.1f}">{_escape_text(truncate(row.second_line, INNER_WIDTH))}</text>'
    if row.box_exit.to != calls.name:
        yield f'<circle class="port" cx="{BOX_WIDTH:.0f}" cy="{row.middle:.1f}" r="3.5"/>'


def describe_box(calls: DiagramBox, diagram: Diagram) -> str:
    """A step in words: what it is, what is said, where it leads, what is wrong."""
    parts = [": ".join(part for part in (calls.name, calls.kind, calls.summary) if part)]
    parts += [f"“{calls.prompt_text}”"] if calls.prompt_text else []
    parts += [f"{leads.when or 'then'}: to {leads.to}" for leads in calls.exits]
    parts += (
        [f"number {calls.path_number} on the longest way"]
        if calls.path_number and diagram.longest_path
        else []
    )
    parts += [f"fault: {fault}" for fault in calls.faults]
    return ". ".join(part.rstrip(".") for part in parts) + "."


def _outline(calls: DiagramBox, h: float) -> Iterator[tuple[str, str]]:
    """What a call may come to is told apart by its form: round for a person, cut corners for a promise, a folded one for a message."""
    w = BOX_WIDTH
    match calls.shape:
        case "person":
            yield "outer", _rounded_rectangle(0, w, h, 28)
        case "promise":
            yield "outer", f"M14 0H{w - 14}L{w} 14V{h - 14}L{w - 14} {h}H14L0 {h - 14}V14Z"
        case "message":
            yield "outer", f"M0 0H{w - 18}L{w} 18V{h}H0Z"
            yield "fold", f"M{w - 18} 0V18H{w}"
        case "goodbye":
            yield "outer", _rounded_rectangle(0, w, h, 2)
            yield "bar", f"M{w - 7} 0V{h}"
        case _:
            yield "outer", _rounded_rectangle(0, w, h, 8)
    if calls.faults or calls.shape == MISSING_SHAPE:
        yield "around", _rounded_rectangle(-5, w + 10, h + 10, 12)


def _rounded_rectangle(at: float, w: float, h: float, r: float) -> str:
    a = f"a{r} {r} 0 0 1"
    return f"M{at + r} {at}h{w - 2 * r}{a} {r} {r}v{h - 2 * r}{a} {-r} {r}h{2 * r - w}{a} {-r} {-r}v{2 * r - h}{a} {r} {-r}Z"


# ---- words ---------------------------------------------------------------------------------------------------------


def _printable(words: str) -> str:
    return _NOT_XML.sub("\ufffd", words)


def _escape_text(words: str) -> str:
    return escape(_printable(words))


def _quote_attribute(words: str) -> str:
    return quoteattr(_printable(words))
