"""Short plays with one customer, in which one thing is broken: a promise from the call to its end, and callers in every stage."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from ivr.cli.demo.stage import OUR_NUMBER
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import AgentLeg, LegState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import PartyLocation
from ivr.domain.records.promise import Promise, PromiseState
from ivr.usecases.staff import roster
from tests.endurance.chaos import cast, still_open
from tests.endurance.chaos.house import AWAY, House
from tests.stories.people import BRIDGED, DIANE, HANG_UP, LORI, VICKI, Script, listen, pause, press

HOURS = 4 * 3600.0
BROKEN = 900.0  # seconds; then whatever is still out of order is mended
Seen = Callable[[House], bool]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """`begin` sets the people up and plays to where it becomes interesting; `seen` says that it has come there.

    `then`: what people do half a minute after it was broken.
    """

    name: str
    begin: Callable[[House], None]
    seen: Seen = lambda _: True
    then: Callable[[House], None] = lambda _: None


def at_work(house: House) -> None:
    """Whoever was set away, because their phone rang out, is back."""
    try:
        for agent in roster.list_agents(house.services):
            if agent.state is AgentState.AWAY:
                roster.set_state(house.services, agent.name, AgentState.AVAILABLE)
    except AWAY:
        return  # the next time, when the record is there


def to_the_end(house: House) -> bool:
    """Whether everything that was begun came to its end."""
    mended, over = house.time + BROKEN, house.time + HOURS
    while house.time < over:
        if house.pass_time(60, until=lambda: still_open.all_done(house)):
            return True
        at_work(house)
        if house.time >= mended:
            house.go_on()
    return False


# ---- a promise


def promised(house: House, *, after: float = 8.0, calls_per_second: float = 100.0) -> None:
    """She rings while nobody is there, would rather be called, and then there is somebody."""
    draw = random.Random(7)
    house.set_phone(LORI, name="Lori", script=cast.picks_up(draw), after=after)
    house.call_line(LORI, cast.waits(draw))
    house.pass_time(120)
    house.call_control_api("PUT", "/emulator/settings", {"cps": calls_per_second})
    for name, number in (("Diane", DIANE), cast.BOSS):
        house.add_agent(name, number, cast.keeps_it(draw), supervisor=name != "Diane")


def queued_at_twilio(house: House) -> None:
    """The account may start few calls: hers stands in Twilio's own queue for longer than we wait before looking."""
    promised(house, calls_per_second=0.01)
    long = [listen("press 1 or say yes"), press("1"), BRIDGED, pause(200), HANG_UP]
    house.set_phone(LORI, name="Lori", script=long, after=8.0)
    house.pass_time(60, until=lambda: _promise_is(house, PromiseState.RINGING))
    _fault(house, "rest", "lose_response", "Calls.json$")
    _fault(house, "callback", "drop", "callback-status", times=-1)
    house.pass_time(200)
    house.call_control_api("PUT", "/emulator/settings", {"cps": 100})


def nobody_tells(house: House) -> None:
    """Twilio takes the call, the answer is lost, and so is whatever it tells of the call until it is answered."""
    promised(house, after=15.0)
    house.pass_time(60, until=lambda: _promise_is(house, PromiseState.RINGING))
    house.pass_time(1)
    _fault(house, "rest", "lose_response", "Calls.json$")
    _fault(house, "callback", "drop", "callback-status", times=-1)
    house.pass_time(60)


def _fault(house: House, where: str, what: str, match: str, times: int = 1) -> None:
    fault = {"where": where, "what": what, "match": match, "times": times}
    house.call_control_api("POST", "/emulator/faults", fault)


def says_no(house: House) -> None:
    """She texts NO while her phone rings, and it cannot be made to stop."""
    promised(house, after=15.0)
    house.pass_time(90, until=lambda: _promise_is(house, PromiseState.DIALING))
    house.pass_time(3)
    _fault(house, "rest", "error", "/Calls/CA", times=-1)
    house.call_control_api("POST", "/emulator/texts", {"from": LORI, "to": OUR_NUMBER, "body": "NO"})
    house.pass_time(30)


def _promise_is(house: House, state: PromiseState) -> bool:
    return any(p.state is state for p in house.services.store.list_all(Promise))


PROMISED = Scene(name="a promise is made and kept", begin=promised)
QUEUED = Scene(name="her call is queued at Twilio", begin=queued_at_twilio)
UNTOLD = Scene(name="nobody tells of her call", begin=nobody_tells)
SAYS_NO = Scene(name="she says NO while her phone rings", begin=says_no)


# ---- callers on the line


def caller(house: House, *, key: str = "", agents: bool = True, star: bool = False) -> None:
    """Lori rings; Diane answers her, Vicki would be next, and there is a supervisor for whatever goes wrong."""
    draw = random.Random(11)
    keeps = cast.keeps_it(draw)
    if agents:
        taken = [listen("to hear it"), press("1"), listen("1 to take it"), press("1"), BRIDGED]
        held = [pause(5), press("*"), listen("5 if you are done"), *_then(key)]
        house.add_agent("Diane", DIANE, [*taken, *held, pause(300), HANG_UP] if star else keeps)
        house.add_agent("Vicki", VICKI, keeps)
        house.add_agent(*cast.BOSS, keeps, supervisor=True)
        house.set_agent_state(cast.BOSS[0], AgentState.AWAY)  # back in a minute
    talk = [{**BRIDGED, "within": 400, "else": [pause(60), HANG_UP]}, pause(50), HANG_UP]
    house.set_phone(LORI, name="Lori", script=cast.picks_up(draw))
    house.call_line(LORI, talk)


def somebody_comes(house: House) -> None:
    """To work, for whoever has been waiting."""
    house.add_agent("Diane", DIANE, cast.keeps_it(random.Random(3)))
    house.add_agent(*cast.BOSS, cast.keeps_it(random.Random(4)), supervisor=True)


def _then(keys: str) -> Script:
    return [press("2"), listen("extension"), press(keys)] if keys else []


def _contact(house: House, *states: ContactState) -> bool:
    return any(c.state in states for c in house.services.store.list_all(Contact))


def _talking(house: House) -> bool:
    return any(
        c.state is ContactState.TALKING
        and c.talked
        and c.conference.caller_location is PartyLocation.IN_CONFERENCE
        for c in house.services.store.list_all(Contact)
    )


def _offered(house: House, *states: LegState) -> bool:
    return any(o.state in states for o in house.services.store.list_all(AgentLeg))


LIVE = (
    Scene(name="menu", begin=caller, seen=lambda h: _contact(h, ContactState.FLOW)),
    Scene(
        name="waiting",
        begin=lambda h: caller(h, agents=False),
        seen=lambda h: _contact(h, ContactState.WAITING),
        then=somebody_comes,
    ),
    Scene(name="being offered", begin=caller, seen=lambda h: _offered(h, LegState.BRIEFING)),
    Scene(name="talking", begin=caller, seen=_talking),
    Scene(
        name="on hold",
        begin=lambda h: caller(h, star=True),
        seen=lambda h: _contact(h, ContactState.ON_HOLD),
    ),
    Scene(
        name="consulting",
        begin=lambda h: caller(h, star=True, key="102#"),
        seen=lambda h: _contact(h, ContactState.ON_HOLD) and _offered(h, LegState.BRIEFING),
    ),
)
