"""A flow may ask how it was: a poor answer is put right by a promise, and the words are kept for a person to read."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.cli.demo.stage import Stage
from ivr.domain.actor import Actor, Channel
from ivr.domain.records.agent import AgentState
from ivr.flow.loader.library import read_flow_files
from ivr.usecases.flows import publish
from tests.stories.people import DIANE, LORI, TAKES_IT, contacts, listen, pause, press, promises, speak
from tests.stories.watch import reach, was_told

NORA = Actor(id="nora", channel=Channel.TERMINAL)


@pytest.fixture
def asks(stage: Stage) -> Stage:
    """Key 1 leads to the question how it was, and from there to support."""
    files = read_flow_files(Path("flows"))
    main = files["main.yaml"].replace(
        "bookings: {queue: bookings}", "bookings: {survey: visit, next: support}"
    )
    main = main.replace("max_seconds: 45 ", "max_keys: 5\nmax_seconds: 90 ")
    asked = {
        f"prompts/{language}.yaml": files[f"prompts/{language}.yaml"]
        + '\nvisit: "How was your visit, from 1 to 5?"\n'
        for language in ("en", "es")
    }
    draft = publish.PublishRequest(files={**files, **asked, "main.yaml": main}, base_version="")
    publish.publish_flows(stage.services, draft, "how was your visit", NORA)
    stage.add_agent("Diane", DIANE, TAKES_IT)
    stage.set_agent_state("Diane", AgentState.AWAY)
    return stage


def test_a_poor_visit_is_put_right_and_why_is_kept(asks: Stage) -> None:
    say = [listen("For bookings"), press("1"), listen("In one sentence"), speak("my foot")]
    asks.call_line(
        LORI,
        [*say, listen("How was your visit"), press("2"), listen("why"), speak("I waited long"), pause(3000)],
    )
    reach(asks, lambda s: was_told(s, LORI, "A supervisor will ring you"), 60)
    (contact,) = contacts(asks)
    assert (contact.after_call.rating, contact.after_call.comment) == (2, "I waited long")
    assert [p.needs_supervisor for p in promises(asks)] == [True]


def test_a_good_one_is_thanked_for(asks: Stage) -> None:
    say = [listen("For bookings"), press("1"), listen("In one sentence"), speak("my foot")]
    asks.call_line(
        LORI,
        [
            *say,
            listen("How was your visit"),
            press("9"),
            listen("How was your visit"),
            press("5"),
            pause(3000),
        ],
    )
    reach(asks, lambda s: was_told(s, LORI, "Thank you, that helps"), 60)
    assert contacts(asks)[0].after_call.rating == 5
    assert not promises(asks)
