"""The agent's leg before they are in the conference: rung, screened, briefed, asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ivr.domain.records.agent_leg import AgentLeg, LegResult, LegState
from ivr.flow.turn import FlowInput, FlowInputKind, Listen, SpokenPrompt
from ivr.services import Services
from ivr.store.queries.leg_view import LegView
from ivr.telephony.reply import GatherInput, HangUp, Redirect, Reply
from ivr.usecases.agents.kinds.registry import get_handler
from ivr.usecases.agents.offer_end import end_offer
from ivr.usecases.customers import brief as customer_brief
from ivr.usecases.phrases import phrase

BRIEFING_SECONDS = 60.0  # seconds for hearing the brief; then the next person is asked
MAX_BRIEFING_SECONDS = 180.0  # seconds since the phone was rung, for whoever asks to hear all of it
MAX_SCREENING_PROMPTS = 3  # times "press 1 to hear it" is said: a voicemail listens too
MAX_BRIEF_REPEATS = 2

KEY = Listen(max_digits=1, seconds=4, speech=False)


def on_input(services: Services, view: LegView, sid: str, heard: FlowInput) -> Reply:
    """They picked up, or pressed a key, or did not. `sid`: CallSid of their leg."""
    if view.leg.state in (LegState.MADE, LegState.RINGING):
        return _on_pickup(services, view, sid)
    key = heard.value if heard.kind is FlowInputKind.KEYS else ""
    if not view.leg.person_confirmed:
        return _on_screening_key(services, view, key)
    answer: Callable[[Services, LegView], Reply] = _KEY_ACTIONS.get(key, _on_no_key)
    return answer(services, view)


def _on_pickup(services: Services, view: LegView, sid: str) -> Reply:
    change = services.store.begin(view.records)
    leg = change.put(view.leg, view.leg.pick_up(call=sid, reserved_until=change.now + BRIEFING_SECONDS))
    change.index_leg(sid, leg)
    change.schedule(leg, leg.offer.reserved_until)
    if not services.store.commit(change):
        return Reply(verb=Redirect(url=services.urls.agent(leg.id, 0)))
    view = view.with_leg(leg)
    if leg.in_browser:  # a click answered, so a person: no voicemail is to be told apart
        return accept(services, view) if leg.offer.pre_accepted else _on_screening_key(services, view, "1")
    return _listen_for_key(services, view, (_screening_prompt(services, view),))


def _screening_prompt(services: Services, view: LegView) -> SpokenPrompt:
    if view.leg.offer.pre_accepted and not view.leg.consult.external_number:
        # they have read the brief; a voicemail that picks up instead of them presses nothing
        return phrase(services, view.language, "agent.knock_accepted")
    return get_handler(view.leg.kind).screening_prompt(services, view)


def _needs_brief(leg: AgentLeg) -> bool:
    """Whether there is something to hear before they say yes: not for somebody outside, nor for who has read it at the desk."""
    return get_handler(leg.kind).needs_brief and not (leg.consult.external_number or leg.offer.pre_accepted)


def _on_screening_key(services: Services, view: LegView, key: str) -> Reply:
    if key == "1" and not _needs_brief(view.leg):
        return accept(services, view)
    if key == "1":
        return _prompt_brief(services, _advance_turn(services, view, confirmed=True), in_full=False)
    tries = view.leg.prompt.tries + 1
    if tries >= MAX_SCREENING_PROMPTS:
        end_offer(services, view.leg, LegResult.UNANSWERED, "no key: perhaps a voicemail", known=view.records)
        return Reply(verb=HangUp())
    again = _advance_turn(services, view, tries=tries)
    return _listen_for_key(services, again, (_screening_prompt(services, again),))


def _prompt_brief(services: Services, view: LegView, *, in_full: bool) -> Reply:
    first, rest = customer_brief.render_brief(services, view).spoken
    choices = phrase(services, view.language, get_handler(view.leg.kind).choices_phrase_key(view))
    says = [customer_brief.prompt_from_text(first, view.language), choices]
    if in_full and rest:
        says = [*says, customer_brief.prompt_from_text(rest, view.language), choices]
    return _listen_for_key(services, view, tuple(says))


def _on_no_key(services: Services, view: LegView) -> Reply:
    tries = view.leg.prompt.tries
    if tries >= MAX_BRIEF_REPEATS:
        end_offer(services, view.leg, LegResult.UNANSWERED, "no answer to the brief", known=view.records)
        return Reply(verb=HangUp())
    return _prompt_brief(services, _advance_turn(services, view, tries=tries + 1), in_full=True)


def _repeat_in_full(services: Services, view: LegView) -> Reply:
    """All of it, a policy too, takes longer than the brief; who asks for it is there, and has the time to hear it."""
    again = _advance_turn(services, view, max_seconds=MAX_BRIEFING_SECONDS)
    return _prompt_brief(services, again, in_full=True)


def _decline(services: Services, view: LegView) -> Reply:
    end_offer(services, view.leg, LegResult.DECLINED, "passed", known=view.records)
    return Reply(prompts=(phrase(services, view.language, "agent.declined"),), verb=HangUp())


def accept(services: Services, view: LegView) -> Reply:
    """They say yes."""
    return get_handler(view.leg.kind).accept(services, view)


_KEY_ACTIONS: dict[str, Callable[[Services, LegView], Reply]] = {
    "1": accept,
    "2": _decline,
    "3": _repeat_in_full,
}


def prompt(services: Services, view: LegView) -> Reply:
    """The question this leg is at, said again."""
    leg = view.leg
    if leg.state is not LegState.BRIEFING:
        return Reply(verb=Redirect(url=services.urls.agent(leg.id, leg.prompt.turn), pause_seconds=1))
    if leg.persistent_leg and not _needs_brief(leg):  # they are on the line: there is nothing to pick up
        return accept(services, view)
    return (
        _prompt_brief(services, view, in_full=False)
        if leg.person_confirmed
        else _listen_for_key(services, view, (_screening_prompt(services, view),))
    )


def _advance_turn(
    services: Services,
    view: LegView,
    *,
    tries: int = 0,
    confirmed: bool = False,
    max_seconds: float = 0.0,
) -> LegView:
    """The leg has come one prompt further. `tries`: times that the same was asked before. `max_seconds`: seconds since it was rung, up to which it gets a fresh lease."""
    leg = view.leg
    change = services.store.begin(view.records)
    lease = min(change.now + BRIEFING_SECONDS, leg.offer.intent_at + max_seconds)
    new = change.put(
        leg,
        replace(
            leg,
            person_confirmed=leg.person_confirmed or confirmed,
            prompt=replace(leg.prompt, turn=leg.prompt.turn + 1, tries=tries),
            offer=replace(leg.offer, reserved_until=max(leg.offer.reserved_until, lease)),
        ),
    )
    if new.offer.reserved_until > leg.offer.reserved_until:
        change.schedule(new, new.offer.reserved_until)
    return view.with_leg(new if services.store.commit(change) else services.store.reload(leg))


def _listen_for_key(services: Services, view: LegView, says: tuple[SpokenPrompt, ...]) -> Reply:
    action = services.urls.agent(view.leg.id, view.leg.prompt.turn)
    return Reply(prompts=says, verb=GatherInput(listen=KEY, action_url=action))
