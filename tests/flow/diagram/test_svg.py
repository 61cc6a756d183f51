from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from ivr.cli.flows.command import flows
from ivr.domain.errors import CalorError
from ivr.flow.checker.check import check_flows
from ivr.flow.diagram.layout import BOX_WIDTH, LAYER_GAP, BoxShape, Layout, lay_out
from ivr.flow.diagram.model import MISSING_SHAPE, Diagram, make_diagram
from ivr.flow.diagram.svg import render_svg
from ivr.flow.diagram.text_width import text_width, truncate, wrap
from ivr.flow.loader.library import parse_with_faults
from tests.flow.caller import SHIPPED, files, shipped

SVG = "{http://www.w3.org/2000/svg}"


def picture(steps: str, **others: str) -> tuple[Diagram, ET.Element]:
    library, faults = parse_with_faults(files(steps, **others))
    flow = library.flows["main"]
    longest = None if faults else check_flows(library)[0].longest_path
    made = make_diagram(flow, library, faults, longest)
    return made, parsed(render_svg(made, style="a > b {}"))


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - ours


def links(svg: ET.Element) -> dict[str, str]:
    """What each step is called, by where its link leads."""
    return {a.attrib["href"]: a.findtext(f"{SVG}title", "") for a in svg.iter(f"{SVG}a")}


def lines(svg: ET.Element) -> list[tuple[str, str]]:
    return [
        (at["data-from"], at["data-to"])
        for path in svg.iter(f"{SVG}path")
        if "data-to" in (at := path.attrib)
    ]


def test_each_step_is_a_link_that_says_where_it_leads_and_each_edge_is_a_line() -> None:
    library = shipped()
    flow = library.flows["main"]
    svg = parsed(render_svg(make_diagram(flow, library), style="x"))
    assert links(svg).keys() == {f"#step-{name}" for name in flow.steps}
    edges = [(step.name, one.to.name) for step in flow.steps.values() for one in step.list_exits()]
    assert sorted(lines(svg)) == sorted(edge for edge in edges if edge[0] != edge[1])
    assert links(svg)["#step-menu"].startswith("menu: menu. “Thank you for calling. For bookings")
    assert "9 in es: español, spanish: to menu" in links(svg)["#step-menu"]
    assert "agents" not in links(svg)["#step-greeting"]
    assert "1 free in support: to quick. else: to menu." in links(svg)["#step-greeting"]


def test_it_stands_in_a_page_without_styles_scripts_or_names_of_its_own() -> None:
    library = shipped()
    svg = render_svg(make_diagram(library.flows["main"], library))
    assert not re.search(r"\s(style|id|on\w+|xmlns)=|<style|<script|url\(", svg)


def test_the_longest_way_is_numbered_and_goes_to_its_end() -> None:
    made, svg = picture(
        "  m: {menu: what, silence: why, options: {1: {next: q}}}\n  why: {ask: reason, next: q}\n  q: {queue: support}\n",
        hours_yaml="support: {zone: UTC, everyday: '0:00-24:00'}\n",
    )
    assert {box.name: box.path_number for box in made.boxes} == {"m": 1, "why": 2, "q": 3}
    marked = [
        path.attrib["data-to"] for path in svg.iter(f"{SVG}path") if path.get("class") == "line longest"
    ]
    assert marked == ["why", "q"]


def test_what_has_faults_is_drawn_as_far_as_it_can_be_read() -> None:
    made, svg = picture("  a: {say: wellcome, next: suport}\n  b: {sya: welcome}\n  q: {queue: support}\n")
    boxes = {box.name: box for box in made.boxes}
    assert boxes.keys() == {"a", "suport", "q"}
    assert boxes["suport"].shape == MISSING_SHAPE
    assert [fault.split(" ")[0] for fault in boxes["a"].faults] == ["the", '"suport"']
    assert boxes["q"].faults == ()
    assert "fault: the prompt" in links(svg)["#step-a"]


def test_a_fault_of_the_header_is_no_steps_even_after_the_steps() -> None:
    made, _ = picture("  q: {queue: support}\nmax_keys: 99\n")
    assert [box.faults for box in made.boxes] == [()]


def test_what_leads_back_is_told_apart_and_what_stays_is_no_line() -> None:
    made, svg = picture(
        "  m: {menu: what, options: {1: {next: n}, 2: {next: m}}}\n  n: {menu: what, options: {1: {next: m}}}\n"
    )
    kinds = {
        (path.attrib["data-from"], path.attrib["class"])
        for path in svg.iter(f"{SVG}path")
        if "data-to" in path.attrib
    }
    assert kinds == {("m", "line"), ("n", "line back")}
    assert {"stays here", "to m"} <= {text.text for text in svg.iter(f"{SVG}text")}
    assert len(made.boxes) == 2


HOSTILE = '"><script>alert(1)</script>&amp; \\0 \\uFFFE ]]>'


def test_hostile_names_and_prompts_stay_words() -> None:
    _, svg = picture(
        f'  "{HOSTILE.replace(chr(34), chr(39))}": {{say: welcome, next: q}}\n  q: {{queue: support}}\n',
        prompts_en_yaml=f"welcome: \"<b>{HOSTILE[2:]}\"\nwhat: 'x'\nbye: 'y'\n",
    )
    assert "script" not in {element.tag.removeprefix(SVG) for element in svg.iter()}
    (name,) = (title for href, title in links(svg).items() if href != "#step-q")
    assert "'><script>alert(1)</script>&amp; \ufffd" in name


@given(st.text(), st.text(alphabet="aMi漢é\u0301 <&", max_size=90), st.floats(10, 300))
def test_words_are_cut_to_their_room(name: str, words: str, room: float) -> None:
    assert text_width(truncate(words, room)) <= max(room, text_width("…"))
    assert all(text_width(line) <= max(room, text_width("…")) for line in wrap(words, room, 2))
    assert truncate(name, text_width(name)) == name


# ---- the layout ------------------------------------------------------------------------------------------------------


@st.composite
def graphs(draw_: st.DrawFn) -> list[BoxShape]:
    count = draw_(st.integers(1, 24))
    targets = st.lists(st.integers(0, count - 1), max_size=5)
    made = []
    for _ in range(count):
        to = draw_(targets)
        ports = tuple(70.0 + 26 * n for n in range(len(to)))
        made.append(BoxShape(height=84 + 26 * len(to), entry_y=30, ports=ports, targets=tuple(to)))
    return made


@given(graphs())
def test_no_box_lies_upon_another_and_no_line_upon_a_box(shapes: list[BoxShape]) -> None:
    layout = lay_out(shapes)
    boxes = [
        (x, y, x + BOX_WIDTH, y + shape.height)
        for x, y, shape in zip(layout.left, layout.top, shapes, strict=True)
    ]
    for a, b in combinations(boxes, 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] + 10 <= b[1] or b[3] + 10 <= a[1]
    assert len(layout.connectors) == sum(len(shape.targets) for shape in shapes)
    for line in layout.connectors:
        assert bool(line.path) == (line.source != line.target)
        for x, y in points(line.path):
            assert not any(a < x < c and b - 1 < y < d + 1 for a, b, c, d in boxes), line
            assert -LAYER_GAP <= x <= layout.width + LAYER_GAP
            assert -1 <= y <= layout.height + 1


@given(graphs())
def test_forward_lines_lead_right_and_those_that_lead_back_say_so(shapes: list[BoxShape]) -> None:
    layout = lay_out(shapes)
    for line in layout.connectors:
        assert line.is_backward == (layout.left[line.target] <= layout.left[line.source])
    assert sorted(layout.reading_order) == list(range(len(shapes)))


def points(path: str) -> Iterator[tuple[float, float]]:
    """Along what `layout` writes: M, C and H, absolute, well within their ends."""
    x = y = 0.0
    for command, rest in re.findall(r"([MCH])([^MCH]*)", path):
        n = [float(value) for value in rest.split()]
        if command == "M":
            x, y = n
        elif command == "H":
            yield from ((x + (n[0] - x) * t / 8, y) for t in range(1, 8))
            x = n[0]
        else:
            for t in (step / 12 for step in range(1, 12)):
                a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
                yield a * x + b * n[0] + c * n[2] + d * n[4], a * y + b * n[1] + c * n[3] + d * n[5]
            x, y = n[4], n[5]


def test_a_chain_of_thousands_is_laid_out() -> None:
    count = 3000
    made: Layout = lay_out(
        [BoxShape(height=100, entry_y=30, ports=(80,), targets=((n + 1) % count,)) for n in range(count)]
    )
    assert all(a < b for a, b in pairwise(made.left))
    assert sum(line.is_backward for line in made.connectors) == 1


# ---- the command -----------------------------------------------------------------------------------------------------


def folder(at: Path, steps: str) -> Path:
    for name, text in files(steps).items():
        (at / name).parent.mkdir(exist_ok=True)
        (at / name).write_text(text, "utf-8")
    return at


def test_the_command_writes_a_file_that_carries_its_look(tmp_path: Path) -> None:
    where, out = folder(tmp_path, "  q: {queue: support}\n"), tmp_path / "main.svg"
    result = CliRunner().invoke(flows, ["draw", "--folder", str(where), "--out", str(out)])
    assert result.exit_code == 0, result.output
    svg = parsed(out.read_text("utf-8"))
    assert ".picture" in svg.findtext(f"{SVG}style", "")
    assert svg.find(f".//{SVG}a[@id='step-q']") is not None
    result = CliRunner().invoke(flows, ["draw", "main", "--folder", str(where)])
    assert result.stdout == out.read_text("utf-8")


def test_the_command_draws_what_is_wrong_and_says_it(tmp_path: Path) -> None:
    where = folder(tmp_path, "  a: {say: welcome, next: suport}\n")
    result = CliRunner().invoke(flows, ["draw", "--folder", str(where)])
    assert result.exit_code == 0
    assert "#step-suport" in links(parsed(result.stdout))
    assert '"suport" is not a step of this flow' in result.stderr
    (where / "main.yaml").write_text("steps: {a: [", "utf-8")
    result = CliRunner().invoke(flows, ["draw", "--folder", str(where)])
    assert isinstance(result.exception, CalorError)
    assert "not readable as YAML" in str(result.exception)


@pytest.mark.parametrize("name", ["nope", ""])
def test_a_flow_that_is_not_there_is_told(name: str) -> None:
    result = CliRunner().invoke(flows, ["draw", name, "--folder", str(SHIPPED)])
    assert result.exit_code == 1
    assert f'there is no flow "{name}"; there is: main' in result.output
