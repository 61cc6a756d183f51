"""The JSON Schemas and the reference are what the parser reads: made of it, held equal to it, and never kinder than it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from ivr.flow.loader.json_schema import SCHEMA_FILES, make_schema, schema_json
from ivr.flow.loader.library import parse_flows
from ivr.flow.loader.reference_doc import render_reference
from ivr.flow.steps import step_kinds
from ivr.flow.yaml_source.entry import InvalidFlows
from ivr.flow.yaml_source.load import load_yaml
from tests.flow.caller import HOURS, MAIN, PROMPTS, QUEUES, SHIPPED
from tests.flow.checker.large_flow import big_flow
from tests.flow.test_readme import example
from tests.flow.yaml_source.test_load import plain

CHECKS = {what: Draft202012Validator(make_schema(what)) for what in SCHEMA_FILES}


@pytest.mark.parametrize("what", SCHEMA_FILES)
def test_the_schema_beside_the_flows_is_the_one_of_this_release(what: str) -> None:
    assert (SHIPPED / SCHEMA_FILES[what]).read_text("utf-8") == schema_json(what), (
        f"ivr flows schema {what} > flows/{SCHEMA_FILES[what]}"
    )


def test_the_reference_is_that_of_this_release() -> None:
    docs = Path(SHIPPED.parent, "docs", "flows.md").read_text("utf-8")
    assert docs == render_reference(), "ivr flows reference > docs/flows.md"


def test_the_flows_name_their_schema_and_it_has_nothing_against_them() -> None:
    files = {path.relative_to(SHIPPED).as_posix(): path for path in SHIPPED.glob("*.yaml")}
    files |= {f"prompts/{path.name}": path for path in SHIPPED.glob("prompts/*.yaml")}
    for name, path in files.items():
        text = path.read_text("utf-8")
        what = {"hours.yaml": "hours", "queues.yaml": "queues"}.get(name, "flow")
        what = "prompts" if "/" in name else what
        named = text.splitlines()[0].removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / named).resolve() == SHIPPED / SCHEMA_FILES[what]
        CHECKS[what].validate(plain(load_yaml(text)))


def test_it_has_nothing_against_what_the_readme_shows() -> None:
    CHECKS["flow"].validate(plain(load_yaml(MAIN.replace("[en]", "[en, es]") + example())))
    big = big_flow()
    CHECKS["flow"].validate(plain(load_yaml(big["main.yaml"])))
    CHECKS["hours"].validate(plain(load_yaml(big["hours.yaml"])))


def files(main: str, **others: str) -> dict[str, str]:
    made = {"hours.yaml": HOURS, "queues.yaml": QUEUES, "prompts/en.yaml": PROMPTS, "main.yaml": main}
    return made | {name.replace("_yaml", ".yaml"): text for name, text in others.items()}


def test_an_option_that_chooses_no_language_and_leads_nowhere_is_refused_by_both() -> None:
    main = MAIN + '  nowhere: {menu: welcome, options: {1: {language: ""}}}\n'
    assert not CHECKS["flow"].is_valid(plain(load_yaml(main)))
    with pytest.raises(InvalidFlows):
        parse_flows(files(main))


@pytest.mark.parametrize("keyword", step_kinds())
def test_the_example_of_a_step_is_one(keyword: str) -> None:
    steps = "".join(f"  {line}\n" for line in step_kinds()[keyword].example.splitlines())
    written_ = MAIN.replace("[en]", "[en, es]") + steps
    if "\n  support:" not in written_:
        written_ += "  support: {queue: support}\n"
    CHECKS["flow"].validate(plain(load_yaml(written_)))
    faults = shape_faults(files(written_))
    assert faults == []
    assert keyword in {one for step in plain(load_yaml(written_))["steps"].values() for one in step}


# ---- never kinder than the parser -----------------------------------------------------------------------------------

# What is said of names that do not exist, of meanings, and of where in a list something stands: no schema knows these.
NO_SHAPE = (
    "is not a ", "is missing in", "does not say everything yet", "answered by", "needs these words", "another flow", "nothing can follow the else",
    'needs a last line "- else', "prompt ", "is never open", "should be an address",
)  # fmt: skip


def shape_faults(made: dict[str, str]) -> list[str]:
    try:
        parse_flows(made)
    except InvalidFlows as error:
        return [str(f) for f in error.faults if not any(one in f.message for one in NO_SHAPE)]
    return []


def dump(data: Any) -> str:
    import io

    out = io.StringIO()
    YAML(typ="safe").dump(data, out)
    return out.getvalue()


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in pairs:
        found += places(value, (*path, key))
    return found


GOOD = {
    "main.yaml": plain(load_yaml(MAIN.replace("[en]", "[en, es]") + example())),
    "hours.yaml": plain(
        load_yaml(
            'support: {zone: UTC, weekdays: "8:00-20:00", saturday: closed, holidays: {country: US}, closed: ["2026-11-27"], exceptions: {"2026-12-24": "8:00-12:00"}}'
        )
    ),
    "queues.yaml": plain(
        load_yaml(
            "support: {hours: support, skills: [a], attempts: [5, 30], spoken: {en: us}, threshold: 20}\nbookings: {overflow: support}"
        )
    ),
}
KIND = {"main.yaml": "flow", "hours.yaml": "hours", "queues.yaml": "queues"}
VALUES: tuple[object, ...] = (None, True, 0, 1, 3, 7, 1000, -1, 1.5, "", "a", "A b", "closed", "8:00-20:00", "reason", "digits", [], ["a"], [1], [[1]], {}, {"a": 1}, {"queue": "support"}, {"at_least": 2})  # fmt: skip
WORDS = (
    "next",
    "queue",
    "say",
    "a",
    "A-b",
    "digits",
    "label",
    "seconds",
    "else",
    "when",
    "1",
    "0",
    "12",
    "at_most",
)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sorted(GOOD)), st.randoms(use_true_random=False), st.integers(1, 2))
def test_what_the_schema_accepts_the_parser_reads(name: str, chance: Any, times: int) -> None:
    data = copy.deepcopy(GOOD[name])
    for _ in range(times):
        path = chance.choice(places(data))
        at = data
        for key in path[:-1]:
            at = at[key]
        match chance.randrange(3):
            case 0:
                at[path[-1]] = copy.deepcopy(chance.choice(VALUES))
            case 1:
                del at[path[-1]]
            case _ if isinstance(at, dict):
                at[chance.choice(WORDS)] = copy.deepcopy(chance.choice(VALUES))
        if not places(data):
            return
    accepted = CHECKS[KIND[name]].is_valid(data)
    made = files(MAIN + "  q: {queue: support}\n", **{name.replace(".", "_"): dump(data)})
    if accepted:
        assert shape_faults(made) == []
