"""Studio's gather, with the splits behind it: one menu, a number that is asked for, or a sentence."""

from __future__ import annotations

import re

from ivr.flow.studio.draft import NEXT, OPTION, PERSON, SILENCE, Draft, Way, Workshop
from ivr.flow.studio.export import END, Widget
from ivr.flow.studio.names import slug
from ivr.flow.studio.notes import one_line
from ivr.flow.studio.splits import Answers, answers, reads

DIGITS_UNTOLD = 6
MOST_WORDS = 20
LONG = 100  # characters: some seven seconds
OFFER = {"en": "For {}, press {}.", "es": "Para {}, oprima {}."}
_A_NUMBER = re.compile(r"\b(enter|type|digits?|marque su|ingrese|introduzca|pound)\b", re.IGNORECASE)
_CALL_ME = re.compile(r"call.?back|phone number|number to call|número de teléfono", re.IGNORECASE)
_ASKING = re.compile(r"^(gather|get|ask|enter|input|collect)(_for)?_|_(gather|input|digits?)$")


def convert_gather(widget: Widget, shop: Workshop) -> Draft:
    pressed, said = widget.on("keypress"), widget.on("speech")
    found = Answers()
    for to in dict.fromkeys((pressed, said)):
        split = shop.widget(to)
        if split is not None and reads(split, widget.name):
            read = answers(split)
            found.keys |= {key: to for key, to in read.keys.items() if key not in found.keys}
            found.words |= {word: to for word, to in read.words.items() if word not in found.words}
            found.unread += read.unread
            found.otherwise = found.otherwise or read.otherwise
            if not any(len(key) > 1 for key in read.keys):
                shop.absorbed.add(split.name)
    many = widget.number("number_of_digits")
    if pressed and not found.keys and many != 1 and _CALL_ME.search(f"{widget.name} {_words(widget, shop)}"):
        shop.tell(
            widget.name,
            "asked for a number to call; here that is a promise: at the number they call from or at another, and on record. What followed is left out.",
        )
        return Draft(name=widget.name, kind="promise", value="soonest")
    if many > 1 or any(len(key) > 1 for key in found.keys):
        return _number(widget, shop, many or max(len(key) for key in found.keys))
    if found.keys or found.words:
        return _menu(widget, shop, found)
    if pressed and many == 0 and _A_NUMBER.search(_words(widget, shop)):
        shop.tell(
            widget.name,
            f"Studio does not say how many digits are asked for; {DIGITS_UNTOLD} are written, look at it",
        )
        return _number(widget, shop, DIGITS_UNTOLD)
    if pressed:
        shop.tell(widget.name, "any key led on; here it is key 1, so look at the words")
        found.keys["1"] = pressed
        return _menu(widget, shop, found)
    return Draft(
        name=widget.name,
        kind="ask",
        value="reason",
        ways=[Way(slot=NEXT, to=said or widget.on("timeout"))],
    )


def _words(widget: Widget, shop: Workshop) -> str:
    """Its own, or those that are spoken right before it."""
    before = (
        other.text("say")
        for other in shop.export.widgets.values()
        if other.on("audioComplete") == widget.name
    )
    return widget.text("say") or " ".join(before)


def _number(widget: Widget, shop: Workshop, many: int) -> Draft:
    label = _ASKING.sub("", slug(widget.name, "number")).replace("_", " ").strip("0123456789 ") or "number"
    shop.tell(
        widget.name, f'what is keyed in goes into the brief as "{label}"; nothing is compared or looked up'
    )
    return Draft(
        name=widget.name,
        kind="ask",
        value="digits",
        settings={"digits": min(max(many, 2), 20), "label": label},
        ways=[Way(slot=NEXT, to=widget.first("keypress", "speech", "timeout"))],
    )


def _menu(widget: Widget, shop: Workshop, found: Answers) -> Draft:
    ways = [
        Way(slot=OPTION, key=key, to=to) for key, to in sorted(found.keys.items()) if key in set("123456789")
    ]
    for key in sorted(set(found.keys) - set("123456789")):
        does = {"0": "leads to a person", "*": "says it again", "#": "goes one step back"}.get(
            key, "is no key"
        )
        shop.zero = shop.zero or (found.keys[key] if key == "0" else "")
        to = one_line(found.keys[key], 40) or "the end of the call"
        shop.tell(widget.name, f"key {key} led to {to}; here {key} {does}, at every step")
    more = _say_words(widget, shop, found, ways)
    for way in ways:
        if way.to == END:
            shop.tell(widget.name, f"key {way.key} ended the call; here it leads to a person")
            way.to = PERSON
    for condition in found.unread:
        shop.tell(widget.name, f"cannot be written as an answer and is left out: {condition}")
    wrong = found.otherwise
    if wrong and not shop.comes_back(wrong, widget.name):
        shop.tell(
            widget.name,
            f"a wrong key led to {one_line(wrong, 40)}; here it is asked again, and then there is a person",
        )
    ways += _silence(widget, shop)
    seconds = widget.number("timeout")
    settings: dict[str, str | int] = {}
    if seconds not in {0, 5}:
        settings["seconds"] = min(seconds, 20)
    says = " ".join([widget.text("say"), *more]) if more and widget.text("say") else ""
    return Draft(name=widget.name, kind="menu", says=says, settings=settings, ways=ways)


def _silence(widget: Widget, shop: Workshop) -> list[Way]:
    """Without a way for silence the line asks again, and then there is a person."""
    silent = widget.on("timeout")
    if silent and not shop.comes_back(silent, widget.name):
        return [Way(slot=SILENCE, to=silent)]
    if silent and len(_words(widget, shop)) <= LONG:
        return []
    does = "was asked the same again, which takes long" if silent else "ended the call"
    shop.tell(widget.name, f"who said nothing {does}; now a person follows")
    return [Way(slot=SILENCE, to=PERSON)]


def _say_words(widget: Widget, shop: Workshop, found: Answers, ways: list[Way]) -> list[str]:
    """Each word belongs to the key that leads to the same place, or to a key of its own, which the sentences returned say."""
    more: list[str] = []
    for word, to in found.words.items():
        shown = one_line(word, 40)
        way = next((way for way in ways if way.to == to), None)
        if way is None:
            used = {way.key for way in ways}
            free = next((key for key in "123456789" if key not in used), "")
            if not free:
                shop.tell(widget.name, f'"{shown}" could only be said, and no key is left for it: left out')
                continue
            way = Way(slot=OPTION, key=free, to=to)
            ways.append(way)
            more.append(OFFER.get(shop.language, OFFER["en"]).format(shown, free))
            shop.tell(
                widget.name,
                f'"{shown}" could only be said; it has key {free} as well now, and the words end with it',
            )
        if len(way.words) < MOST_WORDS:
            way.words = (*way.words, shown)
    return more
