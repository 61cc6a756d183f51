"""The texts of the files, for a person to read and change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ivr.flow.phrases.built_in import shipped, shipped_languages
from ivr.flow.studio.draft import CALL_BACK, ELSE, GOODBYE, NEXT, OFFICE, OPTION, PERSON, SILENCE, Draft
from ivr.flow.studio.names import slug, unique
from ivr.flow.studio.notes import one_line

OWN = {PERSON: "a_person", CALL_BACK: "call_back", GOODBYE: "goodbye"}
HOURS = f"""# When people are here. Studio does not say it: write your own hours.

{OFFICE}:
  zone: America/New_York
  weekdays: "9:00-17:00"
  # saturday: "9:00-12:00"
  # holidays: {{country: US}}    # public holidays are closed days
  # closed: ["2026-11-27"]     # days off of your own
"""


@dataclass(frozen=True, kw_only=True)
class Plan:
    name: str
    title: str
    language: str
    person: str
    steps: list[Draft]  # the first is the start
    left: list[Draft]  # nothing leads to them
    queues: Mapping[str, str]  # name -> how it is spoken
    general: list[str]  # notes about the whole


def files(plan: Plan) -> dict[str, str]:
    names = _names([*plan.steps, *plan.left])
    return {
        "main.yaml": _flow(plan, names),
        "hours.yaml": HOURS,
        "queues.yaml": _queues(plan),
        f"prompts/{plan.language}.yaml": _prompts(plan, names),
    }


def _names(drafts: Iterable[Draft]) -> dict[str, str]:
    """Studio's name -> the step's, which is the name of its prompt too; the line's own words keep theirs."""
    own = set(shipped("en").templates) if "en" in shipped_languages() else set()
    names: dict[str, str] = {}
    taken = set(own)
    for draft in drafts:
        name = unique(OWN.get(draft.name) or slug(draft.name), taken)
        taken.add(name)
        names[draft.name] = name
    for ours, name in OWN.items():
        names.setdefault(ours, unique(name, taken))
    return names


def _flow(plan: Plan, names: Mapping[str, str]) -> str:
    person = f"person: {plan.person}".ljust(26)
    title = f' "{plan.title}"' if plan.title else ""
    head = [f"# Made from the Studio flow{title}. README.md of the folder flows/ explains every line of it."]
    if plan.general:
        head += ["#", *(f"# - {note}" for note in plan.general)]
    head += [
        "",
        f"flow: {plan.name}",
        'lines: ["*"]               # every number that no other flow answers; or your own, like ["+12025550100"]',
        f"languages: [{plan.language}]",
        f'{person} # where 0, silence and "an agent, please" lead, from every step',
        "",
        "steps:",
    ]
    body = [line for draft in plan.steps for line in (*_step(draft, names), "")]
    if plan.left:
        body += [
            "  # ---- Nothing leads here any more. Take the # away where you want one of them back.",
            "  #",
        ]
        body += [f"  # {line[2:]}".rstrip() for draft in plan.left for line in (*_step(draft, names), "  ")]
    return "\n".join([*head, *body]).rstrip() + "\n"


def _step(draft: Draft, names: Mapping[str, str]) -> Iterator[str]:
    name = names[draft.name]
    for note in dict.fromkeys(draft.notes):
        yield f"  # {note}"
    ways = {way.slot: names[way.to] for way in draft.ways if way.slot in {NEXT, SILENCE, ELSE}}
    if draft.kind == "menu":
        yield f"  {name}:"
        yield f"    menu: {name}"
        yield from (f"    {key}: {value}" for key, value in draft.settings.items())
        if SILENCE in ways:
            yield f"    silence: {ways[SILENCE]}"
        yield "    options:"
        for way in draft.ways:
            if way.slot == OPTION:
                words = f"words: [{', '.join(_quoted(word) for word in way.words)}], " if way.words else ""
                yield f"      {way.key}: {{{words}next: {names[way.to]}}}"
        return
    if draft.kind == "branch":
        yield f"  {name}:"
        yield "    branch:"
        for way in draft.ways:
            if way.when:
                yield f"      - when: {{{way.when}: {OFFICE}}}"
                yield f"        next: {names[way.to]}"
        yield f"      - else: {ways[ELSE]}"
        return
    yield f"  {name}: {{{', '.join(_parts(draft, name, ways))}}}"


def _parts(draft: Draft, name: str, ways: Mapping[str, str]) -> Iterator[str]:
    if draft.kind == "goto":
        yield f"goto: {ways[NEXT]}"
        return
    yield f"{draft.kind}: {_value(draft) or name}"
    if draft.kind == "ask":
        yield f"prompt: {name}"
    for key, value in draft.settings.items():
        yield f"{key}: {value if isinstance(value, int) else _quoted(value)}"
    if NEXT in ways:
        yield f"next: {ways[NEXT]}"


def _value(draft: Draft) -> str:
    return _quoted(draft.value) if draft.value.startswith("+") else draft.value


def _queues(plan: Plan) -> str:
    lines = ["# Who waits for whom. Everything but the name may be left out.", ""]
    for name, spoken in plan.queues.items():
        lines += [
            f"{name}:",
            f"  hours: {OFFICE}",
            f"  # skills: [{name}]             # when only some agents can take these calls",
            f"  spoken: {{{plan.language}: {_quoted(spoken)}}}",
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


def _prompts(plan: Plan, names: Mapping[str, str]) -> str:
    lines = [
        "# The words. A part in [ ] is spoken only when its {field} has something to say. An address (https://...) is played.",
        "",
        'company: "our company"',
        "",
    ]
    lines += [f"{names[draft.name]}: {_quoted(draft.says)}" for draft in plan.steps if _speaks(draft)]
    left = [f"# {names[draft.name]}: {_quoted(draft.says)}" for draft in plan.left if _speaks(draft)]
    if left:
        lines += ["", "# Of steps that nothing leads to any more:", *left]
    return "\n".join(lines) + "\n"


def _speaks(draft: Draft) -> bool:
    return bool(draft.says) and draft.kind in {"say", "menu", "ask", "text", "message", "goodbye"}


def _quoted(text: str) -> str:
    """A JSON string of printable characters is one of YAML's too."""
    return json.dumps(one_line(text), ensure_ascii=False)
