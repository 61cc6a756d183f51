"""What the stories at the desk have in common."""

from __future__ import annotations

from ivr.cli.demo.stage import Stage
from ivr.domain.records.agent import AgentState
from ivr.domain.records.agent_leg import LegState
from ivr.usecases.desk import actions as desk_actions
from ivr.usecases.desk import view as desk_view
from ivr.usecases.desk.targets import Target, TargetKind
from tests.stories.people import (
    AT_DESK,
    DANIELLE,
    DIANE,
    LORI,
    VICKI,
    Script,
    contacts,
    pause,
)
from tests.stories.watch import (
    offered,
    offers,
    reach,
    together,
)

PATIENT: Script = [pause(3000)]


def someone(name: str) -> Target:
    return Target(kind=TargetKind.AGENT, name=name)


def asked(stage: Stage, name: str) -> str:
    """The offer that this agent is being asked with."""
    leg = next(o for o in offers(stage) if o.agent == name)
    return leg.id


def talking(stage: Stage, *others: str) -> None:
    """Lori and Diane talk; the others are free."""
    stage.add_agent("Diane", DIANE, AT_DESK)
    for name, phone in zip(others, (VICKI, DANIELLE), strict=False):
        stage.add_agent(name, phone, AT_DESK, supervisor=name == "Danielle")
        stage.set_agent_state(name, AgentState.AWAY)
    stage.call_line(LORI, PATIENT)
    reach(stage, offered("Diane", LegState.RINGING))
    desk_actions.accept(stage.services, "diane", asked(stage, "diane"))
    reach(stage, together(DIANE, LORI))
    reach(stage, lambda s: contacts(s)[0].talked, 10)  # and the record knows
    stage.set_agent_state("Diane", AgentState.AWAY)  # nobody after this one
    for name in others:
        stage.set_agent_state(name)


def shown(stage: Stage, who: str = "diane") -> desk_view.DeskView:
    found = desk_view.get_desk(stage.services, who)
    assert found is not None
    return found
