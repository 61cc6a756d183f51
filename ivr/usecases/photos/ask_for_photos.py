"""A customer is asked for photos by text: at the desk during the talk, or from the case."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ivr.domain.actor import Actor
from ivr.domain.errors import CalorError
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import IN_TALK, AgentLeg
from ivr.domain.records.contact import Contact
from ivr.domain.records.customer import Case, Customer
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.customers import case_thread
from ivr.usecases.dialing import permissions
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.texting import send as texting_send

ASK_AGAIN_SECONDS = 120.0  # seconds in which nobody is asked twice


class CannotAskForPhotos(CalorError):
    """They cannot be asked for photos."""


@dataclass(frozen=True, kw_only=True)
class TextRecipient:
    """Who is asked, from which number of ours."""

    number: str
    our_number: str
    language: str


def ask_in_talk(services: Services, agent_id: str, actor: Actor) -> None:
    """Whoever this agent talks with. Raises CannotAskForPhotos."""
    for change in services.store.transact():
        agent = services.store.get(Agent, agent_id)
        leg = services.store.get(AgentLeg, agent.leg) if agent else None
        contact = services.store.get(Contact, leg.contact) if leg else None
        if leg is None or contact is None or leg.state not in IN_TALK:
            raise CannotAskForPhotos("You are not in a call.")
        customer = services.store.get(Customer, contact.caller.number)
        name = promise_lifecycle.find_or_open_case(services, contact, customer, change)
        if name != contact.case:
            change.put(contact, replace(contact, case=name))
        case = change.get(Case, name)
        if case is None:
            raise CannotAskForPhotos("The case is not there any more.")
        _send_request(
            services,
            case,
            TextRecipient(
                number=contact.caller.number,
                our_number=contact.caller.called_number,
                language=contact.caller.language,
            ),
            actor,
            change,
        )


def ask_for_case(services: Services, case_id: str, actor: Actor) -> None:
    """Whose case it is, from the number of ours that they used last. Raises CannotAskForPhotos."""
    for change in services.store.transact():
        case = services.store.get(Case, case_id)
        if case is None:
            raise CannotAskForPhotos("There is no such case.")
        customer = services.store.get(Customer, case.customer)
        last = services.store.get(Contact, customer.last_contact) if customer else None
        texted = [e["line"] for e in case_thread.get_thread(services, case_id) if e.get("line")]
        line = (last.caller.called_number if last else "") or (
            texted[-1] if texted else services.settings.caller_id
        )
        if not line:
            raise CannotAskForPhotos("Nobody can tell which number of ours they used.")
        language = (customer.language if customer else "") or services.library.get_flow_for_number(
            line
        ).languages[0]
        _send_request(
            services,
            case,
            TextRecipient(number=case.customer, our_number=line, language=language),
            actor,
            change,
        )


def _send_request(
    services: Services, case: Case, recipient: TextRecipient, actor: Actor, change: Change
) -> None:
    customer = services.store.get(Customer, recipient.number)
    if not recipient.number:
        raise CannotAskForPhotos("Their number is hidden: they cannot be texted.")
    if customer is not None and customer.no_texts:
        raise CannotAskForPhotos("They have asked for no texts, or their telephone takes none.")
    if permissions.why_not_dialable(services, recipient.number, called_number=recipient.our_number):
        raise CannotAskForPhotos("This line may not text that number.")
    if change.now < case.photos_asked_at + ASK_AGAIN_SECONDS:
        raise CannotAskForPhotos("They have just been asked.")
    change.put(case, replace(case, photos_asked_at=change.now))
    body = services.library.get_phrasebook(recipient.language).text("text.photos")
    texting_send.create_text(
        services,
        to=recipient.number,
        our_number=recipient.our_number,
        body=body,
        about=case.key,
        change=change,
    )
    case_thread.add_entry(case.id, "photos-asked", change, by=actor.id)
    change.log_action("photos requested", actor, case=case.id)
