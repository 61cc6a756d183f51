"""The customer changes what was promised: on the page while her phone rings, and by a clock that is not ours."""

from __future__ import annotations

import re
from urllib.parse import urlencode
from urllib.request import urlopen

from ivr.cli.demo.stage import Stage
from ivr.domain.records.promise import PromiseState
from tests.stories.callbacks.owed import (
    KEEPS_IT,
    PICKS_UP,
    calls_to,
    clock,
    free,
    holds,
    over,
    promised,
    rung,
    skip_to,
    the_promise,
    until,
)
from tests.stories.people import DIANE, LORI, Script, heard_by, listen, pause, press, promises, texts_to

IDAHO = "+12085550123"  # Boise keeps Mountain Time, the north of the state Pacific Time


def link(stage: Stage, number: str = LORI) -> str:
    return str(re.findall(r"http://\S+/p/\S+", " ".join(texts_to(stage, number)))[-1])


def page(where: str, **form: str) -> str:
    with urlopen(where, urlencode(form).encode() if form else None) as answer:  # noqa: S310 - our own
        return str(answer.read().decode())


def test_moved_on_the_page_while_her_phone_rings_it_stops_the_agent_is_free_and_the_new_time_is_kept(
    stage: Stage,
) -> None:
    promised(stage)
    stage.set_phone(LORI, name="Lori", answers=False)
    stage.add_agent("Diane", DIANE, KEEPS_IT)
    until(stage, 60, PromiseState.DIALING)
    stage.play(5)
    told = page(link(stage))
    assert "We are about to ring you" in told
    window = re.findall(r'name="window" value="([^"]+)"', told)[2]
    assert "Good, it is changed" in page(link(stage), do="move", window=window)
    assert stage.play(10, until=lambda: calls_to(stage, LORI)[0][2] != "alive" and free(stage, "diane"))
    stage.play(10)
    assert any("changed it" in words for words in heard_by(stage, DIANE))
    moved = the_promise(stage)
    assert (moved.state, f"{moved.not_before:.0f}-{moved.due_by:.0f}") == (PromiseState.MADE, window)
    stage.set_phone(LORI, name="Lori", script=PICKS_UP)
    skip_to(stage, moved.not_before - 1)
    assert rung(stage) == 1
    until(stage, 300, PromiseState.KEPT)
    assert "We have talked" in page(link(stage))
    holds(stage)


def test_where_her_clock_is_in_doubt_the_zone_is_named_and_every_clock_she_may_have_is_awake(
    running: Stage,
) -> None:
    running.reset(1795460400.0 - 5 * 3600)  # nine in New York, six or seven in Idaho
    script: Script = [
        listen("Press 2 to choose a time", 120),
        press("2"),
        listen(": press 1", 60),
        press("1"),
        listen("one sentence"),
        pause(12),
    ]
    sid = running.call_line(IDAHO, script)
    assert running.play(240, until=lambda: over(running, sid))
    (promise,) = promises(running)
    assert clock(running, promise.not_before).hour == 11  # eight on the Pacific coast
    heard = " ".join(heard_by(running, IDAHO))
    assert "between eleven and noon" in heard.lower()
    assert "Eastern Time" in heard
    (text,) = texts_to(running, IDAHO)
    assert "by noon, Eastern Time" in text.replace("12:00 pm", "noon")
    assert "Times are in Eastern Time" in page(link(running, IDAHO))
