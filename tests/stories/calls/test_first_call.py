from __future__ import annotations

from ivr.cli.demo.stage import Stage
from ivr.domain.records.contact import Outcome
from tests.stories.people import BRIDGED, DIANE, HANG_UP, LORI, TAKES_IT, all_ended, contacts, pause, wraps_up


def test_a_caller_reaches_a_briefed_person_and_the_agents_word_ends_the_contact(stage: Stage) -> None:
    stage.add_agent("Diane", DIANE, [*TAKES_IT, *wraps_up("Her suitcase is in the van")])
    stage.call_line(LORI, [BRIDGED, pause(20), HANG_UP])
    assert stage.play(300, until=lambda: all_ended(stage))
    (contact,) = contacts(stage)
    assert contact.outcome is Outcome.HELPED
