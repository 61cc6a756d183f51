"""The question that an agent's menu is at: said, and moved on."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.records.agent_leg import AgentLeg, LegState
from ivr.flow.turn import Listen, Prompt
from ivr.services import Services
from ivr.store.change import Change
from ivr.telephony.reply import GatherInput, Reply
from ivr.usecases.conferences import conference
from ivr.usecases.phrases import phrase

KEY = Listen(max_digits=1, seconds=8, speech=False)
EXTENSION = Listen(max_digits=4, finish_key="#", seconds=6, speech=False)
HOURS = Listen(max_digits=3, finish_key="#", seconds=8, speech=False)
SENTENCE = Listen(max_digits=1, seconds=8, speech=True)
LISTEN_BY_STEP = {"extension": EXTENSION, "next_steps": SENTENCE, "owe_call": HOURS}


def prompt(services: Services, leg: AgentLeg, *says: Prompt) -> Reply:
    """The menu this leg is at."""
    language = conference.language_for_leg(services, leg)
    prompt = phrase(services, language, f"agent.{leg.step or 'menu'}")
    listen = LISTEN_BY_STEP.get(leg.step, KEY)
    return Reply(
        prompts=(*says, prompt),
        verb=GatherInput(listen=listen, action_url=services.urls.agent(leg.id, leg.turn)),
    )


def go_to_step(services: Services, leg: AgentLeg, step: str, *says: Prompt) -> Reply:
    change = Change(now=services.clock.now())
    new = change.put(
        leg,
        replace(
            leg,
            state=LegState.MENU,
            step=step,
            turn=leg.turn + 1,
            redirect_pending=False,
            redirected_at=0.0,
            tries=0,
        ),
    )
    change.schedule(new, change.now + conference.CHECK_SECONDS)
    if not services.store.commit(change):
        return conference.ask_again(services, leg)
    return prompt(services, new, *says)
