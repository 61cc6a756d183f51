"""From an export to the files of a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ivr.flow.steps.menu import MOST_OPTIONS
from ivr.flow.studio.draft import CALL_BACK, GOODBYE, OPTION, OURS, PERSON, Draft, Workshop, reachable
from ivr.flow.studio.export import Export, Widget
from ivr.flow.studio.flow_files import Plan, files
from ivr.flow.studio.hangups import lend_words, mend_ends
from ivr.flow.studio.loops import cut_circles
from ivr.flow.studio.names import slug
from ivr.flow.studio.notes import Note, one_line
from ivr.flow.studio.phrases import speakable
from ivr.flow.studio.widgets import draft

SPOKEN_HERE = ("en", "es")


@dataclass(frozen=True, kw_only=True)
class Converted:
    name: str  # of the flow
    files: Mapping[str, str]  # by their path within the folder
    notes: tuple[Note, ...]


def convert(export: Export, name: str = "") -> Converted:
    """Never fails: what cannot be written is a note."""
    shop = Workshop(export=export, language=_language(export))
    for widget in _of_calls(export):
        made = draft(widget, shop)
        shop.drafts[made.name] = made
        made.notes += [note.message for note in shop.notes if note.widget == one_line(made.name, 60)]
    start = lend_words(shop, export.start)
    for made in shop.drafts.values():
        _say(shop, made)
    person = _person(shop, start)
    thanks = "Gracias. Adiós." if shop.language == "es" else "Thank you. Goodbye."
    for ours in (
        Draft(name=PERSON, kind="queue", value=person),
        Draft(name=CALL_BACK, kind="promise", value="next_opening"),
        Draft(name=GOODBYE, kind="goodbye", says=thanks),
    ):
        shop.drafts[ours.name] = ours
    mend_ends(shop, start)
    cut_circles(shop, start)
    _say_something(shop)
    met = reachable(shop.drafts, start)
    left = _left(shop, met)
    _tell_the_rest(shop, met, left)
    flow = slug(name or export.title, "flow") if name or export.title else "main"
    plan = Plan(
        name=flow,
        title=export.title,
        language=shop.language,
        person=person,
        steps=[shop.drafts[at] for at in met],
        left=[shop.drafts[at] for at in left],
        queues={person: person.replace("_", " "), **shop.queues},
        general=[note.message for note in shop.notes if not note.widget],
    )
    return Converted(name=flow, files=files(plan), notes=_in_order(shop, [*met, *left]))


def _left(shop: Workshop, met: list[str]) -> list[str]:
    """What no call comes to any more, and what that leads to."""
    kept: dict[str, None] = {}
    for name in shop.drafts:
        if name not in {*met, *shop.absorbed, *OURS}:
            kept |= dict.fromkeys(reachable(shop.drafts, name))
    return [name for name in kept if name not in {*met, *OURS}]


def _in_order(shop: Workshop, steps: list[str]) -> tuple[Note, ...]:
    """As the steps are read, what is about the whole first; nothing about widgets that became a part of another's step."""
    place = {one_line(name, 60): at for at, name in enumerate(["", *steps])}
    return tuple(sorted((n for n in shop.notes if n.widget in place), key=lambda n: place[n.widget]))


def _of_calls(export: Export) -> list[Widget]:
    """The widgets that a call can come to, in Studio's order."""
    seen, work = {export.start}, [export.start]
    while work:
        new = {t.next for t in export.widgets[work.pop()].transitions if t.next} - seen
        seen |= new
        work += new
    return [widget for name, widget in export.widgets.items() if name in seen]


def _language(export: Export) -> str:
    """Of most that is spoken; Studio speaks English where nothing is said about it."""
    spoken = Counter(w.language or "en" for w in export.widgets.values() if w.text("say"))
    start = export.widgets[export.start].language
    return (
        start if start.isalpha() else next((name for name, _ in spoken.most_common() if name.isalpha()), "en")
    )


def _say(shop: Workshop, made: Draft) -> None:
    """The words as they can be spoken here; audio keeps its address."""
    if not made.says or made.says.startswith(("https://", "http://")):
        return
    spoken = speakable(made.says, shop.language)
    made.says = spoken.text
    for told in spoken.told:
        shop.tell(made.name, told)


def _say_something(shop: Workshop) -> None:
    """A step whose words are all gone."""
    for made in shop.drafts.values():
        if made.says or made.kind not in {"say", "menu", "text", "message", "ask", "goodbye"}:
            continue
        if made.kind in {"say", "text"}:
            made.kind = "goto"
            shop.tell(made.name, "has nothing left to say and is passed by")
        elif made.kind != "ask":
            made.says = "Thank you." if made.kind == "goodbye" else "How can we help?"
            shop.tell(made.name, f'has no words; "{made.says}" is written')
        elif made.value == "digits":
            made.says = f"Please enter your {made.settings['label']}."
            shop.tell(made.name, f'has no words; "{made.says}" is written')
        else:
            made.says = "In one sentence, what is it about?"


def _person(shop: Workshop, start: str) -> str:
    """The queue that 0, silence and "an agent, please" lead to."""
    met = [shop.drafts[name] for name in reachable(shop.drafts, start)]
    zero = shop.drafts.get(shop.zero)
    if zero and zero.kind == "queue":
        return zero.value
    queues = [made.value for made in met if made.kind == "queue"]
    return "support" if "support" in queues or not queues else queues[0]


def _tell_the_rest(shop: Workshop, met: list[str], left: list[str]) -> None:
    for name in met:
        many = sum(way.slot == OPTION for way in shop.drafts[name].ways)
        if many > MOST_OPTIONS:
            shop.tell(name, f"{many} answers are more than anybody remembers; keep the five most asked for")
    unheard = len(shop.export.widgets) - sum(name in shop.export.widgets for name in shop.drafts)
    if unheard:
        shop.tell(
            "",
            f"left out, for no call comes to them (messages, calls out): {_count(unheard)}.",
        )
    for language in sorted({w.language for w in shop.export.widgets.values()} - {shop.language, ""}):
        speakers = [one_line(w.name, 40) for w in shop.export.widgets.values() if w.language == language]
        shop.tell(
            "",
            f'"{language}" is spoken by {_count(len(speakers))} ({", ".join(speakers[:3])}{" ..." if len(speakers) > 3 else ""}).'
            f' Here one flow speaks all languages: add "{language}" to languages, "language: {language}" to the option, and prompts/{language}.yaml.',
        )
    if shop.language not in SPOKEN_HERE:
        shop.tell(
            "",
            f'the line\'s own words are not there in "{shop.language}"; prompts/{shop.language}.yaml must say them all.',
        )
    shop.tell(
        "",
        "Studio does not know when you are there: hours.yaml says nine to five on weekdays, New York time. Write your own.",
    )
    if shop.queues:
        shop.tell(
            "", "a queue that is closed or full offers a promise by itself; what Studio did then is left out."
        )
    if left:
        shop.tell(
            "",
            f"nothing leads to {_count(len(left))} any more; what they were stands at the end of the flow, commented out.",
        )


def _count(widgets: int) -> str:
    return "1 widget" if widgets == 1 else f"{widgets} widgets"
