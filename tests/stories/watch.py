"""Playing a story while looking, at every instant, at what must always hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ivr.cli.demo.stage import OUR_NUMBER, Stage
from ivr.domain.records.agent import BUSY, Agent, AgentState
from ivr.domain.records.agent_leg import AgentLeg, LegState
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.contact_parts import PartyLocation
from ivr.domain.records.promise import Promise
from ivr.store.queries import due_index
from tests.stories.people import all_ended, contacts

IN_A_ROOM = 4.0  # seconds that a caller may hear nothing there: the others have just left
ELSEWHERE = 9.0  # a question was asked and the key is awaited

Seen = Callable[[Stage], bool]


def play(stage: Stage, seconds: float, until: Seen | None = None) -> bool:
    """Let time pass; at every event no caller is alone in silence, at the end nobody is left behind."""

    def check_silence() -> bool:
        since = stage.get_emulator_clock()["silent_since"]
        if since is not None and stage.services.clock.now() - since > IN_A_ROOM:
            nobody_sits_in_silence(stage)
        return until(stage) if until else False

    met = stage.play(seconds, until=check_silence)
    nobody_is_left_behind(stage)
    return met


def to_the_end(stage: Stage, seconds: float = 900) -> Contact:
    """Until every contact has its outcome and every agent is free again; the first contact."""
    assert play(stage, seconds, lambda s: all_ended(s) and everyone_is_free(s)), state_of(stage)
    return contacts(stage)[0]


def reach(stage: Stage, seen: Seen, within: float = 120) -> None:
    """Until that can be seen."""
    assert play(stage, within, seen), state_of(stage)


def nobody_sits_in_silence(stage: Stage) -> None:
    callers = [leg for leg in live_legs(stage) if leg["direction"] == "inbound" and leg["silent_since"]]
    now = stage.services.clock.now()
    for leg in callers:
        silent = now - leg["silent_since"]
        limit = IN_A_ROOM if silent > IN_A_ROOM and in_a_room(stage, leg["sid"]) else ELSEWHERE
        assert silent <= limit, f"{leg['who']} has heard nothing for {silent:.1f} s: {state_of(stage)}"


def in_a_room(stage: Stage, sid: str) -> bool:
    rooms = stage.call_control_api("GET", "/emulator/conferences")["conferences"]
    return any(one["sid"] == sid for room in rooms for one in room["participants"])


def nobody_is_left_behind(stage: Stage) -> None:
    """I1: ended with an outcome, or somebody must look at it."""
    owed = stage.services.store.read(due_index.list_scheduled())
    for contact in contacts(stage):
        if contact.state is ContactState.ENDED:
            assert contact.outcome is not Outcome.NONE
        else:
            assert contact.key in owed, f"nobody looks at {contact}"


def everyone_is_free(stage: Stage) -> bool:
    return not any(a.state in BUSY for a in stage.services.store.list_all(Agent))


def state_of(stage: Stage) -> str:
    """For whoever reads a failure."""
    store = stage.services.store
    told = [
        f"{c.state} {c.outcome} caller={c.conference.caller_location} agent={c.conference.agent_location} {c.disposition}"
        for c in contacts(stage)
    ]
    told += [f"{a.name} {a.state} {a.leg}" for a in store.list_all(Agent)]
    told += [f"{o.id} {o.kind} {o.state} {o.prompt.step} {o.result}" for o in store.list_all(AgentLeg)]
    told += [f"promise {p.kind} {p.state}" for p in store.list_all(Promise)]
    told += [
        f"{e['at'][11:19]} {e['kind']} {e.get('who') or ''} {e.get('words') or e.get('keys') or e.get('code') or e.get('message') or ''}"
        for e in stage.read_emulator_log()
        if e["kind"] not in ("webhook", "callback", "rest", "media")
    ][-60:]
    return "\n  ".join(["", *told])


# ---- people, by hand


def live_legs(stage: Stage, number: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stage.call_control_api("GET", "/emulator/legs?alive")["legs"]
    return [leg for leg in found if not number or number in (leg["from"], leg["to"])]


def act(stage: Stage, number: str, what: str, **body: str) -> None:
    """Whoever holds this phone does something now."""
    (leg,) = [x for x in live_legs(stage, number) if OUR_NUMBER in (x["from"], x["to"])]
    stage.call_control_api("POST", f"/emulator/legs/{leg['sid']}/{what}", body)


def hangs_up(stage: Stage, number: str) -> None:
    act(stage, number, "hang_up")


def presses(stage: Stage, number: str, keys: str) -> None:
    act(stage, number, "press", keys=keys)


def fault(stage: Stage, where: str, what: str, match: str = "", **more: Any) -> None:
    stage.call_control_api("POST", "/emulator/faults", {"where": where, "what": what, "match": match, **more})


# ---- what can be seen


def offers(stage: Stage) -> list[AgentLeg]:
    return sorted(stage.services.store.list_all(AgentLeg), key=lambda o: o.offer.made_at)


def agent(stage: Stage, name: str) -> Agent:
    return next(a for a in stage.services.store.list_all(Agent) if a.name == name)


def contact_is(*states: ContactState) -> Seen:
    return lambda stage: any(c.state in states for c in contacts(stage))


def offered(name: str, *states: LegState) -> Seen:
    """The latest offer to this agent has come to one of these."""

    def seen(stage: Stage) -> bool:
        made = [o for o in offers(stage) if o.agent == name.lower()]
        return bool(made) and made[-1].state in states

    return seen


def together(*numbers: str) -> Seen:
    """These phones, and no others, hear each other."""

    def seen(stage: Stage) -> bool:
        legs = {leg["sid"]: leg for leg in live_legs(stage)}
        wanted = {leg["sid"] for leg in legs.values() for n in numbers if n in (leg["from"], leg["to"])}
        return len(wanted) == len(numbers) and any(
            room["status"] == "in-progress" and {p["sid"] for p in room["participants"]} == wanted
            for room in stage.call_control_api("GET", "/emulator/conferences")["conferences"]
        )

    return seen


def talking(stage: Stage) -> bool:
    """Caller and agent have met."""
    return any(
        c.state is ContactState.TALKING
        and c.talked
        and c.conference.caller_location is PartyLocation.IN_CONFERENCE
        for c in contacts(stage)
    )


def hears(stage: Stage, number: str) -> Callable[[str], bool]:
    """Whether this phone has been heard_since something since now."""
    seen = len(stage.read_emulator_log())

    def heard_since(words: str) -> bool:
        names = {number} | {leg["who"] for leg in _legs(stage, number)}
        return any(
            words.lower() in e["words"].lower()
            for e in stage.read_emulator_log(seen)
            if e["kind"] == "said" and e["who"] in names
        )

    return heard_since


def _legs(stage: Stage, number: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stage.call_control_api("GET", "/emulator/legs")["legs"]
    return [leg for leg in found if number in (leg["from"], leg["to"])]


def was_told(stage: Stage, number: str, words: str) -> bool:
    """Whether this phone has heard these words from the line."""
    names = {number} | {leg["who"] for leg in _legs(stage, number)}
    return any(
        words.lower() in e["words"].lower()
        for e in stage.read_emulator_log()
        if e["kind"] == "said" and e["who"] in names
    )


def available(stage: Stage, *names: str) -> bool:
    return all(agent(stage, n).state is AgentState.AVAILABLE for n in names)
