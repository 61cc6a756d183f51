"""Circles. Here nobody may go round without meeting a person or a promise, so the last way of each circle is cut."""

from __future__ import annotations

from ivr.flow.studio.draft import NEXT, OPTION, PERSON, SILENCE, Draft, Way, Workshop
from ivr.flow.studio.notes import one_line
from ivr.flow.studio.phrases import without_key


def cut_circles(shop: Workshop, start: str) -> None:
    """Afterwards no step leads back to itself."""
    under: set[str] = {start}  # on the way from the start to here
    done: set[str] = set()
    work = [(start, list(shop.drafts[start].ways))]
    while work:
        name, ways = work[-1]
        if not ways:
            work.pop()
            _without_options(shop.drafts[name])
            under.discard(name)
            done.add(name)
            continue
        way = ways.pop(0)
        if way.to in under:
            _cut(shop, shop.drafts[name], way)
        elif way.to in shop.drafts and way.to not in done:
            under.add(way.to)
            work.append((way.to, list(shop.drafts[way.to].ways)))


def _cut(shop: Workshop, draft: Draft, way: Way) -> None:
    to = one_line(way.to, 40)
    if way.slot == OPTION:
        draft.ways.remove(way)
        draft.says = without_key(draft.says, way.key)
        shop.tell(
            draft.name,
            f"key {way.key} led back to {to}: left out. # goes one step back and * says it again, at every step",
        )
    elif way.slot == SILENCE:
        draft.ways.remove(way)
        shop.tell(draft.name, f"silence led back to {to}; here it is asked again, and then there is a person")
    else:
        way.to = PERSON
        shop.tell(draft.name, f"led back to {to}, and so round and round; now a person follows")


def _without_options(draft: Draft) -> None:
    """A question without answers is only words."""
    if draft.kind == "menu" and not any(way.slot == OPTION for way in draft.ways):
        silence = draft.way(SILENCE)
        draft.kind, draft.settings = "say", {}
        draft.ways = [Way(slot=NEXT, to=silence.to if silence else PERSON)]
