"""What follows what: words that belong to the question behind them, recordings that need nothing more, and hang-ups."""

from __future__ import annotations

import re

from ivr.flow.studio.draft import CALL_BACK, GOODBYE, NEXT, PERSON, Draft, Way, Workshop, reachable
from ivr.flow.studio.export import END
from ivr.flow.studio.phrases import without_goodbye

_CLOSED = re.compile(
    r"clos(ed|ing)|after[ _-]?hours|(office|business|opening) hours|not open|holiday|cerrad|horario",
    re.IGNORECASE,
)


def lend_words(shop: Workshop, start: str) -> str:
    """A widget that speaks before a question without words of its own becomes one step with it. Returns the start.

    A promise asks in the line's own words, so those before it are not needed.
    """
    for name in reachable(shop.drafts, start):
        draft = shop.drafts[name]
        to = draft.ways[0].to if draft.kind == "say" else END
        asks = shop.drafts.get(to)
        if asks is None or asks.says or asks.kind not in {"menu", "ask", "promise"}:
            continue
        asks.says = draft.says
        shop.absorbed.add(name)
        for other in shop.drafts.values():
            for way in other.ways:
                way.to = to if way.to == name and other is not draft else way.to
        start = to if name == start else start
    return start


def mend_ends(shop: Workshop, start: str) -> None:
    """Gives every way that ends the call somewhere to lead, and tells it."""
    for draft in shop.drafts.values():
        if draft.kind == "message" and draft.ways and _to_a_queue(shop, draft.ways[0].to):
            draft.ways = []
            shop.tell(
                draft.name, "the recording was put into a queue; here it is a promise, which agents keep"
            )
    met = reachable(shop.drafts, start)
    promised = _after_a_promise(shop, met, start)
    for name, draft in shop.drafts.items():
        if draft.kind == "say" and name in promised and all(way.to == END for way in draft.ways):
            draft.kind, draft.ways = "goodbye", []
            continue
        for way in draft.ways:
            if way.to == END and name in promised:
                way.to = GOODBYE
            elif way.to == END:
                _mend(shop, draft, way, told=name in met)


def _mend(shop: Workshop, draft: Draft, way: Way, *, told: bool) -> None:
    closed = way.when == "closed" or _CLOSED.search(
        f"{draft.name} {draft.says}" if draft.kind == "say" else ""
    )
    way.to = CALL_BACK if closed else PERSON
    if way.slot == NEXT and draft.kind == "transfer":
        return  # nobody answers there: a person here; told with the transfer already
    before, draft.says = draft.says, without_goodbye(draft.says) if draft.kind == "say" else draft.says
    changed = "; its goodbye is left out" if before != draft.says else ""
    what = "a promise to call back" if closed else "a person"
    if told and draft.kind != "goto":
        shop.tell(draft.name, f"the call ended there; now {what} follows{changed}")


def _to_a_queue(shop: Workshop, to: str) -> bool:
    seen: set[str] = set()
    while to != END and to not in seen and shop.drafts[to].kind == "goto":
        seen.add(to)
        to = shop.drafts[to].ways[0].to
    return to != END and shop.drafts[to].kind == "queue"


def _after_a_promise(shop: Workshop, met: list[str], start: str) -> set[str]:
    """Steps that are come to only from a message that was taken: it is a promise."""
    before: dict[str, set[str]] = {name: set() for name in met}
    for name in met:
        for way in shop.drafts[name].ways:
            if way.to in before:
                before[way.to].add(name)
    inside = {name for name in met if name != start}
    while True:
        left = {
            name
            for name in inside
            if all(o in inside or shop.drafts[o].kind == "message" for o in before[name])
        }
        left = {name for name in left if before[name]}
        if left == inside:
            return left
        inside = left
