"""Photos that customers text: each is written down in the change that takes the text, and fetched by a worker (fetch.py)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import AgentLeg
from ivr.domain.records.contact import Contact
from ivr.domain.records.contact_parts import Caller
from ivr.domain.records.customer import Case, Customer
from ivr.domain.records.photo import Photo, PhotoRejection, PhotoState
from ivr.domain.rules.rate_limit import RateLimit, next_allowed_at
from ivr.services import Services, derive_id
from ivr.store.change import Change
from ivr.store.queries import photos, recent_counts
from ivr.usecases.customers import case_thread
from ivr.usecases.dialing import shared_numbers
from ivr.usecases.promises import lifecycle as promise_lifecycle

DAY_SECONDS = 86400.0


@dataclass(frozen=True, kw_only=True)
class IncomingPhotos:
    """A text with pictures. `sid`: MessageSid; `urls`: of the media."""

    sid: str
    our_number: str
    urls: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class PhotoDestination:
    """Where it belongs, and who is shown that it has come; "" = every agent."""

    case: str
    agent: str


def record_photos(services: Services, customer: Customer, incoming: IncomingPhotos, change: Change) -> str:
    """Written down, to be fetched. The case that they are on."""
    whose = find_destination(services, customer, change)
    media = {
        services.media.parse_media_sid(url) or f"{incoming.sid}/{n}": services.media.parse_media_sid(url)
        for n, url in enumerate(incoming.urls)
    }
    names = {derive_id(unique): medium for unique, medium in media.items()}
    known = {p.id for p in services.store.get_many(Photo, list(names))}  # asked for once more, long after
    at = _earliest_fetch_time(services, customer.id, change.now)
    for n, (name, medium) in enumerate(names.items()):
        order = change.now + n / 1000  # as they were sent
        if name in known:
            continue
        photo = Photo(
            id=name,
            message_sid=incoming.sid,
            media_sid=medium,
            at_twilio=bool(medium),
            case=whose.case,
            customer=customer.id,
            our_number=incoming.our_number,
            created_at=change.now,
            new_for_agent=whose.agent,
        )
        if medium:
            change.schedule(change.put(None, photo), at)
            recent_counts.add_occurrence(
                change, _limit_key(customer.id), at, source=name, window_seconds=DAY_SECONDS
            )
        else:
            change.put(
                None, replace(photo, state=PhotoState.REJECTED, rejection=PhotoRejection.FOREIGN_ADDRESS)
            )
        photos.add(name, customer.id, whose.agent, order, change)
        case_thread.add_entry(
            whose.case, "photo", change, photo=name, sid=incoming.sid, line=incoming.our_number
        )
        change.log_event("photo received", photo=name, case=whose.case)
    touch_desk(whose.agent, change)
    return whose.case


def touch_desk(agent_id: str, change: Change) -> None:
    """What is new at this agent's desk, or at everybody's, has changed."""
    change.touch_topic(f"{Agent.record_type}:{agent_id}" if agent_id else EVERY_DESK_TOPIC)


EVERY_DESK_TOPIC = f"{Photo.record_type}:new"  # the topic of those that are nobody's in particular


def find_destination(services: Services, customer: Customer, change: Change) -> PhotoDestination:
    """The talk that goes on, else their open case, else the last one's, else a new one."""
    live = services.store.get(Contact, customer.live_contact)
    leg = services.store.get(AgentLeg, live.leg) if live is not None else None
    if live is not None and leg is not None:
        case = promise_lifecycle.find_or_open_case(services, live, customer, change)
        if case != live.case:
            change.put(live, replace(live, case=case))
        return PhotoDestination(case=case, agent=leg.agent)
    last = services.store.get(Contact, customer.last_contact)
    shared = shared_numbers.is_shared(services, customer)  # whose matter it is nobody can know
    name = "" if shared else customer.open_case or (last.case if last is not None else "")
    case_ = services.store.get(Case, name)
    agent = services.store.get(Agent, (case_.owner if case_ else "") or customer.last_agent)
    known = agent.id if agent is not None and not shared else ""
    if case_ is not None:
        return PhotoDestination(case=case_.id, agent=known)
    opened = promise_lifecycle.find_or_open_case(
        services, Contact(id="", caller=Caller(number=customer.id)), customer, change
    )
    new = change.get_pending(Case, opened)
    if new is not None and known:
        change.put(new, replace(new, owner=known))
    if not shared:
        change.put(customer, replace(change.latest(customer), open_case=opened))
    return PhotoDestination(case=opened, agent=known)


def _earliest_fetch_time(services: Services, number: str, now: float) -> float:
    """From when on they are fetched: a flood of pictures waits, none is lost."""
    bound = RateLimit(
        name="photos",
        counted=_limit_key(number),
        max_count=services.settings.photos_per_day,
        window_seconds=DAY_SECONDS,
    )
    (nth,) = services.store.read(recent_counts.list_nth_latest([bound]))
    return next_allowed_at(bound, nth, now)


def _limit_key(number: str) -> str:
    return f"photos:{number}"
