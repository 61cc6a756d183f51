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

from ivr.flow.diagram.layout import HEAD, WIDTH, Layout, Line, Shape, lay_out, layers
from ivr.flow.diagram.model import MISSING, Box, Leads, Sketch
from ivr.flow.diagram.text_width import cut, width, wrapped

SPACE = 16.0  # within a box, at its sides
LEFT, TOP = 64.0, 16.0  # of the boxes: before them, a call comes in
ENTRY, NAME, TEXT, ROW, SECOND = 30.0, 26.0, 18.0, 26.0, 16.0
LINES = 2  # of a prompt that are shown
INSIDE = WIDTH - 2 * SPACE
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2


@dataclass(frozen=True, kw_only=True)
class _Row:
    """A way out of a box, as it stands in it."""

    leads: Leads
    second: str  # where it leads, when a line to it is hard to follow
    middle: float  # from the top of the box


@dataclass(frozen=True, kw_only=True)
class _Drawn:
    """A box with its words, set."""

    box: Box
    texts: tuple[tuple[str, str], ...]  # class and words, line by line
    rows: tuple[_Row, ...]
    height: float


def draw(sketch: Sketch, *, style: str = "") -> str:
    """The SVG element. With a style it is a file: it carries it, and its links lead to its own steps."""
    places = {box.name: n for n, box in enumerate(sketch.boxes)}
    layer, _ = layers([[places[leads.to] for leads in box.exits] for box in sketch.boxes])
    boxes = [
        _set(box, {to for to, n in places.items() if layer[n] == at + 1})
        for box, at in zip(sketch.boxes, layer, strict=True)
    ]
    shapes = [
        Shape(
            height=one.height,
            entry=ENTRY,
            ports=tuple(row.middle for row in one.rows),
            targets=tuple(places[row.leads.to] for row in one.rows),
        )
        for one in boxes
    ]
    whole = [
        (n, port)
        for n, box in enumerate(sketch.boxes)
        for port, leads in enumerate(box.exits)
        if sketch.on_longest(box, leads)
    ]
    layout = lay_out(shapes, whole)
    return "".join(_svg(sketch, boxes, layout, style))


def _set(box: Box, near: set[str]) -> _Drawn:
    """`near`: those of the next layer. Where a line goes further, or back, it is said in words too."""
    texts = [("name", cut(box.name, INSIDE - (34 if box.nth else 0), bold=True))]
    kind = ": ".join(part for part in (box.kind.lstrip("@"), box.gist) if part)
    texts += [("kind", line) for line in wrapped(kind, INSIDE, 2)]
    if box.words:
        texts += [("words", line) for line in wrapped(f"“{box.words}”", INSIDE, LINES)]
    if box.faults:
        texts.append(("fault", "⚠ one fault" if len(box.faults) == 1 else f"⚠ {len(box.faults)} faults"))
    bottom = NAME + TEXT * (len(texts) - 1) + 12
    rows = []
    for leads in box.exits:
        further = "stays here" if leads.to == box.name else f"to {leads.to}"
        second = "" if leads.to in near else further
        rows.append(_Row(leads=leads, second=second, middle=bottom + ROW / 2))
        bottom += ROW + (SECOND if second else 0)
    return _Drawn(box=box, texts=tuple(texts), rows=tuple(rows), height=bottom + (6 if rows else 2))


# ---- the element ---------------------------------------------------------------------------------------------------


def _svg(sketch: Sketch, boxes: list[_Drawn], layout: Layout, style: str) -> Iterator[str]:
    legend = tuple(_legend(sketch, layout))
    wide = max(LEFT + layout.width + LEFT / 2, *(width(line) + LEFT for line in legend))
    high = TOP + layout.height + 28 + 20 * len(legend)
    own = ' xmlns="http://www.w3.org/2000/svg"' if style else ""
    title = f"The flow {sketch.flow}, step by step"
    yield f'<svg{own} class="picture" role="group" aria-label={_attribute(title)} width="{wide:.0f}" height="{high:.0f}" viewBox="0 0 {wide:.0f} {high:.0f}">'
    if style:
        yield f"<title>{_text(title)}</title><style>{_text(style)}</style>"
    yield f'<g transform="translate({LEFT:.0f} {TOP:.0f})"><g aria-hidden="true">'
    if boxes:
        y = layout.top[0] + ENTRY
        yield f'<circle class="begin" cx="-44" cy="{y:.1f}" r="8"/><path class="line" d="M-36 {y:.1f}H-{HEAD:.0f}"/>'
    yield from (_line(sketch, line) for line in sorted(layout.lines, key=lambda line: _marked(sketch, line)))
    for n in sorted({line.target for line in layout.lines if line.path} | ({0} if boxes else set())):
        x, y = layout.left[n], layout.top[n] + ENTRY
        yield f'<path class="head" d="M{x - HEAD - 1:.1f} {y - 5:.1f}L{x:.1f} {y:.1f}L{x - HEAD - 1:.1f} {y + 5:.1f}Z"/>'
    yield f'</g><g role="list" aria-label={_attribute(f"Steps of {sketch.flow} and where they lead")}>'
    for n in layout.order:
        yield from _step(boxes[n], layout.left[n], layout.top[n], sketch, own=bool(style))
    yield "</g>"
    for n, line in enumerate(legend):
        yield f'<text class="legend" x="0" y="{layout.height + 36 + 20 * n:.0f}">{_text(line)}</text>'
    yield "</g></svg>\n"


def _legend(sketch: Sketch, layout: Layout) -> Iterator[str]:
    yield f"From every step 0 leads to a person of {sketch.person}, * says it again, # goes back: these are not drawn."
    if sketch.longest:
        keys = {0: "no key", 1: "one key"}.get(sketch.longest.keys, f"{sketch.longest.keys} keys")
        yield f"Thick, with numbers: the longest way to a person or a promise, {keys}, {sketch.longest.seconds:.0f} s:"
        yield cut(sketch.longest.path, max(layout.width, 3 * WIDTH))
    if any(line.back and line.path for line in layout.lines):
        yield "Dashed: back to an earlier step."
    if any(box.faults or box.shape == MISSING for box in sketch.boxes):
        yield "⚠ and a double edge: something is wrong in this step."


def _marked(sketch: Sketch, line: Line) -> bool:
    box = sketch.boxes[line.source]
    return sketch.on_longest(box, box.exits[line.port])


def _line(sketch: Sketch, line: Line) -> str:
    if not line.path:
        return ""
    marks = ("line", "back" if line.back else "", "longest" if _marked(sketch, line) else "")
    ends = sketch.boxes[line.source].name, sketch.boxes[line.target].name
    data = f"data-from={_attribute(ends[0])} data-to={_attribute(ends[1])}"
    return f'<path class="{" ".join(mark for mark in marks if mark)}" {data} d="{line.path}"/>'


# ---- a step --------------------------------------------------------------------------------------------------------


def _step(drawn: _Drawn, left: float, top: float, sketch: Sketch, *, own: bool) -> Iterator[str]:
    box = drawn.box
    marks = ("step", box.shape, "faulty" if box.faults else "", "longest" if box.nth else "")
    name = f"step-{quoted(_clean(box.name), safe='')}"
    id_ = f' id="{name}"' if own else ""
    yield f'<g role="listitem" transform="translate({left:.1f} {top:.1f})">'
    yield f'<a{id_} class="{" ".join(mark for mark in marks if mark)}" href="#{name}">'
    yield f"<title>{_text(told(box, sketch))}</title>"
    yield from (f'<path class="edge {part}" d="{d}"/>' for part, d in _outline(box, drawn.height))
    y = NAME
    for kind, words in drawn.texts:
        yield f'<text class="{kind}" x="{SPACE:.0f}" y="{y:.0f}">{_text(words)}</text>'
        y += TEXT
    if box.nth:
        x = WIDTH - SPACE - 8
        yield f'<circle class="nth" cx="{x:.0f}" cy="21" r="11"/><text class="nth" x="{x:.0f}" y="25">{box.nth}</text>'
    for row in drawn.rows:
        yield from _row(row, box)
    yield "</a></g>"


def _row(row: _Row, box: Box) -> Iterator[str]:
    top = row.middle - ROW / 2
    x, y = WIDTH - SPACE, row.middle + 4
    yield f'<path class="rule" d="M{SPACE / 2:.0f} {top:.1f}H{WIDTH - SPACE / 2:.0f}"/>'
    yield f'<text class="when" x="{x:.0f}" y="{y:.1f}">{_text(cut(row.leads.when or "then", INSIDE))}</text>'
    if row.second:
        yield f'<text class="where" x="{x:.0f}" y="{y + SECOND:.1f}">{_text(cut(row.second, INSIDE))}</text>'
    if row.leads.to != box.name:
        yield f'<circle class="port" cx="{WIDTH:.0f}" cy="{row.middle:.1f}" r="3.5"/>'


def told(box: Box, sketch: Sketch) -> str:
    """A step in words: what it is, what is said, where it leads, what is wrong."""
    parts = [": ".join(part for part in (box.name, box.kind, box.gist) if part)]
    parts += [f"“{box.words}”"] if box.words else []
    parts += [f"{leads.when or 'then'}: to {leads.to}" for leads in box.exits]
    parts += [f"number {box.nth} on the longest way"] if box.nth and sketch.longest else []
    parts += [f"fault: {fault}" for fault in box.faults]
    return ". ".join(part.rstrip(".") for part in parts) + "."


def _outline(box: Box, h: float) -> Iterator[tuple[str, str]]:
    """What a call may come to is told apart by its form: round for a person, cut corners for a promise, a folded one for a message."""
    w = WIDTH
    match box.shape:
        case "person":
            yield "outer", _rounded(0, w, h, 28)
        case "promise":
            yield "outer", f"M14 0H{w - 14}L{w} 14V{h - 14}L{w - 14} {h}H14L0 {h - 14}V14Z"
        case "message":
            yield "outer", f"M0 0H{w - 18}L{w} 18V{h}H0Z"
            yield "fold", f"M{w - 18} 0V18H{w}"
        case "goodbye":
            yield "outer", _rounded(0, w, h, 2)
            yield "bar", f"M{w - 7} 0V{h}"
        case _:
            yield "outer", _rounded(0, w, h, 8)
    if box.faults or box.shape == MISSING:
        yield "around", _rounded(-5, w + 10, h + 10, 12)


def _rounded(at: float, w: float, h: float, r: float) -> str:
    a = f"a{r} {r} 0 0 1"
    return f"M{at + r} {at}h{w - 2 * r}{a} {r} {r}v{h - 2 * r}{a} {-r} {r}h{2 * r - w}{a} {-r} {-r}v{2 * r - h}{a} {r} {-r}Z"


# ---- words ---------------------------------------------------------------------------------------------------------


def _clean(words: str) -> str:
    return _NO_XML.sub("\ufffd", words)


def _text(words: str) -> str:
    return escape(_clean(words))


def _attribute(words: str) -> str:
    return quoteattr(_clean(words))
