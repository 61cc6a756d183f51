"""From an export to the files of a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ivr.flow.steps.menu import MAX_OPTIONS
from ivr.flow.studio.draft import (
    CALL_BACK_STEP,
    GOODBYE_STEP,
    OPTION_SLOT,
    OWN_STEPS,
    PERSON_STEP,
    Conversion,
    StepDraft,
    list_reachable,
)
from ivr.flow.studio.export import StudioExport, Widget
from ivr.flow.studio.flow_files import FlowFilesPlan, render_files
from ivr.flow.studio.hangups import merge_prompts, replace_hangups
from ivr.flow.studio.loops import cut_loops
from ivr.flow.studio.names import make_name
from ivr.flow.studio.notes import ConversionNote, one_line
from ivr.flow.studio.phrases import make_speakable
from ivr.flow.studio.widgets import draft_step

BUILT_IN_LANGUAGES = ("en", "es")


@dataclass(frozen=True, kw_only=True)
class ConvertedFlow:
    name: str  # of the flow
    files: Mapping[str, str]  # by their path within the folder
    notes: tuple[ConversionNote, ...]


def convert_export(export: StudioExport, name: str = "") -> ConvertedFlow:
    """Never fails: what cannot be written is a note."""
    shop = Conversion(export=export, language=_main_language(export))
    for widget in _call_widgets(export):
        made = draft_step(widget, shop)
        shop.drafts[made.name] = made
        made.notes += [note.message for note in shop.notes if note.widget == one_line(made.name, 60)]
    start = merge_prompts(shop, export.start)
    for made in shop.drafts.values():
        _make_speakable(shop, made)
    person = _person_queue(shop, start)
    thanks = "Gracias. Adiós." if shop.language == "es" else "Thank you. Goodbye."
    for ours in (
        StepDraft(name=PERSON_STEP, kind="queue", value=person),
        StepDraft(name=CALL_BACK_STEP, kind="promise", value="next_opening"),
        StepDraft(name=GOODBYE_STEP, kind="goodbye", prompt=thanks),
    ):
        shop.drafts[ours.name] = ours
    replace_hangups(shop, start)
    cut_loops(shop, start)
    _fill_empty_prompts(shop)
    met = list_reachable(shop.drafts, start)
    left = _unreachable_steps(shop, met)
    _add_general_notes(shop, met, left)
    flow = make_name(name or export.title, "flow") if name or export.title else "main"
    plan = FlowFilesPlan(
        name=flow,
        title=export.title,
        language=shop.language,
        person_queue=person,
        steps=[shop.drafts[at] for at in met],
        unreachable_steps=[shop.drafts[at] for at in left],
        queues={person: person.replace("_", " "), **shop.queues},
        general_notes=[note.message for note in shop.notes if not note.widget],
    )
    return ConvertedFlow(name=flow, files=render_files(plan), notes=_sort_notes(shop, [*met, *left]))


def _unreachable_steps(conversion: Conversion, reached: list[str]) -> list[str]:
    """What no call comes to any more, and what that leads to."""
    kept: dict[str, None] = {}
    for name in conversion.drafts:
        if name not in {*reached, *conversion.merged_widgets, *OWN_STEPS}:
            kept |= dict.fromkeys(list_reachable(conversion.drafts, name))
    return [name for name in kept if name not in {*reached, *OWN_STEPS}]


def _sort_notes(conversion: Conversion, steps: list[str]) -> tuple[ConversionNote, ...]:
    """As the steps are read, what is about the whole first; nothing about widgets that became a part of another's step."""
    place = {one_line(name, 60): at for at, name in enumerate(["", *steps])}
    return tuple(sorted((n for n in conversion.notes if n.widget in place), key=lambda n: place[n.widget]))


def _call_widgets(export: StudioExport) -> list[Widget]:
    """The widgets that a call can come to, in Studio's order."""
    seen, work = {export.start}, [export.start]
    while work:
        new = {t.next for t in export.widgets[work.pop()].transitions if t.next} - seen
        seen |= new
        work += new
    return [widget for name, widget in export.widgets.items() if name in seen]


def _main_language(export: StudioExport) -> str:
    """Of most that is spoken; Studio speaks English where nothing is said about it."""
    spoken = Counter(w.language or "en" for w in export.widgets.values() if w.get_text("say"))
    start = export.widgets[export.start].language
    return (
        start if start.isalpha() else next((name for name, _ in spoken.most_common() if name.isalpha()), "en")
    )


def _make_speakable(conversion: Conversion, draft: StepDraft) -> None:
    """The words as they can be spoken here; audio keeps its address."""
    if not draft.prompt or draft.prompt.startswith(("https://", "http://")):
        return
    spoken = make_speakable(draft.prompt, conversion.language)
    draft.prompt = spoken.text
    for told in spoken.changes:
        conversion.add_note(draft.name, told)


def _fill_empty_prompts(conversion: Conversion) -> None:
    """A step whose words are all gone."""
    for made in conversion.drafts.values():
        if made.prompt or made.kind not in {"say", "menu", "text", "message", "ask", "goodbye"}:
            continue
        if made.kind in {"say", "text"}:
            made.kind = "goto"
            conversion.add_note(made.name, "has nothing left to say and is passed by")
        elif made.kind != "ask":
            made.prompt = "Thank you." if made.kind == "goodbye" else "How can we help?"
            conversion.add_note(made.name, f'has no words; "{made.prompt}" is written')
        elif made.value == "digits":
            made.prompt = f"Please enter your {made.settings['label']}."
            conversion.add_note(made.name, f'has no words; "{made.prompt}" is written')
        else:
            made.prompt = "In one sentence, what is it about?"


def _person_queue(conversion: Conversion, start: str) -> str:
    """The queue that 0, silence and "an agent, please" lead to."""
    met = [conversion.drafts[name] for name in list_reachable(conversion.drafts, start)]
    zero = conversion.drafts.get(conversion.zero_target)
    if zero and zero.kind == "queue":
        return zero.value
    queues = [made.value for made in met if made.kind == "queue"]
    return "support" if "support" in queues or not queues else queues[0]


def _add_general_notes(conversion: Conversion, reached: list[str], unreachable: list[str]) -> None:
    for name in reached:
        many = sum(way.slot == OPTION_SLOT for way in conversion.drafts[name].exits)
        if many > MAX_OPTIONS:
            conversion.add_note(
                name, f"{many} answers are more than anybody remembers; keep the five most asked for"
            )
    unheard = len(conversion.export.widgets) - sum(
        name in conversion.export.widgets for name in conversion.drafts
    )
    if unheard:
        conversion.add_note(
            "",
            f"left out, for no call comes to them (messages, calls out): {_count_widgets(unheard)}.",
        )
    for language in sorted(
        {w.language for w in conversion.export.widgets.values()} - {conversion.language, ""}
    ):
        speakers = [
            one_line(w.name, 40) for w in conversion.export.widgets.values() if w.language == language
        ]
        conversion.add_note(
            "",
            f'"{language}" is spoken by {_count_widgets(len(speakers))} ({", ".join(speakers[:3])}{" ..." if len(speakers) > 3 else ""}).'
            f' Here one flow speaks all languages: add "{language}" to languages, "language: {language}" to the option, and prompts/{language}.yaml.',
        )
    if conversion.language not in BUILT_IN_LANGUAGES:
        conversion.add_note(
            "",
            f'the line\'s own words are not there in "{conversion.language}"; prompts/{conversion.language}.yaml must say them all.',
        )
    conversion.add_note(
        "",
        "Studio does not know when you are there: hours.yaml says nine to five on weekdays, New York time. Write your own.",
    )
    if conversion.queues:
        conversion.add_note(
            "", "a queue that is closed or full offers a promise by itself; what Studio did then is left out."
        )
    if unreachable:
        conversion.add_note(
            "",
            f"nothing leads to {_count_widgets(len(unreachable))} any more; what they were stands at the end of the flow, commented out.",
        )


def _count_widgets(widgets: int) -> str:
    return "1 widget" if widgets == 1 else f"{widgets} widgets"
