"""The question that an agent's menu is at: said, and moved on."""

from __future__ import annotations

from ivr.domain.records.agent_leg import AgentLeg, LegStep
from ivr.flow.turn import Listen, Prompt
from ivr.services import Services
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


def prompt(services: Services, leg: AgentLeg, *says: Prompt) -> Reply:
    """The menu this leg is at."""
    language = conference.language_for_leg(services, leg)
    prompt = phrase(services, language, f"agent.{leg.prompt.step or LegStep.MENU}")
    listen = LISTEN_BY_STEP.get(leg.prompt.step, KEY)
    return Reply(
        prompts=(*says, prompt),
        verb=GatherInput(listen=listen, action_url=services.urls.agent(leg.id, leg.prompt.turn)),
    )


def go_to_step(services: Services, leg: AgentLeg, step: LegStep, *says: Prompt) -> Reply:
    change = services.store.begin()
    new = change.put(
        leg,
        leg.open_menu(step).mark_redirected(),
    )
    change.schedule(new, change.now + conference.CHECK_SECONDS)
    if not services.store.commit(change):
        return conference.ask_again(services, leg)
    return prompt(services, new, *says)
