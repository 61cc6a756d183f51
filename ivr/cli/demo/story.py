"""Lori's story, as it is played: who does what when their telephone rings. People only; the line is the real one.

A suitcase did not arrive. She is promised a call and gets it; she calls again before the next one is due, and does not have to
say anything twice; she asks for a supervisor, and there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.promise import ENDED, Promise

LORI, REED, PARK = "+12025550155", "+12025550171", "+12025550172"
DANIELLE, OMAR, RUTH = "+12025550111", "+12025550112", "+12025550119"
NAMES = {
    LORI: "Lori",
    REED: "Mr. Reed",
    PARK: "Ms. Park",
    DANIELLE: "Danielle",
    OMAR: "Omar",
    RUTH: "Ruth",
}

NOTE = "Her suitcase is in the delivery van in Albany and should be with her within the hour"

Action = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Act:
    """`begin` sets people going; the act is over when `is_done`, or has failed after `timeout_seconds` of play."""

    title: str
    begin: Callable[[Stage], None]
    is_done: Callable[[Stage], bool]
    timeout_seconds: float = 1800.0


def listen(phrase: str, timeout_seconds: float = 120) -> Action:
    return {"do": "listen", "for": phrase, "within": timeout_seconds}


def press(keys: str) -> Action:
    return {"do": "press", "keys": keys}


def speak(words: str) -> Action:
    return {"do": "say", "words": words}


def pause(seconds: float) -> Action:
    return {"do": "pause", "seconds": seconds}


WAIT_UNTIL_BRIDGED: Action = {"do": "bridged", "within": 900}
HANG_UP: Action = {"do": "hang_up"}
ACCEPT_OFFER = [
    listen("to hear it", 900),
    press("1"),
    listen("Press 1 to take it"),
    press("1"),
    WAIT_UNTIL_BRIDGED,
]


HEAR_ALL_AND_ACCEPT = [
    *ACCEPT_OFFER[:3],
    press("3"),
    listen("Press 1 to take it"),
    listen("Press 1 to take it"),
    press("1"),
    WAIT_UNTIL_BRIDGED,
]
"""As above, but first the whole brief: the note to the word."""


def wrap_up(note: str, hours: str, *, disposition: str = "1") -> list[Action]:
    return [
        listen("How did it end", 1800),
        press(disposition),
        listen("Say what you understood"),
        speak(note),
        listen("I wrote"),
        press("1"),
        listen("how many hours"),
        press(hours + "#"),
    ]


def list_acts() -> Iterator[Act]:
    yield Act(title="Nobody is free", begin=_begin_nobody_free, is_done=_is_callback_promised)
    yield Act(title="The promise is kept", begin=_begin_callback, is_done=_is_called_back)
    yield Act(title="She calls again, and says nothing twice", begin=_begin_second_call, is_done=_is_all_over)


def _begin_nobody_free(stage: Stage) -> None:
    busy = [
        *ACCEPT_OFFER,
        speak("Tooty Air, this is Danielle."),
        *wrap_up("Rebooked to the morning flight", "0"),
    ]
    stage.add_agent("Danielle", DANIELLE, busy)
    stage.call_line(REED, [WAIT_UNTIL_BRIDGED, speak("I missed my connection."), pause(360), HANG_UP])
    stage.play(60, until=lambda: _is_anybody_talking(stage))
    stage.call_line(
        LORI,
        [
            listen("what is it about"),
            speak("My suitcase did not arrive in Albany."),
            listen("Press 1 and we call you"),
            press("1"),
            listen("goodbye"),
        ],
    )


def _begin_callback(stage: Stage) -> None:
    stage.set_phone(
        DANIELLE,
        name="Danielle",
        script=[
            *ACCEPT_OFFER,
            speak("Lori, this is Danielle of Tooty Air. I am so sorry about your suitcase."),
            pause(3),
            speak("It is in the delivery van now. I call you within the hour, whatever happens."),
            *wrap_up(NOTE, "1"),
            listen("customer's name", 30),
            speak("Lori Miller"),
        ],
    )
    stage.set_phone(
        LORI,
        name="Lori",
        script=[
            listen("We promised"),
            speak("Yes, this is she."),
            WAIT_UNTIL_BRIDGED,
            pause(9),
            speak("Thank you, Danielle."),
            pause(4),
            HANG_UP,
        ],
    )


def _begin_second_call(stage: Stage) -> None:
    stage.set_phone(
        DANIELLE,
        name="Danielle",
        script=[
            *ACCEPT_OFFER,
            speak("Tooty Air, this is Danielle."),
            *wrap_up("Wants a window seat; done", "0"),
            listen("customer's name", 30),
            speak("Jo Park"),
        ],
    )
    stage.call_line(PARK, [WAIT_UNTIL_BRIDGED, speak("I should like a window seat."), pause(240), HANG_UP])
    stage.play(60, until=lambda: _is_anybody_talking(stage))
    stage.add_agent(
        "Omar",
        OMAR,
        [
            *HEAR_ALL_AND_ACCEPT,
            speak(
                "Lori, this is Omar. I see it is in the van in Albany, and Danielle calls you within the hour."
            ),
            listen("supervisor"),
            press("*"),
            listen("Press 1 for a supervisor"),
            press("1"),
            WAIT_UNTIL_BRIDGED,
            speak("Ruth, Lori has waited all evening. She asks for you."),
            pause(4),
            press("*"),
            listen("Press 1 to introduce"),
            press("1"),
            WAIT_UNTIL_BRIDGED,
            speak("Lori, this is Ruth, my supervisor."),
            pause(3),
            HANG_UP,
        ],
    )
    stage.add_agent(
        "Ruth",
        RUTH,
        [
            *ACCEPT_OFFER,
            pause(14),
            speak("Lori, this is Ruth. The driver rings you in ten minutes, and I stay until he has."),
            pause(8),
            press("*"),
            listen("if you are done"),
            press("5"),
            listen("one sentence what happens next"),
            speak("The driver rings you within ten minutes, and I stay until he has"),
            listen("how many hours"),
            press("0#"),
            listen("How did it end"),
            press("1"),
            listen("Say what you understood"),
            speak("Apologised; driver sent to her door"),
            listen("I wrote"),
            press("1"),
        ],
        supervisor=True,
    )
    stage.call_line(
        LORI,
        [
            listen("If it is about that, press 1"),
            press("1"),
            WAIT_UNTIL_BRIDGED,
            pause(6),
            speak("He is not here. I would like a supervisor, please."),
            listen("driver rings you in ten minutes", 180),
            speak("Thank you."),
            listen("anything else", 180),
            listen("How was it"),
            press("5"),
            listen("goodbye"),
        ],
    )


def _list_contacts_of(stage: Stage, number: str) -> list[Contact]:
    return [c for c in stage.services.store.list_all(Contact) if c.caller.number == number]


def _is_anybody_talking(stage: Stage) -> bool:
    return any(c.state is ContactState.TALKING and c.talked for c in stage.services.store.list_all(Contact))


def _is_callback_promised(stage: Stage) -> bool:
    mine = _list_contacts_of(stage, LORI)
    return bool(mine) and mine[0].state is ContactState.ENDED and bool(mine[0].promise)


def _is_called_back(stage: Stage) -> bool:
    return all(
        c.state is ContactState.ENDED for c in stage.services.store.list_all(Contact)
    ) and _are_agents_available(stage)


def _are_agents_available(stage: Stage) -> bool:
    from ivr.domain.records.agent import Agent

    return all(a.state is AgentState.AVAILABLE for a in stage.services.store.list_all(Agent))


def _is_all_over(stage: Stage) -> bool:
    """Everybody has hung up, and nothing is owed any more."""
    kept = all(p.state in ENDED for p in stage.services.store.list_all(Promise))
    return len(_list_contacts_of(stage, LORI)) == 2 and _is_called_back(stage) and kept
