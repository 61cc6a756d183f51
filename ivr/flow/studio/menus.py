"""Studio's gather, with the splits behind it: one menu, a number that is asked for, or a sentence."""

from __future__ import annotations

import re

from ivr.flow.studio.draft import (
    NEXT_SLOT,
    OPTION_SLOT,
    PERSON_STEP,
    SILENCE_SLOT,
    Conversion,
    DraftExit,
    StepDraft,
)
from ivr.flow.studio.export import HANG_UP, Widget
from ivr.flow.studio.names import make_name
from ivr.flow.studio.notes import one_line
from ivr.flow.studio.splits import SplitAnswers, is_about_gather, parse_answers

DEFAULT_DIGITS = 6
MAX_WORDS = 20
LONG_PROMPT_CHARACTERS = 100  # characters: some seven seconds
OFFER_SENTENCES = {"en": "For {}, press {}.", "es": "Para {}, oprima {}."}
_ASKS_FOR_DIGITS = re.compile(r"\b(enter|type|digits?|marque su|ingrese|introduzca|pound)\b", re.IGNORECASE)
_ASKS_FOR_CALLBACK = re.compile(r"call.?back|phone number|number to call|número de teléfono", re.IGNORECASE)
_LABEL_NOISE = re.compile(r"^(gather|get|ask|enter|input|collect)(_for)?_|_(gather|input|digits?)$")


def convert_gather(widget: Widget, conversion: Conversion) -> StepDraft:
    pressed, said = widget.next_on("keypress"), widget.next_on("speech")
    found = SplitAnswers()
    for to in dict.fromkeys((pressed, said)):
        split = conversion.get_widget(to)
        if split is not None and is_about_gather(split, widget.name):
            read = parse_answers(split)
            found.keys |= {key: to for key, to in read.keys.items() if key not in found.keys}
            found.words |= {word: to for word, to in read.words.items() if word not in found.words}
            found.unsupported += read.unsupported
            found.no_match = found.no_match or read.no_match
            if not any(len(key) > 1 for key in read.keys):
                conversion.merged_widgets.add(split.name)
    many = widget.get_number("number_of_digits")
    if (
        pressed
        and not found.keys
        and many != 1
        and _ASKS_FOR_CALLBACK.search(f"{widget.name} {_spoken_words(widget, conversion)}")
    ):
        conversion.add_note(
            widget.name,
            "asked for a number to call; here that is a promise: at the number they call from or at another, and on record. What followed is left out.",
        )
        return StepDraft(name=widget.name, kind="promise", value="soonest")
    if many > 1 or any(len(key) > 1 for key in found.keys):
        return _draft_digits(widget, conversion, many or max(len(key) for key in found.keys))
    if found.keys or found.words:
        return _draft_menu(widget, conversion, found)
    if pressed and many == 0 and _ASKS_FOR_DIGITS.search(_spoken_words(widget, conversion)):
        conversion.add_note(
            widget.name,
            f"Studio does not say how many digits are asked for; {DEFAULT_DIGITS} are written, look at it",
        )
        return _draft_digits(widget, conversion, DEFAULT_DIGITS)
    if pressed:
        conversion.add_note(widget.name, "any key led on; here it is key 1, so look at the words")
        found.keys["1"] = pressed
        return _draft_menu(widget, conversion, found)
    return StepDraft(
        name=widget.name,
        kind="ask",
        value="reason",
        exits=[DraftExit(slot=NEXT_SLOT, to=said or widget.next_on("timeout"))],
    )


def _spoken_words(widget: Widget, conversion: Conversion) -> str:
    """Its own, or those that are spoken right before it."""
    before = (
        other.get_text("say")
        for other in conversion.export.widgets.values()
        if other.next_on("audioComplete") == widget.name
    )
    return widget.get_text("say") or " ".join(before)


def _draft_digits(widget: Widget, conversion: Conversion, digits: int) -> StepDraft:
    label = (
        _LABEL_NOISE.sub("", make_name(widget.name, "number")).replace("_", " ").strip("0123456789 ")
        or "number"
    )
    conversion.add_note(
        widget.name, f'what is keyed in goes into the brief as "{label}"; nothing is compared or looked up'
    )
    return StepDraft(
        name=widget.name,
        kind="ask",
        value="digits",
        settings={"digits": min(max(digits, 2), 20), "label": label},
        exits=[DraftExit(slot=NEXT_SLOT, to=widget.first_next("keypress", "speech", "timeout"))],
    )


def _draft_menu(widget: Widget, conversion: Conversion, answers_found: SplitAnswers) -> StepDraft:
    ways = [
        DraftExit(slot=OPTION_SLOT, key=key, to=to)
        for key, to in sorted(answers_found.keys.items())
        if key in set("123456789")
    ]
    for key in sorted(set(answers_found.keys) - set("123456789")):
        does = {"0": "leads to a person", "*": "says it again", "#": "goes one step back"}.get(
            key, "is no key"
        )
        conversion.zero_target = conversion.zero_target or (answers_found.keys[key] if key == "0" else "")
        to = one_line(answers_found.keys[key], 40) or "the end of the call"
        conversion.add_note(widget.name, f"key {key} led to {to}; here {key} {does}, at every step")
    more = _add_spoken_answers(widget, conversion, answers_found, ways)
    for way in ways:
        if way.to == HANG_UP:
            conversion.add_note(widget.name, f"key {way.key} ended the call; here it leads to a person")
            way.to = PERSON_STEP
    for condition in answers_found.unsupported:
        conversion.add_note(widget.name, f"cannot be written as an answer and is left out: {condition}")
    wrong = answers_found.no_match
    if wrong and not conversion.returns_to(wrong, widget.name):
        conversion.add_note(
            widget.name,
            f"a wrong key led to {one_line(wrong, 40)}; here it is asked again, and then there is a person",
        )
    ways += _silence_exits(widget, conversion)
    seconds = widget.get_number("timeout")
    settings: dict[str, str | int] = {}
    if seconds not in {0, 5}:
        settings["seconds"] = min(seconds, 20)
    says = " ".join([widget.get_text("say"), *more]) if more and widget.get_text("say") else ""
    return StepDraft(name=widget.name, kind="menu", prompt=says, settings=settings, exits=ways)


def _silence_exits(widget: Widget, conversion: Conversion) -> list[DraftExit]:
    """Without a way for silence the line asks again, and then there is a person."""
    silent = widget.next_on("timeout")
    if silent and not conversion.returns_to(silent, widget.name):
        return [DraftExit(slot=SILENCE_SLOT, to=silent)]
    if silent and len(_spoken_words(widget, conversion)) <= LONG_PROMPT_CHARACTERS:
        return []
    does = "was asked the same again, which takes long" if silent else "ended the call"
    conversion.add_note(widget.name, f"who said nothing {does}; now a person follows")
    return [DraftExit(slot=SILENCE_SLOT, to=PERSON_STEP)]


def _add_spoken_answers(
    widget: Widget, conversion: Conversion, answers_found: SplitAnswers, exits: list[DraftExit]
) -> list[str]:
    """Each word belongs to the key that leads to the same place, or to a key of its own, which the sentences returned say."""
    more: list[str] = []
    for word, to in answers_found.words.items():
        shown = one_line(word, 40)
        way = next((way for way in exits if way.to == to), None)
        if way is None:
            used = {way.key for way in exits}
            free = next((key for key in "123456789" if key not in used), "")
            if not free:
                conversion.add_note(
                    widget.name, f'"{shown}" could only be said, and no key is left for it: left out'
                )
                continue
            way = DraftExit(slot=OPTION_SLOT, key=free, to=to)
            exits.append(way)
            more.append(OFFER_SENTENCES.get(conversion.language, OFFER_SENTENCES["en"]).format(shown, free))
            conversion.add_note(
                widget.name,
                f'"{shown}" could only be said; it has key {free} as well now, and the words end with it',
            )
        if len(way.words) < MAX_WORDS:
            way.words = (*way.words, shown)
    return more
