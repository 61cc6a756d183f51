"""An agent is asked: rung, briefed, accepts, passes, or does not answer. Nobody is connected who has not said yes (I6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import AgentLeg, LegKind, LegResult, LegState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.promise import Promise
from ivr.domain.speech import spoken_text
from ivr.flow.turn import FlowInput, FlowInputKind, Listen, Prompt
from ivr.services import Services
from ivr.telephony.reply import GatherInput, HangUp, Redirect, Reply
from ivr.usecases.agents import consulting, monitoring, persistent_leg, third_party_call, wrapup
from ivr.usecases.agents.dial_agent import load_agent
from ivr.usecases.agents.offer_end import end_offer
from ivr.usecases.callbacks import connect as callback_connect
from ivr.usecases.conferences import conference, leg_commands
from ivr.usecases.customers import brief as customer_brief
from ivr.usecases.phrases import phrase
from ivr.usecases.promises import escalation

BRIEFING_SECONDS = 60.0  # seconds for hearing the brief; then the next person is asked
MAX_BRIEFING_SECONDS = 180.0  # seconds since the phone was rung, for whoever asks to hear all of it
MAX_SCREENING_PROMPTS = 3  # times "press 1 to hear it" is said: a voicemail listens too
MAX_BRIEF_REPEATS = 2

KEY = Listen(max_digits=1, seconds=4, speech=False)


def on_input(services: Services, leg: AgentLeg, sid: str, heard: FlowInput) -> Reply:
    """The agent's leg before they are in the conference: picked up, screened, briefed, asked."""
    if leg.state in (LegState.MADE, LegState.RINGING):
        return _on_pickup(services, leg, sid)
    key = heard.value if heard.kind is FlowInputKind.KEYS else ""
    if not leg.person_confirmed:
        return _on_screening_key(services, leg, key)
    answer: Callable[[Services, AgentLeg], Reply] = _KEY_ACTIONS.get(key, _on_no_key)
    return answer(services, leg)


def _on_pickup(services: Services, leg: AgentLeg, sid: str) -> Reply:
    change = services.store.begin()
    briefing = change.put(
        leg,
        leg.pick_up(call=sid, reserved_until=change.now + BRIEFING_SECONDS),
    )
    change.index_leg(sid, briefing)
    change.schedule(briefing, briefing.offer.reserved_until)
    if not services.store.commit(change):
        return Reply(verb=Redirect(url=services.urls.agent(leg.id, 0)))
    if briefing.in_browser:  # a click answered, so a person: no voicemail is to be told apart
        return (
            accept(services, briefing)
            if briefing.offer.pre_accepted
            else _on_screening_key(services, briefing, "1")
        )
    return _listen_for_key(services, briefing, (_screening_prompt(services, briefing),))


def _screening_prompt(services: Services, leg: AgentLeg) -> Prompt:
    agent = load_agent(services, leg)
    language = agent.languages[0]
    queue = customer_brief.get_spoken_queue_name(services, leg)
    if leg.consult.external_number:
        return phrase(services, language, "agent.knock_outside", agent=_requester_name(services, leg))
    if (
        leg.offer.pre_accepted
    ):  # they have read the brief; a voicemail that picks up instead of them presses nothing
        return phrase(services, language, "agent.knock_accepted")
    match leg.kind:
        case LegKind.DISPOSITION:
            return phrase(services, language, "agent.knock_word")
        case LegKind.THIRD_PARTY:
            return phrase(
                services,
                language,
                "agent.knock_third",
                number=spoken_text.phone_number(leg.third_party.number, language),
            )
        case LegKind.PERSISTENT:
            return phrase(services, language, "agent.knock_stay")
        case LegKind.MONITOR:
            return phrase(services, language, "agent.knock_listen")
        case LegKind.PROMISE:
            return phrase(services, language, "agent.knock_callback", queue=queue)
        case LegKind.CONSULT:
            return phrase(
                services, language, "agent.knock_transfer", agent=_requester_name(services, leg), queue=queue
            )
    return phrase(services, language, "agent.knock", queue=queue)


def _requester_name(services: Services, leg: AgentLeg) -> str:
    """Who asks for them."""
    colleague = services.store.get(AgentLeg, leg.consult.asked_by_leg)
    return load_agent(services, colleague).name if colleague else ""


def _on_screening_key(services: Services, leg: AgentLeg, key: str) -> Reply:
    if key == "1" and (
        leg.consult.external_number or leg.offer.pre_accepted
    ):  # not for them, or read at the desk
        return accept(services, leg)
    if key == "1" and leg.kind is LegKind.MONITOR:
        return monitoring.on_enter(services, leg)
    if key == "1" and leg.kind is LegKind.THIRD_PARTY:
        return third_party_call.on_enter(services, leg)
    if key == "1" and leg.kind is LegKind.PERSISTENT:
        return persistent_leg.on_enter(services, leg)
    if key == "1" and leg.kind is LegKind.DISPOSITION:
        return wrapup.begin(services, leg)
    if key == "1":
        return _prompt_brief(services, _advance_turn(services, leg, confirmed=True), in_full=False)
    if leg.prompt.tries + 1 >= MAX_SCREENING_PROMPTS:
        end_offer(services, leg, LegResult.UNANSWERED, "no key: perhaps a voicemail")
        return Reply(verb=HangUp())
    again = _advance_turn(services, leg, tries=leg.prompt.tries + 1)
    return _listen_for_key(services, again, (_screening_prompt(services, again),))


def _prompt_brief(services: Services, leg: AgentLeg, *, in_full: bool) -> Reply:
    agent = load_agent(services, leg)
    told = customer_brief.render_brief(services, leg, agent)
    first, rest = told.spoken
    language = agent.languages[0]
    choices = phrase(services, language, _choices_phrase_key(services, leg))
    says = [customer_brief.prompt_from_text(first, language), choices]
    if in_full and rest:
        says = [*says, customer_brief.prompt_from_text(rest, language), choices]
    return _listen_for_key(services, leg, tuple(says))


def _choices_phrase_key(services: Services, leg: AgentLeg) -> str:
    """What no telephone of ours will ring is not accepted by mistake: who takes it hears that it is in their hands then."""
    promise = services.store.get(Promise, leg.promise) if leg.kind is LegKind.PROMISE else None
    by_hand = {
        escalation.UNUSABLE_NUMBER: "agent.choices_unusable",
        escalation.DO_NOT_CALL: "agent.choices_no_calls",
    }
    return by_hand.get(promise.why if promise else "", "agent.choices")


def _on_no_key(services: Services, leg: AgentLeg) -> Reply:
    if leg.prompt.tries >= MAX_BRIEF_REPEATS:
        end_offer(services, leg, LegResult.UNANSWERED, "no answer to the brief")
        return Reply(verb=HangUp())
    return _prompt_brief(services, _advance_turn(services, leg, tries=leg.prompt.tries + 1), in_full=True)


def _repeat_in_full(services: Services, leg: AgentLeg) -> Reply:
    """All of it, a policy too, takes longer than the brief; who asks for it is there, and has the time to hear it."""
    return _prompt_brief(
        services,
        _advance_turn(services, leg, max_seconds=MAX_BRIEFING_SECONDS),
        in_full=True,
    )


def _decline(services: Services, leg: AgentLeg) -> Reply:
    agent = load_agent(services, leg)
    end_offer(services, leg, LegResult.DECLINED, "passed")
    return Reply(prompts=(phrase(services, agent.languages[0], "agent.declined"),), verb=HangUp())


def accept(services: Services, leg: AgentLeg) -> Reply:
    """They say yes: into the conference, if whoever it is about is still there."""
    if leg.kind is LegKind.PROMISE:
        return callback_connect.accept_callback(services, leg)
    if leg.kind is LegKind.CONSULT:
        return consulting.accept_consult(services, leg)
    for change in services.store.transact():
        if change.is_retry:
            leg = leg_commands.reload(services, leg)
        contact = services.store.get(Contact, leg.contact)
        agent = services.store.get(Agent, leg.agent)
        claimable = (ContactState.WAITING, ContactState.FLOW)
        if contact is None or agent is None or contact.leg != leg.id or contact.state not in claimable:
            return conference.tell_caller_gone(services, leg)
        claimed = conference.claim(contact, leg, change)
        engaged = conference.engage(leg, agent, claimed, change)
    return conference.build_agent_reply(services, engaged, claimed)


_KEY_ACTIONS: dict[str, Callable[[Services, AgentLeg], Reply]] = {
    "1": accept,
    "2": _decline,
    "3": _repeat_in_full,
}


def prompt(services: Services, leg: AgentLeg) -> Reply:
    """The question this leg is at, said again."""
    if leg.state is not LegState.BRIEFING:
        return Reply(verb=Redirect(url=services.urls.agent(leg.id, leg.prompt.turn), pause_seconds=1))
    if leg.persistent_leg and leg.offer.pre_accepted:  # said at the desk, before the leg was asked to come
        return accept(services, leg)
    if leg.persistent_leg and leg.kind in (LegKind.MONITOR, LegKind.DISPOSITION, LegKind.THIRD_PARTY):
        return _on_screening_key(services, leg, "1")  # they are on the line, so there is nothing to pick up
    return (
        _prompt_brief(services, leg, in_full=False)
        if leg.person_confirmed
        else _listen_for_key(services, leg, (_screening_prompt(services, leg),))
    )


def _advance_turn(
    services: Services, leg: AgentLeg, *, tries: int = 0, confirmed: bool = False, max_seconds: float = 0.0
) -> AgentLeg:
    """The leg has come one prompt further. `tries`: times that the same was asked before. `max_seconds`: seconds since it was rung, up to which it gets a fresh lease."""
    change = services.store.begin()
    new = change.put(
        leg,
        replace(
            leg,
            person_confirmed=leg.person_confirmed or confirmed,
            prompt=replace(leg.prompt, turn=leg.prompt.turn + 1, tries=tries),
            offer=replace(
                leg.offer,
                reserved_until=max(
                    leg.offer.reserved_until,
                    min(change.now + BRIEFING_SECONDS, leg.offer.intent_at + max_seconds),
                ),
            ),
        ),
    )
    if new.offer.reserved_until > leg.offer.reserved_until:
        change.schedule(new, new.offer.reserved_until)
    return new if services.store.commit(change) else (services.store.get(AgentLeg, leg.id) or leg)


def _listen_for_key(services: Services, leg: AgentLeg, says: tuple[Prompt, ...]) -> Reply:
    return Reply(
        prompts=says, verb=GatherInput(listen=KEY, action_url=services.urls.agent(leg.id, leg.prompt.turn))
    )
