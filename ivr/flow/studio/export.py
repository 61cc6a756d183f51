"""The JSON that Studio exports, read into widgets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ivr.domain.errors import CalorError
from ivr.flow.studio.notes import one_line

MAX_WIDGETS = 1000  # https://www.twilio.com/docs/studio/rest-api/v2/schemas, "states": maxItems
HANG_UP = ""  # where a transition without "next" leads: Studio hangs up
SINGLE_EXIT_TYPES = {"say-play", "set-variables"}  # what nobody can leave but by hanging up


class InvalidStudioExport(CalorError):
    """This is not a Studio flow that answers calls."""


@dataclass(frozen=True, kw_only=True)
class StudioCondition:
    subject: str  # what is looked at: "{{widgets.menu.Digits}}"
    type: str  # equal_to, matches_any_of, contains ...
    value: str
    label: str  # what its author called it


@dataclass(frozen=True, kw_only=True)
class Transition:
    event: str
    next: str  # HANG_UP = nothing follows
    conditions: tuple[StudioCondition, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Widget:
    name: str
    type: str
    transitions: tuple[Transition, ...]
    properties: Mapping[str, Any]

    def get_text(self, key: str) -> str:
        """'' for what is no text. Half of a character, which JSON allows and a file does not, is a question mark."""
        value = self.properties.get(key)
        shown = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
        return shown.encode("utf-8", "replace").decode()

    def get_number(self, key: str) -> int:
        """0 for what is no number; Studio writes 5 and "5"."""
        text = self.get_text(key)
        return int(text) if text.isdecimal() and len(text) < 6 else 0

    def next_on(self, event: str) -> str:
        return next((t.next for t in self.transitions if t.event == event and t.next), HANG_UP)

    def first_next(self, *preferred: str) -> str:
        """Where the first of these events leads, or any other."""
        leads = [*(self.next_on(event) for event in preferred), *(t.next for t in self.transitions)]
        return next((to for to in leads if to), HANG_UP)

    @property
    def language(self) -> str:
        return self.get_text("language").split("-", maxsplit=1)[0].lower()


@dataclass(frozen=True, kw_only=True)
class StudioExport:
    title: str
    start: str  # the widget that takes an incoming call
    widgets: Mapping[str, Widget]  # the trigger is not among them


def read_export(text: str) -> StudioExport:
    """Raises InvalidStudioExport, whose message says what is wrong and what to do."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        at = (
            f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        )
        raise InvalidStudioExport(
            f'this is not JSON{at}. In Studio: open the flow, the trigger\'s "Show Flow JSON", copy all of it into a file.'
        ) from error
    return _parse_definition(_find_definition(found))


def _find_definition(found: Any) -> dict[str, Any]:
    """The definition, whether exported from the editor or fetched from the API, where it is a part of the answer."""
    title = ""
    if isinstance(found, dict) and "definition" in found:
        title = str(found.get("friendly_name") or "")
        found = found["definition"]
    if not isinstance(found, dict) or not isinstance(found.get("states"), list):
        raise InvalidStudioExport(
            'this is JSON but not a Studio flow: a flow has "states" and "initial_state".'
        )
    return {**found, "description": title or found.get("description", "")}


def _parse_definition(definition: dict[str, Any]) -> StudioExport:
    states = definition["states"]
    if not states:
        raise InvalidStudioExport("this Studio flow has no widgets.")
    if len(states) > MAX_WIDGETS:
        raise InvalidStudioExport(
            f"this flow has {len(states)} widgets; Studio allows {MAX_WIDGETS}. Is it one flow, exported by Studio?"
        )
    widgets: dict[str, Widget] = {}
    for number, state in enumerate(states, 1):
        widget = _parse_widget(state, number)
        if widget.name in widgets:
            raise InvalidStudioExport(
                f'two widgets are called "{widget.name}"; rename one of them in Studio.'
            )
        widgets[widget.name] = widget
    _require_targets(widgets)
    start = _find_start(definition, widgets)
    others = {name: widget for name, widget in widgets.items() if widget.type != "trigger"}
    _refuse_endless_loops(others, start)
    return StudioExport(title=one_line(str(definition["description"]), 80), start=start, widgets=others)


def _parse_widget(state: Any, number: int) -> Widget:
    if not isinstance(state, dict) or not isinstance(state.get("name"), str) or not state["name"].strip():
        raise InvalidStudioExport(f"widget {number} has no name; this is not what Studio exports.")
    shown = one_line(state["name"], 60)
    if state["name"].startswith("@"):
        raise InvalidStudioExport(
            f'the widget "{shown}" has a name that begins with "@"; rename it in Studio.'
        )
    if not isinstance(state.get("type"), str):
        raise InvalidStudioExport(f'the widget "{shown}" has no type; this is not what Studio exports.')
    transitions = state.get("transitions")
    if not isinstance(transitions, list) or not all(isinstance(t, dict) for t in transitions):
        raise InvalidStudioExport(
            f'the widget "{shown}" has no list of transitions; export the whole flow once more.'
        )
    properties = state.get("properties")
    return Widget(
        name=state["name"],
        type=one_line(state["type"], 60),
        transitions=tuple(_parse_transition(t) for t in transitions),
        properties=properties if isinstance(properties, dict) else {},
    )


def _parse_transition(found: dict[str, Any]) -> Transition:
    conditions = found.get("conditions")
    return Transition(
        event=str(found.get("event") or ""),
        next=str(found.get("next") or HANG_UP),
        conditions=tuple(_parse_condition(c) for c in conditions or () if isinstance(c, dict))
        if isinstance(conditions, list)
        else (),
    )


def _parse_condition(found: dict[str, Any]) -> StudioCondition:
    arguments = found.get("arguments")
    return StudioCondition(
        subject=" ".join(map(str, arguments)) if isinstance(arguments, list) else "",
        type=str(found.get("type") or ""),
        value=str(found.get("value") or "").strip(),
        label=str(found.get("friendly_name") or ""),
    )


def _require_targets(widgets: Mapping[str, Widget]) -> None:
    for widget in widgets.values():
        for transition in widget.transitions:
            if transition.next and transition.next not in widgets:
                name, to = one_line(widget.name, 60), one_line(transition.next, 60)
                raise InvalidStudioExport(
                    f'"{name}" leads to "{to}" ({one_line(transition.event, 30)}), which is not a widget of this flow; export the whole flow once more.'
                )


def _find_start(definition: dict[str, Any], widgets: Mapping[str, Widget]) -> str:
    trigger = widgets.get(str(definition.get("initial_state") or "")) or next(
        (widget for widget in widgets.values() if widget.type == "trigger"), None
    )
    if trigger is None:
        raise InvalidStudioExport("this flow has no trigger: nothing begins it.")
    start = trigger.next_on("incomingCall") if trigger.type == "trigger" else trigger.name
    if start:
        return start
    other = {
        "incomingMessage": "messages",
        "incomingConversationMessage": "conversations",
        "incomingRequest": "requests of the API",
    }
    does = next((what for event, what in other.items() if trigger.next_on(event)), "")
    only = f" It answers {does} only." if does else ""
    raise InvalidStudioExport(
        f'no call begins this flow: nothing follows "incomingCall" of its trigger.{only} Texts need no flow here.'
    )


def _refuse_endless_loops(widgets: Mapping[str, Widget], start: str) -> None:
    """A circle of widgets that speak and have one way on each: nobody ever gets out of it."""
    seen: set[str] = set()
    work = [start]
    while work:
        way: list[str] = []
        at = work.pop()
        while at and at not in seen:
            seen.add(at)
            way.append(at)
            leads = {t.next for t in widgets[at].transitions if t.next}
            if widgets[at].type not in SINGLE_EXIT_TYPES or len(leads) != 1:
                work += sorted(leads - seen)
                way = []
                break
            (at,) = leads
        if at in way:
            circle = " > ".join(one_line(name, 40) for name in [*way[way.index(at) :], at])
            raise InvalidStudioExport(
                f"this flow goes round without end, whatever the caller does: {circle}. Mend it in Studio first."
            )
