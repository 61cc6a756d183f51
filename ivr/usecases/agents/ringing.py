"""An agent is asked: rung, briefed, accepts, passes, or does not answer. Nobody is connected who has not said yes (I6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ivr.domain.errors import TelephonyError, TryLater, Unclear
from ivr.domain.records import agent as agents
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import BEFORE_ACCEPT, AgentLeg, LegKind, LegResult, LegState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.promise import Promise, PromiseState
from ivr.domain.speech import spoken_text
from ivr.flow.turn import FlowInput, FlowInputKind, Listen, Prompt
from ivr.services import Services
from ivr.store.change import Change
from ivr.telephony.reply import GatherInput, HangUp, Redirect, Reply
from ivr.usecases.agents import consulting, monitoring, persistent_leg, third_party_call, wrapup
from ivr.usecases.callbacks import connect as callback_connect
from ivr.usecases.conferences import conference, leg_commands
from ivr.usecases.customers import brief as customer_brief
from ivr.usecases.dialing import call_rate
from ivr.usecases.phrases import phrase
from ivr.usecases.promises import escalation
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.queueing import membership

LEASE_MARGIN_SECONDS = 10.0  # seconds beyond the ringing
BRIEFING_SECONDS = 60.0  # seconds for hearing the brief; then the next person is asked
MAX_BRIEFING_SECONDS = 180.0  # seconds since the phone was rung, for whoever asks to hear all of it
MAX_SCREENING_PROMPTS = 3  # times "press 1 to hear it" is said: a voicemail listens too
MAX_BRIEF_REPEATS = 2

KEY = Listen(max_digits=1, seconds=4, speech=False)


def call_agent(services: Services, leg: AgentLeg) -> None:
    """Make the agent's phone ring. The intent is on disk before the POST; after an unclear answer the lease decides."""
    now = services.clock.now()
    agent = services.store.get(Agent, leg.agent) if not leg.external_number else _load_agent(services, leg)
    if agent is None or (agent.leg != leg.id and not leg.external_number):
        end_offer(services, leg, LegResult.CANCELLED, "agent is elsewhere")
        return
    if agent.persistent_leg and persistent_leg.lend(services, leg, agent):
        return
    wait = call_rate.reserve_start(services, for_caller=leg.kind is not LegKind.PROMISE, now=now)
    if wait > 0:
        _reschedule(services, leg, now + wait)
        return
    change = Change(now=now)
    ringing = change.put(
        leg,
        replace(
            leg,
            state=LegState.RINGING,
            intent_at=now,
            in_browser=agent.address.startswith("client:"),
            reserved_until=now + services.settings.ring_seconds + LEASE_MARGIN_SECONDS,
        ),
    )
    change.schedule(ringing, ringing.reserved_until)
    if not services.store.commit(change):
        return
    try:
        sid = services.telephony.create_call(
            to=agent.address,
            from_=services.settings.caller_id or leg.our_number,
            url=services.urls.agent(leg.id),
            fallback_url=services.urls.agent(leg.id),
            status_callback=services.urls.agent_status(leg.id),
            ring_seconds=services.settings.ring_seconds,
        )
    except TryLater:
        _retry_in_a_second(services, ringing, now)
    except Unclear:
        return  # it may ring: its webhooks will say so, or the lease runs out
    except TelephonyError as e:
        end_offer(services, ringing, LegResult.FAILED, f"code {e.code}")
    else:
        record_call_sid(services, ringing.id, sid)


def _reschedule(services: Services, leg: AgentLeg, at: float) -> None:
    change = Change(now=services.clock.now())
    change.expect(leg)
    change.schedule(leg, at)
    services.store.commit_best_effort(change)


def _retry_in_a_second(services: Services, leg: AgentLeg, now: float) -> None:
    change = Change(now=now)
    made = change.put(leg, replace(leg, state=LegState.MADE))
    change.schedule(made, now + 1)
    services.store.commit_best_effort(change)


def record_call_sid(services: Services, leg_id: str, sid: str) -> None:
    """The CallSid, from the response or from whichever webhook came first."""
    for change in services.store.transact():
        leg = services.store.get(AgentLeg, leg_id)
        if leg is None or leg.call:
            return
        kept = change.put(leg, replace(leg, call=sid))
        change.index_leg(sid, kept)


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
    change = Change(now=services.clock.now())
    briefing = change.put(
        leg,
        replace(leg, state=LegState.BRIEFING, call=sid, turn=1, reserved_until=change.now + BRIEFING_SECONDS),
    )
    change.index_leg(sid, briefing)
    change.schedule(briefing, briefing.reserved_until)
    if not services.store.commit(change):
        return Reply(verb=Redirect(url=services.urls.agent(leg.id, 0)))
    if briefing.in_browser:  # a click answered, so a person: no voicemail is to be told apart
        return (
            accept(services, briefing)
            if briefing.pre_accepted
            else _on_screening_key(services, briefing, "1")
        )
    return _listen_for_key(services, briefing, (_screening_prompt(services, briefing),))


def _screening_prompt(services: Services, leg: AgentLeg) -> Prompt:
    agent = _load_agent(services, leg)
    language = agent.languages[0]
    queue = customer_brief.get_spoken_queue_name(services, leg)
    if leg.external_number:
        return phrase(services, language, "agent.knock_outside", agent=_requester_name(services, leg))
    if (
        leg.pre_accepted
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
                number=spoken_text.phone_number(leg.third_party_number, language),
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
    colleague = services.store.get(AgentLeg, leg.asked_by_leg)
    return _load_agent(services, colleague).name if colleague else ""


def _on_screening_key(services: Services, leg: AgentLeg, key: str) -> Reply:
    if key == "1" and (leg.external_number or leg.pre_accepted):  # not for them, or read at the desk
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
        return _prompt_brief(services, _advance_turn(services, leg, confirmed=True, step=""), in_full=False)
    knocks = len(leg.step)
    if knocks + 1 >= MAX_SCREENING_PROMPTS:
        end_offer(services, leg, LegResult.UNANSWERED, "no key: perhaps a voicemail")
        return Reply(verb=HangUp())
    again = _advance_turn(services, leg, step=leg.step + "k")
    return _listen_for_key(services, again, (_screening_prompt(services, again),))


def _prompt_brief(services: Services, leg: AgentLeg, *, in_full: bool) -> Reply:
    agent = _load_agent(services, leg)
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
    if len(leg.step) >= MAX_BRIEF_REPEATS:
        end_offer(services, leg, LegResult.UNANSWERED, "no answer to the brief")
        return Reply(verb=HangUp())
    return _prompt_brief(services, _advance_turn(services, leg, step=leg.step + "b"), in_full=True)


def _repeat_in_full(services: Services, leg: AgentLeg) -> Reply:
    """All of it, a policy too, takes longer than the brief; who asks for it is there, and has the time to hear it."""
    return _prompt_brief(
        services, _advance_turn(services, leg, step="", max_seconds=MAX_BRIEFING_SECONDS), in_full=True
    )


def _decline(services: Services, leg: AgentLeg) -> Reply:
    agent = _load_agent(services, leg)
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


def end_offer(services: Services, leg: AgentLeg, result: LegResult, why: str) -> None:
    """This leg came to nothing: the agent is free (or away, when their phone rings out again and again), the next is asked."""
    for change in services.store.transact():
        if change.is_retry:
            leg = services.store.reload(leg)
            if leg.state not in BEFORE_ACCEPT:
                return  # accepted, or dropped by somebody else, meanwhile
        over = change.put(leg, replace(leg, state=LegState.ENDED, result=result))
        change.unschedule(over)
        change.log_event("offer " + result.value, offer=leg.id, contact=leg.contact, agent=leg.agent, why=why)
        agent = services.store.get(Agent, leg.agent)
        if agent is not None and agent.leg == leg.id:
            freed = agents.miss_call if result is LegResult.UNANSWERED else agents.release
            change.put(agent, freed(agent, change.now))
        _return_to_queue(services, leg, result, change)


def _return_to_queue(services: Services, leg: AgentLeg, result: LegResult, change: Change) -> None:
    passed = leg.agent if result in (LegResult.DECLINED, LegResult.UNANSWERED, LegResult.FAILED) else ""
    if leg.kind is LegKind.CONSULT:
        consulting.on_consult_refused(services, leg, change)
        return
    if leg.kind in (LegKind.DISPOSITION, LegKind.MONITOR, LegKind.PERSISTENT, LegKind.THIRD_PARTY):
        return
    contact = services.store.get(Contact, leg.contact)
    if contact is not None and contact.leg == leg.id and contact.state is ContactState.WAITING:
        back = replace(
            contact,
            leg="",
            declined_by=tuple(sorted({*contact.declined_by, passed} - {""})),
            declined_at=change.now if passed else contact.declined_at,
        )
        change.put(contact, back)
        membership.join(services, back, change)
    elif contact is not None and contact.leg == leg.id and contact.state is ContactState.FLOW:
        change.put(contact, replace(contact, leg=""))
    promise = services.store.get(Promise, leg.promise)
    if promise is not None and promise.leg == leg.id and promise.state is PromiseState.RINGING:
        promise_lifecycle.return_to_queue(services, promise, change, avoid=passed)


def prompt(services: Services, leg: AgentLeg) -> Reply:
    """The question this leg is at, said again."""
    if leg.state is not LegState.BRIEFING:
        return Reply(verb=Redirect(url=services.urls.agent(leg.id, leg.turn), pause_seconds=1))
    if leg.persistent_leg and leg.pre_accepted:  # said at the desk, before the leg was asked to come
        return accept(services, leg)
    if leg.persistent_leg and leg.kind in (LegKind.MONITOR, LegKind.DISPOSITION, LegKind.THIRD_PARTY):
        return _on_screening_key(services, leg, "1")  # they are on the line, so there is nothing to pick up
    return (
        _prompt_brief(services, leg, in_full=False)
        if leg.person_confirmed
        else _listen_for_key(services, leg, (_screening_prompt(services, leg),))
    )


def _advance_turn(
    services: Services, leg: AgentLeg, *, step: str, confirmed: bool | None = None, max_seconds: float = 0.0
) -> AgentLeg:
    """The leg has come one prompt further. `max_seconds`: seconds since it was rung, up to which it gets a fresh lease."""
    change = Change(now=services.clock.now())
    new = change.put(
        leg,
        replace(
            leg,
            turn=leg.turn + 1,
            step=step,
            person_confirmed=leg.person_confirmed if confirmed is None else confirmed,
            reserved_until=max(
                leg.reserved_until, min(change.now + BRIEFING_SECONDS, leg.intent_at + max_seconds)
            ),
        ),
    )
    if new.reserved_until > leg.reserved_until:
        change.schedule(new, new.reserved_until)
    return new if services.store.commit(change) else (services.store.get(AgentLeg, leg.id) or leg)


def _listen_for_key(services: Services, leg: AgentLeg, says: tuple[Prompt, ...]) -> Reply:
    return Reply(prompts=says, verb=GatherInput(listen=KEY, action_url=services.urls.agent(leg.id, leg.turn)))


def _load_agent(services: Services, leg: AgentLeg) -> Agent:
    if leg.external_number:
        return Agent(
            id="",
            name=leg.external_number,
            phone=leg.external_number,
            languages=(conference.language_for_leg(services, leg),),
        )
    return services.store.get(Agent, leg.agent) or Agent(id=leg.agent, name=leg.agent, phone="")
