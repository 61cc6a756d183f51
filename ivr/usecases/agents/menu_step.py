"""The question that an agent's menu is at: said, and moved on."""

from __future__ import annotations

from ivr.domain.records.agent_leg import LegStep
from ivr.flow.turn import Listen, Prompt
from ivr.services import Services
from ivr.store.queries.leg_view import LegView
from ivr.telephony.reply import GatherInput, Reply
from ivr.usecases.conferences import conference
from ivr.usecases.phrases import phrase

KEY = Listen(max_digits=1, seconds=8, speech=False)
EXTENSION = Listen(max_digits=4, finish_key="#", seconds=6, speech=False)
HOURS = Listen(max_digits=3, finish_key="#", seconds=8, speech=False)
SENTENCE = Listen(max_digits=1, seconds=8, speech=True)
LISTEN_BY_STEP = {
    LegStep.EXTENSION: EXTENSION,
    LegStep.NEXT_STEPS: SENTENCE,
    LegStep.FOLLOW_UP: HOURS,
}


def prompt(services: Services, view: LegView, *says: Prompt) -> Reply:
    """The menu this leg is at."""
    step, turn = view.leg.prompt.step or LegStep.MENU, view.leg.prompt.turn
    return Reply(
        prompts=(*says, phrase(services, view.language, f"agent.{step}")),
        verb=GatherInput(
            listen=LISTEN_BY_STEP.get(step, KEY), action_url=services.urls.agent(view.leg.id, turn)
        ),
    )


def go_to_step(services: Services, view: LegView, step: LegStep, *says: Prompt) -> Reply:
    """Ask this next. `says`: before the question."""
    change = services.store.begin(view.records)
    asked = change.put(view.leg, view.leg.open_menu(step).mark_redirected())
    change.schedule(asked, change.now + conference.CHECK_SECONDS)
    if not services.store.commit(change):
        return conference.ask_again(services, view.leg)
    return prompt(services, view.with_leg(asked), *says)
