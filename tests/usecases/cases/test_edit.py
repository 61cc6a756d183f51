"""Cases: everything that is said and done about one matter, found by anything that somebody remembers of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.domain.actor import By, Where
from ivr.domain.errors import CalorError
from ivr.domain.records.agent import Agent, AgentState
from ivr.domain.records.agent_leg import Offer, OfferKind, OfferState
from ivr.domain.records.contact import Contact, ContactState, Outcome
from ivr.domain.records.customer import Case, Customer
from ivr.services import Services
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import case_index, change_feed
from ivr.usecases.cases import edit as case_edit
from ivr.usecases.cases import search as case_search
from ivr.usecases.cases import view as case_view
from ivr.usecases.contacts import outcome as contact_outcome
from ivr.usecases.customers import last_talk
from ivr.usecases.customers import profile as customer_profile
from ivr.usecases.desk import wrapup as desk_wrapup
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.staff import roster
from tests.stories.people import DIANE, LORI, VICKI
from tests.usecases.promises.promised import OTHER, customer, journal, owe, set_clock

BY = By(who="diane", where=Where.DESK)


@pytest.fixture
def s(still: Services) -> Services:
    for name, phone in (("Diane", DIANE), ("Vicki", VICKI)):
        roster.add(still, roster.Told(name=name, phone=phone))
    return still


def opened(s: Services, subject: str = "Her suitcase", number: str = LORI, name: str = "") -> str:
    case = case_edit.open_new(s, number, subject, by=BY).id
    if name:
        customer_profile.call(s, number, name)
    later(s)
    return case


def later(s: Services) -> None:
    set_clock(s, s.clock.now() + 60)


def kinds(s: Services, case: str) -> list[str]:
    return [entry["kind"] for entry in last_talk.thread(s, case)]


def found(s: Services, typed: str) -> list[str]:
    return [hit.case.id for hit in case_search.search(s, typed).hits]


def topics(s: Services, since: str) -> set[str]:
    return {t for news in change_feed.since(s.store, since, most=100) for t in news.topics}


# ---- what colleagues do


def test_a_note_is_kept_to_the_word_with_who_and_when_and_open_pages_are_told(s: Services) -> None:
    case, head = opened(s), change_feed.head(s.store)
    case_edit.note(s, case, "  Bag 4471 <b>\nis in Denver ", by=BY)
    entry = last_talk.thread(s, case)[-1]
    assert (entry["kind"], entry["agent"], entry["at"]) == ("note", "diane", s.clock.now())
    assert entry["words"] == "Bag 4471 <b>\nis in Denver"
    assert topics(s, head) == {f"case:{case}"}
    acts = journal(s, "case noted")
    assert [(a["case"], a["by"], a["where"]) for a in acts] == [(case, "diane", "desk")]
    assert "Denver" not in str(s.store.redis.xrange(keys.JOURNAL))


@pytest.mark.parametrize("words", ["", "  \n ", "x" * 2001])
def test_a_note_that_is_none_is_refused(s: Services, words: str) -> None:
    case = opened(s)
    with pytest.raises(case_edit.NotSo):
        case_edit.note(s, case, words, by=BY)
    assert kinds(s, case) == ["opened"]


def test_a_case_is_taken_handed_on_renamed_closed_and_opened_again(s: Services) -> None:
    case = opened(s)
    case_edit.hand_to(s, case, "vicki", by=BY)
    case_edit.hand_to(s, case, "vicki", by=BY)
    case_edit.rename(s, case, " The  lost\nsuitcase ", by=BY)
    case_edit.close(s, case, by=BY)
    view = case_view.look(s, case)
    assert (view.case.owner, view.case.subject, view.closed) == ("vicki", "The lost suitcase", True)
    case_edit.reopen(s, case, by=BY)
    assert not case_view.look(s, case).closed
    assert kinds(s, case) == ["opened", "owner", "subject", "closed", "reopened"]
    told = [journal(s, f"case {what}")[-1] for what in ("opened", "owner", "renamed", "closed", "reopened")]
    assert {(t["case"], t["by"]) for t in told} == {(case, "diane")}
    with pytest.raises(case_edit.NotSo):
        case_edit.hand_to(s, case, "nobody", by=BY)
    with pytest.raises(case_edit.NoSuchCase):
        case_edit.close(s, "nonesuch", by=BY)


def test_whatever_comes_to_a_closed_case_opens_it_again(s: Services) -> None:
    case = opened(s)
    case_edit.close(s, case, by=BY)
    later(s)
    case_edit.note(s, case, "They wrote", by=BY)
    assert not case_view.look(s, case).closed


def test_a_case_is_not_closed_while_a_call_is_owed(s: Services) -> None:
    promise = owe(s)
    with pytest.raises(case_edit.NotSo, match="still owed"):
        case_edit.close(s, promise.case, by=BY)
    change = Change(now=s.clock.now())
    promise_lifecycle.decline(s, promise, change, by="desk")
    assert s.store.commit(change)
    case_edit.close(s, promise.case, by=BY)
    assert case_view.look(s, promise.case).closed


def test_a_new_promise_is_told_to_whoever_has_its_case_open(s: Services) -> None:
    case, head = opened(s), change_feed.head(s.store)
    change = Change(now=s.clock.now())
    contact = change.put(None, Contact(id="k1", number=LORI, case=case, queue="support"))
    kept, _ = promise_lifecycle.make(s, contact, promise_lifecycle.Wanted(), change)
    change.put(contact, kept)
    assert s.store.commit(change)
    assert f"case:{case}" in topics(s, head)
    assert [p.case for p in case_view.look(s, case).promises] == [case]


def test_the_other_cases_of_a_customer_are_listed_unless_several_people_call_from_there(s: Services) -> None:
    first, second = opened(s), opened(s, "A refund")
    opened(s, "Another's", OTHER)
    assert [c.id for c in case_view.look(s, first).others] == [second]
    assert customer(s).case == first
    customer_profile.share(s, LORI, shared=True)
    assert case_view.look(s, first).others == []


# ---- what to mind


def test_what_to_mind_has_its_author_and_its_time_and_old_records_are_read(s: Services) -> None:
    case = opened(s)
    old = customer(s)
    change = Change(now=s.clock.now())
    change.put(old, replace(old, minding=("give him time (Diane)", "cannot fax")))
    assert s.store.commit(change)
    head = change_feed.head(s.store)
    customer_profile.mind(s, LORI, "use her  name", by="Vicki", doer=BY)
    needs = customer(s).needs
    told = [(n.text, n.by, n.at) for n in needs]
    assert told == [
        ("give him time", "Diane", 0),
        ("cannot fax", "", 0),
        ("use her name", "Vicki", s.clock.now()),
    ]
    assert f"case:{case}" in topics(s, head)
    customer_profile.mind(s, LORI, "give him time", by="Diane", forget=True)
    customer_profile.mind(s, LORI, "cannot fax", by="", forget=True)
    assert [n.line for n in customer(s).needs] == ["use her name (Vicki)"]
    with pytest.raises(CalorError):
        customer_profile.mind(s, LORI, " ", by="Vicki")


# ---- whoever reached a person has a case


def talked(s: Services, contact: Contact, outcome: Outcome = Outcome.HELPED) -> Contact:
    change = Change(now=s.clock.now())
    offer = Offer(id=f"o{contact.id}", kind=OfferKind.CONTACT, agent="diane", state=OfferState.OVER)
    change.put(None, offer)
    stored = change.put(None, replace(contact, offer=offer.id, state=ContactState.WORD, talked=True))
    if not s.store.get(Customer, contact.number):
        change.put(None, Customer(id=contact.number))
    assert s.store.commit(change)
    change = Change(now=s.clock.now())
    contact_outcome.end(s, stored, outcome, change)
    assert s.store.commit(change)
    ended = s.store.get(Contact, contact.id)
    assert ended is not None
    return ended


def test_a_talk_of_which_nothing_was_written_down_still_stands_in_a_case(s: Services) -> None:
    contact = talked(s, Contact(id="k1", number=LORI, word="helped", reason="My suitcase"))
    case = s.store.get(Case, contact.case)
    assert case is not None
    assert (case.customer, case.owner, case.subject) == (LORI, "diane", "My suitcase")
    assert customer(s).case == case.id
    (entry,) = last_talk.thread(s, case.id)
    assert (entry["kind"], entry["agent"], entry["word"], entry["contact"]) == (
        "talk",
        "diane",
        "helped",
        "k1",
    )
    assert found(s, "suitcase") == [case.id]


def test_steps_without_a_note_stand_in_the_case_too(s: Services) -> None:
    change = Change(now=s.clock.now())
    agent = s.store.get(Agent, "diane")
    assert agent is not None
    change.put(agent, replace(agent, state=AgentState.WRAP_UP, offer="o1"))
    wrapping = Offer(id="o1", kind=OfferKind.CONTACT, agent="diane", contact="k1", state=OfferState.WRAPPING)
    change.put(None, wrapping)
    over = Contact(id="k1", number=LORI, offer="o1", state=ContactState.WORD, talked=True)
    change.put(None, over)
    change.put(None, Customer(id=LORI))
    assert s.store.commit(change)
    desk_wrapup.finish(
        s, "diane", desk_wrapup.Said(word="helped", steps="It comes by van", name="Lori Miller")
    )
    (case,) = s.store.everyone(Case)
    assert [(e["kind"], e.get("words", "")) for e in last_talk.thread(s, case.id)] == [
        ("next", "It comes by van"),
        ("talk", ""),
    ]
    assert customer(s).case == case.id
    assert found(s, "van") == found(s, "miller") == [case.id]


def test_the_one_who_talked_owns_a_case_that_nobody_did_and_takes_none_from_a_colleague(s: Services) -> None:
    promise = owe(s)
    talked(s, Contact(id="k1", number=LORI, case=promise.case))
    assert case_view.look(s, promise.case).case.owner == "diane"
    case_edit.hand_to(s, promise.case, "vicki", by=BY)
    talked(s, Contact(id="k2", number=LORI, case=promise.case))
    assert case_view.look(s, promise.case).case.owner == "vicki"


def test_who_reached_nobody_opens_no_case(s: Services) -> None:
    change = Change(now=s.clock.now())
    stored = change.put(None, Contact(id="k1", number=LORI))
    contact_outcome.end(s, stored, Outcome.LEFT_EARLY, change)
    assert s.store.commit(change)
    assert s.store.everyone(Case) == []


# ---- finding


def test_cases_are_found_by_name_number_subject_and_what_was_said_in_any_order(s: Services) -> None:
    hers = opened(s, "The lost suitcase", name="Zoë Müller-Ortiz")
    other = opened(s, "A refund", OTHER, name="Bob Miller")
    case_edit.note(s, hers, "It is in the café at gate 22", by=BY)
    for typed in ("zoe", "MULLER", "ortiz zoë", "0155", "+1 202-555-0155", "12025550155", "(202) 555-0155"):
        assert found(s, typed) == [hers], typed
    for typed in ("lost", "suit", "gate CAFE", "suitcase 22 zo", "cafe\u0301"):
        assert found(s, typed) == [hers], typed
    for typed in ("uitcase", "suit lost", "zoe refund", "miller lost", "555 nothing", "zoë\x00x"):
        assert found(s, typed) == [], typed
    assert found(s, "m") == [hers, other]  # newest first: hers was written on last
    for nothing in ("", " ", "[*", "\x00"):
        assert found(s, nothing) == [hers, other]


def test_a_new_name_and_another_subject_are_found_and_the_old_ones_are_not(s: Services) -> None:
    case = opened(s, "A parcel", name="Lori Milner")
    customer_profile.call(s, LORI, "Lori Miller")
    case_edit.rename(s, case, "A suitcase", by=BY)
    assert found(s, "lori suitcase") == found(s, "miller") == [case]
    assert found(s, "milner") == found(s, "parcel") == []


def test_pages_follow_one_another_whole_and_without_doubles(s: Services) -> None:
    made = [opened(s, f"Bag {n}", OTHER) for n in range(45)]
    for typed in ("bag", ""):
        seen: list[str] = []
        before = ""
        while True:
            page = case_search.search(s, typed, before=before)
            seen += [hit.case.id for hit in page.hits]
            if not page.older:
                break
            before = page.older
        assert seen == made[::-1]
    for nonsense in ("x", "nan:a", "inf:b", "1e999:c", ":", "1:"):
        assert case_search.search(s, "bag", before=nonsense) is not None


def test_words_that_very_many_have_are_looked_for_among_the_newest(
    s: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [opened(s, f"Bag {'red' if n < 3 else 'blue'}", OTHER) for n in range(8)]
    monkeypatch.setattr(case_search, "MOST", 6)
    told = case_search.search(s, "bag bl")
    assert ([hit.case.id for hit in told.hits], told.partial) == (made[:2:-1], False)
    monkeypatch.setattr(case_search, "MOST", 4)
    told = case_search.search(s, "bag bl")
    assert ([hit.case.id for hit in told.hits], told.partial) == (made[:3:-1], True)
    assert found(s, "bag red") == made[2::-1]


def test_cases_from_before_there_was_an_index_are_found(s: Services) -> None:
    case = opened(s, "An old trunk", name="Lori Miller")
    case_edit.note(s, case, "It is in Albany", by=BY)
    for key in (keys.WORDS, keys.FILED, keys.words_of(case), keys.cases_of(LORI)):
        s.store.redis.delete(key)
    case_edit.note(s, case, "It was found", by=BY)  # by what is written meanwhile it is not filed as a whole
    assert found(s, "trunk miller albany found") == [case]
    assert case_index.of_customer(s.store, LORI) == [case]


def test_many_of_them_are_filed_little_by_little_and_it_is_said(
    s: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(5):
        opened(s, f"Trunk {n}")
    s.store.redis.delete(keys.FILED)
    monkeypatch.setattr(case_search, "FILED_AT_ONCE", 2)
    assert [case_search.search(s, "trunk").unfiled for _ in range(3)] == [3, 1, 0]
    assert len(found(s, "trunk")) == 5


def test_what_is_taken_out_leaves_nothing_behind(s: Services) -> None:
    mine, other = opened(s, "A trunk", name="Lori Miller"), opened(s, "A trunk", OTHER)
    case_edit.note(s, mine, " ".join(f"word{n}" for n in range(200)), by=BY)
    change = Change(now=s.clock.now())
    case_index.forget(s.store, case_edit.get(s, mine), change)
    assert s.store.commit(change)
    left = [str(member) for member in s.store.redis.zrange(keys.WORDS, 0, -1)]
    assert left
    assert not [member for member in left if member.endswith(mine)]
    assert not s.store.redis.exists(keys.words_of(mine), keys.cases_of(LORI))
    assert case_index.unfiled(s.store, 5) == ([], 0)
    assert other in case_index.lately(s.store, [mine, other])


def test_two_who_write_and_own_at_once_lose_nothing(s: Services) -> None:
    case = opened(s)
    stale = case_edit.get(s, case)
    case_edit.hand_to(s, case, "vicki", by=BY)
    change = Change(now=s.clock.now())
    change.put(stale, replace(stale, owner="diane"))
    assert not s.store.commit(change)
    assert case_edit.get(s, case).owner == "vicki"


def test_a_case_is_opened_for_a_number_that_was_never_heard_of_and_for_none_that_is_not(s: Services) -> None:
    case = case_edit.open_new(s, " +1 212 555 0177 ", "A parcel", by=By(who="ada", where=Where.DESK))
    assert (case.customer, case.owner) == (OTHER, "")  # Ada answers no telephone
    assert customer(s, OTHER).case == case.id
    for number, subject in (("12", "x"), ("", "x"), ("555-0155", "x"), (OTHER, " \n")):
        with pytest.raises(case_edit.NotSo):
            case_edit.open_new(s, number, subject, by=BY)


def test_the_brief_leads_to_the_case_and_says_what_to_mind_as_it_is_now(s: Services) -> None:
    case = opened(s)
    customer_profile.mind(s, LORI, "cannot fax", by="Diane")
    change = Change(now=s.clock.now())
    contact = change.put(None, Contact(id="k1", number=LORI))
    offer = change.put(None, Offer(id="o1", kind=OfferKind.CONTACT, agent="diane", contact=contact.id))
    assert s.store.commit(change)
    agent = s.store.get(Agent, "diane")
    assert agent is not None
    told = last_talk.brief(s, offer, agent).data
    assert (told["case"], told["minding"]) == (case, [{"text": "cannot fax", "by": "Diane"}])
    customer_profile.share(s, LORI, shared=True)
    assert last_talk.brief(s, offer, agent).data["case"] == ""


def test_what_is_written_on_a_case_is_told_to_whoever_takes_the_next_call(s: Services) -> None:
    case = opened(s, name="Lori Miller")
    roster.add(s, roster.Told(name="Vicki", phone="+12025550112"))
    vicki = s.store.get(Agent, "vicki")
    assert vicki is not None
    change = Change(now=s.clock.now())
    contact = change.put(None, Contact(id="k9", number=LORI, opened=change.now))
    offer = change.put(None, Offer(id="o9", agent="vicki", contact=contact.id))
    assert s.store.commit(change)
    case_edit.note(s, case, "The airline rang: it is in Denver", by=BY)
    told = last_talk.brief(s, offer, vicki)
    said = 'Diane wrote this afternoon: "The airline rang: it is in Denver".'
    assert said in [*told.data["before"], *told.data["after"]], told.data
    assert "The airline rang" in " ".join(told.aloud)
