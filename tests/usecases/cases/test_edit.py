"""Cases: everything that is said and done about one matter, found by anything that somebody remembers of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.domain.actor import Actor, Channel
from ivr.domain.errors import CalorError
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import AgentLeg, LegKind, LegState
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.contact_parts import Caller, QueuePlace
from ivr.domain.records.customer import Case, Customer
from ivr.domain.records.disposition import Disposition
from ivr.services import Services
from ivr.store import keys
from ivr.store.queries import change_feed
from ivr.usecases.cases import edit as case_edit
from ivr.usecases.cases import view as case_view
from ivr.usecases.contacts import outcome as contact_outcome
from ivr.usecases.customers import brief as customer_brief
from ivr.usecases.customers import case_thread
from ivr.usecases.customers import profile as customer_profile
from ivr.usecases.desk import wrapup as desk_wrapup
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.staff import roster
from tests.known_leg import known_leg
from tests.stories.people import LORI
from tests.usecases.cases.opened_cases import BY, found, later, opened
from tests.usecases.promises.promised import OTHER, customer, journal, owe


def kinds(services: Services, case: str) -> list[str]:
    return [entry["kind"] for entry in case_thread.get_thread(services, case)]


def topics(services: Services, since: str) -> set[str]:
    return {
        t for news in change_feed.list_entries_after(services.store, since, limit=100) for t in news.topics
    }


def test_a_note_is_kept_to_the_word_with_who_and_when_and_open_pages_are_told(services: Services) -> None:
    case, head = opened(services), services.store.read(change_feed.get_last_id())
    case_edit.add_note(services, case, "  Bag 4471 <b>\nis in Denver ", actor=BY)
    entry = case_thread.get_thread(services, case)[-1]
    assert (entry["kind"], entry["agent"], entry["at"]) == ("note", "diane", services.clock.now())
    assert entry["words"] == "Bag 4471 <b>\nis in Denver"
    assert topics(services, head) == {f"case:{case}"}
    acts = journal(services, "case noted")
    assert [(a["case"], a["by"], a["where"]) for a in acts] == [(case, "diane", "desk")]
    assert "Denver" not in str(services.store.redis.xrange(keys.EVENT_LOG))


@pytest.mark.parametrize("words", ["", "  \n ", "x" * 2001])
def test_a_note_that_is_none_is_refused(services: Services, words: str) -> None:
    case = opened(services)
    with pytest.raises(case_edit.CaseChangeRefused):
        case_edit.add_note(services, case, words, actor=BY)
    assert kinds(services, case) == ["opened"]


def test_a_case_is_taken_handed_on_renamed_closed_and_opened_again(services: Services) -> None:
    case = opened(services)
    case_edit.assign_to(services, case, "vicki", actor=BY)
    case_edit.assign_to(services, case, "vicki", actor=BY)
    case_edit.rename(services, case, " The  lost\nsuitcase ", actor=BY)
    case_edit.close(services, case, actor=BY)
    view = case_view.get_case_view(services, case)
    assert (view.case.owner, view.case.subject, view.closed) == ("vicki", "The lost suitcase", True)
    case_edit.reopen(services, case, actor=BY)
    assert not case_view.get_case_view(services, case).closed
    assert kinds(services, case) == ["opened", "owner", "subject", "closed", "reopened"]
    told = [
        journal(services, f"case {what}")[-1] for what in ("opened", "owner", "renamed", "closed", "reopened")
    ]
    assert {(t["case"], t["by"]) for t in told} == {(case, "diane")}
    with pytest.raises(case_edit.CaseChangeRefused):
        case_edit.assign_to(services, case, "nobody", actor=BY)
    with pytest.raises(case_edit.NoSuchCase):
        case_edit.close(services, "nonesuch", actor=BY)


def test_whatever_comes_to_a_closed_case_opens_it_again(services: Services) -> None:
    case = opened(services)
    case_edit.close(services, case, actor=BY)
    later(services)
    case_edit.add_note(services, case, "They wrote", actor=BY)
    assert not case_view.get_case_view(services, case).closed


def test_a_case_is_not_closed_while_a_call_is_owed(services: Services) -> None:
    promise = owe(services)
    with pytest.raises(case_edit.CaseChangeRefused, match="still owed"):
        case_edit.close(services, promise.case, actor=BY)
    change = services.store.begin()
    promise_lifecycle.decline_promise(promise, change, channel="desk")
    assert services.store.commit(change)
    case_edit.close(services, promise.case, actor=BY)
    assert case_view.get_case_view(services, promise.case).closed


def test_a_new_promise_is_told_to_whoever_has_its_case_open(services: Services) -> None:
    case, head = opened(services), services.store.read(change_feed.get_last_id())
    change = services.store.begin()
    contact = change.put(
        None, Contact(id="k1", case=case, caller=Caller(number=LORI), queue_place=QueuePlace(name="support"))
    )
    kept, _ = promise_lifecycle.make_promise(services, contact, promise_lifecycle.PromiseRequest(), change)
    change.put(contact, kept)
    assert services.store.commit(change)
    assert f"case:{case}" in topics(services, head)
    assert [p.case for p in case_view.get_case_view(services, case).promises] == [case]


def test_the_other_cases_of_a_customer_are_listed_unless_several_people_call_from_there(
    services: Services,
) -> None:
    first, second = opened(services), opened(services, "A refund")
    opened(services, "Another's", OTHER)
    assert [c.id for c in case_view.get_case_view(services, first).other_cases] == [second]
    assert customer(services).open_case == first
    customer_profile.set_shared(services, LORI, shared=True)
    assert case_view.get_case_view(services, first).other_cases == []


def test_what_to_mind_has_its_author_and_its_time_and_old_records_are_read(services: Services) -> None:
    case = opened(services)
    old = customer(services)
    change = services.store.begin()
    change.put(old, replace(old, stored_needs=("give him time (Diane)", "cannot fax")))
    assert services.store.commit(change)
    head = services.store.read(change_feed.get_last_id())
    customer_profile.edit_needs(services, LORI, "use her  name", author="Vicki", actor=BY)
    needs = customer(services).needs
    told = [(n.text, n.author, n.written_at) for n in needs]
    assert told == [
        ("give him time", "Diane", 0),
        ("cannot fax", "", 0),
        ("use her name", "Vicki", services.clock.now()),
    ]
    assert f"case:{case}" in topics(services, head)
    customer_profile.edit_needs(services, LORI, "give him time", author="Diane", remove=True)
    customer_profile.edit_needs(services, LORI, "cannot fax", author="", remove=True)
    assert [n.text_with_author for n in customer(services).needs] == ["use her name (Vicki)"]
    with pytest.raises(CalorError):
        customer_profile.edit_needs(services, LORI, " ", author="Vicki")


def talked(services: Services, contact: Contact, outcome: Outcome = Outcome.HELPED) -> Contact:
    change = services.store.begin()
    leg = AgentLeg(id=f"o{contact.id}", kind=LegKind.CONTACT, agent="diane", state=LegState.ENDED)
    change.put(None, leg)
    stored = change.put(
        None, replace(contact, leg=leg.id, state=ContactState.AWAITING_DISPOSITION, talked=True)
    )
    if not services.store.get(Customer, contact.caller.number):
        change.put(None, Customer(id=contact.caller.number))
    assert services.store.commit(change)
    change = services.store.begin()
    contact_outcome.end_contact(services, stored, outcome, change)
    assert services.store.commit(change)
    ended = services.store.get(Contact, contact.id)
    assert ended is not None
    return ended


def test_a_talk_of_which_nothing_was_written_down_still_stands_in_a_case(services: Services) -> None:
    contact = talked(
        services,
        Contact(id="k1", disposition=Disposition.HELPED, reason="My suitcase", caller=Caller(number=LORI)),
    )
    case = services.store.get(Case, contact.case)
    assert case is not None
    assert (case.customer, case.owner, case.subject) == (LORI, "diane", "My suitcase")
    assert customer(services).open_case == case.id
    (entry,) = case_thread.get_thread(services, case.id)
    assert (entry["kind"], entry["agent"], entry["word"], entry["contact"]) == (
        "talk",
        "diane",
        "helped",
        "k1",
    )
    assert found(services, "suitcase") == [case.id]


def test_steps_without_a_note_stand_in_the_case_too(services: Services) -> None:
    change = services.store.begin()
    agent = services.store.get(Agent, "diane")
    assert agent is not None
    change.put(agent, replace(agent, state=AgentState.WRAP_UP, leg="o1"))
    wrapping = AgentLeg(id="o1", kind=LegKind.CONTACT, agent="diane", contact="k1", state=LegState.WRAPPING)
    change.put(None, wrapping)
    over = Contact(
        id="k1", leg="o1", state=ContactState.AWAITING_DISPOSITION, talked=True, caller=Caller(number=LORI)
    )
    change.put(None, over)
    change.put(None, Customer(id=LORI))
    assert services.store.commit(change)
    desk_wrapup.save_wrapup(
        services,
        "diane",
        desk_wrapup.WrapUpForm(
            disposition="helped", next_steps="It comes by van", customer_name="Lori Miller"
        ),
    )
    (case,) = services.store.list_all(Case)
    assert [(e["kind"], e.get("words", "")) for e in case_thread.get_thread(services, case.id)] == [
        ("next", "It comes by van"),
        ("talk", ""),
    ]
    assert customer(services).open_case == case.id
    assert found(services, "van") == found(services, "miller") == [case.id]


def test_the_one_who_talked_owns_a_case_that_nobody_did_and_takes_none_from_a_colleague(
    services: Services,
) -> None:
    promise = owe(services)
    talked(services, Contact(id="k1", case=promise.case, caller=Caller(number=LORI)))
    assert case_view.get_case_view(services, promise.case).case.owner == "diane"
    case_edit.assign_to(services, promise.case, "vicki", actor=BY)
    talked(services, Contact(id="k2", case=promise.case, caller=Caller(number=LORI)))
    assert case_view.get_case_view(services, promise.case).case.owner == "vicki"


def test_who_reached_nobody_opens_no_case(services: Services) -> None:
    change = services.store.begin()
    stored = change.put(None, Contact(id="k1", caller=Caller(number=LORI)))
    contact_outcome.end_contact(services, stored, Outcome.LEFT_EARLY, change)
    assert services.store.commit(change)
    assert services.store.list_all(Case) == []


def test_two_who_write_and_own_at_once_lose_nothing(services: Services) -> None:
    case = opened(services)
    stale = case_edit.get_case(services, case)
    case_edit.assign_to(services, case, "vicki", actor=BY)
    change = services.store.begin()
    change.put(stale, replace(stale, owner="diane"))
    assert not services.store.commit(change)
    assert case_edit.get_case(services, case).owner == "vicki"


def test_a_case_is_opened_for_a_number_that_was_never_heard_of_and_for_none_that_is_not(
    services: Services,
) -> None:
    case = case_edit.open_case(
        services, " +1 212 555 0177 ", "A parcel", actor=Actor(id="ada", channel=Channel.PAGE)
    )
    assert (case.customer, case.owner) == (OTHER, "")  # Ada answers no telephone
    assert customer(services, OTHER).open_case == case.id
    for number, subject in (("12", "x"), ("", "x"), ("555-0155", "x"), (OTHER, " \n")):
        with pytest.raises(case_edit.CaseChangeRefused):
            case_edit.open_case(services, number, subject, actor=BY)


def test_the_brief_leads_to_the_case_and_says_what_to_mind_as_it_is_now(services: Services) -> None:
    case = opened(services)
    customer_profile.edit_needs(services, LORI, "cannot fax", author="Diane")
    change = services.store.begin()
    contact = change.put(None, Contact(id="k1", caller=Caller(number=LORI)))
    leg = change.put(None, AgentLeg(id="o1", kind=LegKind.CONTACT, agent="diane", contact=contact.id))
    assert services.store.commit(change)
    told = customer_brief.render_brief(services, known_leg(services, leg.id)).data
    assert (told["case"], told["minding"]) == (case, [{"text": "cannot fax", "by": "Diane"}])
    customer_profile.set_shared(services, LORI, shared=True)
    assert customer_brief.render_brief(services, known_leg(services, leg.id)).data["case"] == ""


def test_what_is_written_on_a_case_is_told_to_whoever_takes_the_next_call(services: Services) -> None:
    case = opened(services, name="Lori Miller")
    roster.add_agent(services, roster.AgentDetails(name="Vicki", phone="+12025550112"))
    change = services.store.begin()
    contact = change.put(None, Contact(id="k9", started_at=change.now, caller=Caller(number=LORI)))
    leg = change.put(None, AgentLeg(id="o9", agent="vicki", contact=contact.id))
    assert services.store.commit(change)
    case_edit.add_note(services, case, "The airline rang: it is in Denver", actor=BY)
    told = customer_brief.render_brief(services, known_leg(services, leg.id))
    said = 'Diane wrote this afternoon: "The airline rang: it is in Denver".'
    assert said in [*told.data["before"], *told.data["after"]], told.data
    assert "The airline rang" in " ".join(told.spoken)
