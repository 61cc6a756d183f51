"""Waiting: the position, an honest estimate, and never more than a minute without a choice."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.errors import WritesRefused
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.speech import spoken_text
from ivr.flow.turn import FlowInput, FlowInputKind, Listen, Prompt
from ivr.services import Services
from ivr.store.change import Change
from ivr.store.queries import contacts, queues
from ivr.store.queries.contacts import ContactInput
from ivr.telephony.reply import GatherInput, LeaveQueue, Reply
from ivr.usecases.calls import announcements, caller_leg, flow_runner
from ivr.usecases.phrases import phrase
from ivr.usecases.queueing import capacity, duplicate_calls, preferred_agent

CHOICE_MARGIN_SECONDS = (
    10.0  # seconds: the choice comes with the last round of music before the minute is over
)
STEP_BY_KEY = {"1": "@promise", "2": "@choose_time"}
PREFERRED_AGENT_KEY = "3"
KEY = Listen(max_digits=1, seconds=1, speech=False)


def on_wait_round(
    services: Services, contact_id: str, input_number: int, digits: str, token: str
) -> Reply | None:
    """One round of waiting, ten seconds at most: a claim whose push was lost is found at the next. None: no such contact."""
    new = None
    if digits:
        at = services.clock.now()
        new = ContactInput(
            number=input_number,
            flow_input=FlowInput(kind=FlowInputKind.KEYS, value=digits[:1]),
            at=at,
            idempotency_token=token,
        )
    got = contacts.store_input(services.store, contact_id, new)
    if got is None:
        return None
    contact = got.contact
    if contact.state is not ContactState.WAITING:
        return Reply(verb=LeaveQueue())
    if contact.flow_progress.position:
        return caller_leg.continue_flow(services, got, in_waiting_room=True)
    key = next((i.flow_input.value for i in reversed(got.pending_inputs) if i.number == input_number), "")
    if contact.same_number.place_taken_by:
        return _wait_as_duplicate(services, contact, input_number, key)
    if key in STEP_BY_KEY:
        return _choose_callback(services, contact, input_number, STEP_BY_KEY[key])
    if key == PREFERRED_AGENT_KEY:
        return _choose_preferred_agent(services, contact, input_number)
    return _keep_waiting(services, contact, input_number)


def _wait_as_duplicate(services: Services, contact: Contact, input_number: int, key: str) -> Reply:
    """Another call of theirs has their place: so they are told, until they say otherwise or that call is over."""
    now = services.clock.now()
    change = services.store.begin(now=now)
    if key == "1" or not duplicate_calls.has_place_elsewhere(services, contact):
        here = duplicate_calls.take_back_place(services, contact, change, different_person=key == "1")
        if not services.store.commit(change):
            return caller_leg.prompt(
                services, services.store.get(Contact, contact.id) or contact, in_waiting_room=True
            )
        return _keep_waiting(services, services.store.get(Contact, here.id) or here, input_number)
    says: tuple[Prompt, ...] = ()
    if (
        now - contact.queue_place.choice_given_at
        >= services.settings.hold_max_seconds - CHOICE_MARGIN_SECONDS
    ):
        says = (phrase(services, contact.caller.language, "wait.elsewhere"),)
        change.put(contact, replace(contact, queue_place=replace(contact.queue_place, choice_given_at=now)))
        services.store.commit_best_effort(change)  # said once more, at worst
    return _play_round(services, contact, input_number, says)


def _choose_preferred_agent(services: Services, contact: Contact, input_number: int) -> Reply:
    change = services.store.begin()
    says = preferred_agent.toggle(services, contact, change)
    if not change.is_empty and not services.store.commit(change):
        return caller_leg.prompt(
            services, services.store.get(Contact, contact.id) or contact, in_waiting_room=True
        )
    return (
        _play_round(services, contact, input_number, says)
        if says
        else _keep_waiting(services, contact, input_number)
    )


def _choose_callback(services: Services, contact: Contact, input_number: int, step: str) -> Reply:
    """They keep their place until the promise is on disk; an agent who accepts meanwhile still gets them."""
    try:
        return _begin_dialog(services, contact, input_number, step, services.store.begin())
    except WritesRefused:
        return _begin_dialog(
            services, contact, input_number, step, services.store.begin(promise_refused=True)
        )


def _begin_dialog(
    services: Services, contact: Contact, input_number: int, step: str, change: Change
) -> Reply:
    # what was pressed while waiting is no input of the dialogue
    said = flow_runner.begin_at(
        services,
        replace(
            contact,
            flow_progress=replace(contact.flow_progress, inputs_seen=input_number),
            queue_place=replace(contact.queue_place, choice_given_at=change.now),
        ),
        change,
        step,
    )
    kept = change.put(
        contact,
        replace(said.contact, flow_progress=replace(said.contact.flow_progress, inputs_seen=input_number)),
    )
    if not services.store.commit(change):
        latest = services.store.get(Contact, contact.id)
        return caller_leg.prompt(services, latest or contact, in_waiting_room=True)
    return flow_runner.to_reply(services, replace(said, contact=kept), input_number, in_waiting_room=True)


def _keep_waiting(services: Services, contact: Contact, input_number: int) -> Reply:
    now = services.clock.now()
    first = contact.queue_place.choice_given_at == 0.0
    limit = min(
        services.settings.hold_max_seconds, services.library.get_queue(contact.queue_place.name).hold_max
    )
    notice = announcements.find_new_announcement(services, contact)
    due = not first and (
        now - contact.queue_place.choice_given_at >= limit - CHOICE_MARGIN_SECONDS or notice is not None
    )
    says: tuple[Prompt, ...] = ()
    if first or due or preferred_agent.is_unavailable(services, contact, now):
        change = services.store.begin(now=now)
        kept = change.put(
            contact, replace(contact, queue_place=replace(contact.queue_place, choice_given_at=now))
        )
        where = _position_prompts(services, contact, first=first, limit_seconds=limit) if first or due else ()
        heard = announcements.build_prompts(services, notice, contact.caller.language) if notice else ()
        says = (
            *heard,
            *preferred_agent.withdraw_if_unavailable(services, kept, change),
            *where,
            *preferred_agent.build_choice_prompts(services, kept, change),
        )
        if not services.store.commit(change):
            latest = services.store.get(Contact, contact.id)
            return caller_leg.prompt(services, latest or kept, in_waiting_room=True)
    return _play_round(services, contact, input_number, says)


def _play_round(services: Services, contact: Contact, input_number: int, says: tuple[Prompt, ...]) -> Reply:
    music = services.library.get_queue(contact.queue_place.name).music
    return Reply(
        prompts=says,
        verb=GatherInput(
            listen=KEY,
            action_url=services.urls.wait(contact.id, input_number + 1),
            music_url=music[0] if music else services.urls.hold_music(),
        ),
    )


def _position_prompts(
    services: Services, contact: Contact, *, first: bool, limit_seconds: int
) -> tuple[Prompt, ...]:
    queue = contact.queue_place.name
    pulse = queues.get_status(services.store, {queue: capacity.required_skills(services, queue)}, contact.key)
    # whoever is being offered to an agent has left our queue, and is next
    ahead = pulse.position.get(queue, 0)
    estimate = 0 if contact.leg else capacity.estimate_wait_seconds(services, pulse, queue, ahead)
    language = contact.caller.language
    choices = phrase(services, language, "wait.choices")
    if not first:
        return (phrase(services, language, "wait.still", position=ahead + 1), choices)
    if estimate == 0:
        return (phrase(services, language, "one_moment"),)
    if estimate is None:
        return (
            phrase(services, language, "wait.estimate_unknown", position=ahead + 1),
            phrase(services, language, "wait.no_estimate"),
            choices,
        )
    minutes = spoken_text.minutes(max(1, round(estimate / 60)), language)
    told = phrase(services, language, "wait.position", position=ahead + 1, minutes=minutes)
    return (told, choices) if estimate > limit_seconds else (told,)
