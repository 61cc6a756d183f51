"""The texts of the files, for a person to read and change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ivr.flow.phrases.built_in import list_built_in_languages, load_built_in_phrases
from ivr.flow.studio.draft import (
    CALL_BACK_STEP,
    ELSE_SLOT,
    GOODBYE_STEP,
    NEXT_SLOT,
    OFFICE_HOURS,
    OPTION_SLOT,
    PERSON_STEP,
    SILENCE_SLOT,
    StepDraft,
)
from ivr.flow.studio.names import make_name, make_unique
from ivr.flow.studio.notes import one_line

OWN_STEP_NAMES = {PERSON_STEP: "a_person", CALL_BACK_STEP: "call_back", GOODBYE_STEP: "goodbye"}
HOURS = f"""# When people are here. Studio does not say it: write your own hours.

{OFFICE_HOURS}:
  zone: America/New_York
  weekdays: "9:00-17:00"
  # saturday: "9:00-12:00"
  # holidays: {{country: US}}    # public holidays are closed days
  # closed: ["2026-11-27"]     # days off of your own
"""


@dataclass(frozen=True, kw_only=True)
class FlowFilesPlan:
    name: str
    title: str
    language: str
    person_queue: str
    steps: list[StepDraft]  # the first is the start
    unreachable_steps: list[StepDraft]  # nothing leads to them
    queues: Mapping[str, str]  # name -> how it is spoken
    general_notes: list[str]  # notes about the whole


def render_files(plan: FlowFilesPlan) -> dict[str, str]:
    names = _name_steps([*plan.steps, *plan.unreachable_steps])
    return {
        "main.yaml": _render_flow(plan, names),
        "hours.yaml": HOURS,
        "queues.yaml": _render_queues(plan),
        f"prompts/{plan.language}.yaml": _render_prompts(plan, names),
    }


def _name_steps(drafts: Iterable[StepDraft]) -> dict[str, str]:
    """Studio's name -> the step's, which is the name of its prompt too; the line's own words keep theirs."""
    own = set(load_built_in_phrases("en").templates) if "en" in list_built_in_languages() else set()
    names: dict[str, str] = {}
    taken = set(own)
    for draft in drafts:
        name = make_unique(OWN_STEP_NAMES.get(draft.name) or make_name(draft.name), taken)
        taken.add(name)
        names[draft.name] = name
    for ours, name in OWN_STEP_NAMES.items():
        names.setdefault(ours, make_unique(name, taken))
    return names


def _render_flow(plan: FlowFilesPlan, names: Mapping[str, str]) -> str:
    person = f"person: {plan.person_queue}".ljust(26)
    title = f' "{plan.title}"' if plan.title else ""
    head = [f"# Made from the Studio flow{title}. README.md of the folder flows/ explains every line of it."]
    if plan.general_notes:
        head += ["#", *(f"# - {note}" for note in plan.general_notes)]
    head += [
        "",
        f"flow: {plan.name}",
        'lines: ["*"]               # every number that no other flow answers; or your own, like ["+12025550100"]',
        f"languages: [{plan.language}]",
        f'{person} # where 0, silence and "an agent, please" lead, from every step',
        "",
        "steps:",
    ]
    body = [line for draft in plan.steps for line in (*_render_step(draft, names), "")]
    if plan.unreachable_steps:
        body += [
            "  # ---- Nothing leads here any more. Take the # away where you want one of them back.",
            "  #",
        ]
        body += [
            f"  # {line[2:]}".rstrip()
            for draft in plan.unreachable_steps
            for line in (*_render_step(draft, names), "  ")
        ]
    return "\n".join([*head, *body]).rstrip() + "\n"


def _render_step(draft: StepDraft, names: Mapping[str, str]) -> Iterator[str]:
    name = names[draft.name]
    for note in dict.fromkeys(draft.notes):
        yield f"  # {note}"
    ways = {
        way.slot: names[way.to] for way in draft.exits if way.slot in {NEXT_SLOT, SILENCE_SLOT, ELSE_SLOT}
    }
    if draft.kind == "menu":
        yield f"  {name}:"
        yield f"    menu: {name}"
        yield from (f"    {key}: {value}" for key, value in draft.settings.items())
        if SILENCE_SLOT in ways:
            yield f"    silence: {ways[SILENCE_SLOT]}"
        yield "    options:"
        for way in draft.exits:
            if way.slot == OPTION_SLOT:
                words = f"words: [{', '.join(_quote(word) for word in way.words)}], " if way.words else ""
                yield f"      {way.key}: {{{words}next: {names[way.to]}}}"
        return
    if draft.kind == "branch":
        yield f"  {name}:"
        yield "    branch:"
        for way in draft.exits:
            if way.when:
                yield f"      - when: {{{way.when}: {OFFICE_HOURS}}}"
                yield f"        next: {names[way.to]}"
        yield f"      - else: {ways[ELSE_SLOT]}"
        return
    yield f"  {name}: {{{', '.join(_step_settings(draft, name, ways))}}}"


def _step_settings(draft: StepDraft, name: str, exits: Mapping[str, str]) -> Iterator[str]:
    if draft.kind == "goto":
        yield f"goto: {exits[NEXT_SLOT]}"
        return
    yield f"{draft.kind}: {_setting_value(draft) or name}"
    if draft.kind == "ask":
        yield f"prompt: {name}"
    for key, value in draft.settings.items():
        yield f"{key}: {value if isinstance(value, int) else _quote(value)}"
    if NEXT_SLOT in exits:
        yield f"next: {exits[NEXT_SLOT]}"


def _setting_value(draft: StepDraft) -> str:
    return _quote(draft.value) if draft.value.startswith("+") else draft.value


def _render_queues(plan: FlowFilesPlan) -> str:
    lines = ["# Who waits for whom. Everything but the name may be left out.", ""]
    for name, spoken in plan.queues.items():
        lines += [
            f"{name}:",
            f"  hours: {OFFICE_HOURS}",
            f"  # skills: [{name}]             # when only some agents can take these calls",
            f"  spoken: {{{plan.language}: {_quote(spoken)}}}",
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


def _render_prompts(plan: FlowFilesPlan, names: Mapping[str, str]) -> str:
    lines = [
        "# The words. A part in [ ] is spoken only when its {field} has something to say. An address (https://...) is played.",
        "",
        'company: "our company"',
        "",
    ]
    lines += [f"{names[draft.name]}: {_quote(draft.prompt)}" for draft in plan.steps if _has_prompt(draft)]
    left = [
        f"# {names[draft.name]}: {_quote(draft.prompt)}"
        for draft in plan.unreachable_steps
        if _has_prompt(draft)
    ]
    if left:
        lines += ["", "# Of steps that nothing leads to any more:", *left]
    return "\n".join(lines) + "\n"


def _has_prompt(draft: StepDraft) -> bool:
    return bool(draft.prompt) and draft.kind in {"say", "menu", "ask", "text", "message", "goodbye"}


def _quote(text: str) -> str:
    """A JSON string of printable characters is one of YAML's too."""
    return json.dumps(one_line(text), ensure_ascii=False)
