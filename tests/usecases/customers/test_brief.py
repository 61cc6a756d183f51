"""The brief an agent hears and the brief as data are the same sentences in the same order."""

from __future__ import annotations

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent_leg import AgentLeg
from ivr.usecases.customers import brief as customer_brief
from ivr.usecases.customers import profile as customer_profile
from tests.known_leg import known_leg
from tests.stories.people import BRIDGED, DIANE, HANG_UP, LORI, listen, pause, press, speak

REASON = "My suitcase did not arrive in Albany"


def test_the_brief_by_ear_is_the_brief_as_json(stage: Stage) -> None:
    customer_profile.set_name(stage.services, LORI, "Lori Miller")
    customer_profile.edit_needs(stage.services, LORI, "cannot fax", author="Diane")
    stage.call_line(LORI, [listen("what is it about"), speak(REASON), BRIDGED, pause(5), HANG_UP])
    stage.play(40)
    knock = [listen("to hear it"), press("1"), listen("Press 1 to take it"), press("3"), pause(60), HANG_UP]
    stage.add_agent("Diane", DIANE, knock)
    assert stage.play(30, until=lambda: bool(stage.services.store.list_all(AgentLeg)))
    stage.play(5)
    (leg,) = stage.services.store.list_all(AgentLeg)
    told = customer_brief.render_brief(stage.services, known_leg(stage.services, leg.id))
    stage.play(60)
    said = [e["words"] for e in stage.read_emulator_log() if e["kind"] == "said" and e["who"] == "Diane"]
    spoken = " ".join(said)
    sentences = [*told.data["before"], *told.data["after"]]
    timeless = [s for s in sentences if "waited" not in s]
    assert any("Lori Miller" in s for s in timeless)
    assert any(REASON in s for s in timeless)
    assert any("cannot fax" in s for s in timeless)
    places = [spoken.index(sentence) for sentence in timeless]
    assert places == sorted(places), (timeless, spoken)


def test_nothing_about_the_customer_is_said_into_an_agents_phone_before_a_key(stage: Stage) -> None:
    customer_profile.set_name(stage.services, LORI, "Lori Miller")
    stage.add_agent("Diane", DIANE, [pause(120)])
    stage.call_line(LORI, [listen("what is it about", 10), speak(REASON), pause(90), HANG_UP])
    stage.play(60)
    said = " ".join(
        e["words"] for e in stage.read_emulator_log() if e["kind"] == "said" and e["who"] == "Diane"
    )
    assert "Press 1 to hear it" in said
    for private in ("Lori", "Miller", "suitcase", "1 5 5", "155"):
        assert private not in said
