"""Photos: whose case they stand on, asking for them, and erasing them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ivr.domain.actor import Actor, Channel
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import AgentLeg, LegState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import Caller
from ivr.domain.records.customer import Case, Customer
from ivr.store import keys
from ivr.usecases.event_log import audit_log
from ivr.usecases.photos import ask_for_photos
from ivr.usecases.photos import erase as photo_erase
from ivr.usecases.photos import fetch as photo_fetch
from tests.conftest import MONDAY_TWO_PM
from tests.usecases.photos import pictures
from tests.usecases.photos.photo_post import LINE, LORI, Post
from tests.usecases.photos.pictures import picture

DIANE = Actor(id="diane", channel=Channel.PAGE)


def _known(post: Post, customer: Customer) -> None:
    """And Diane works here."""
    post.put(Agent(id="diane", name="Diane", phone="+12025550111"), customer)


def test_a_stranger_gets_a_case_and_the_next_photo_is_on_it(post: Post) -> None:
    post.sends(picture())
    post.sends(picture("PNG"))
    (case,) = post.s.store.list_all(Case)
    assert (case.customer, {p.case for p in post.photos()}) == (LORI, {case.id})


def test_it_is_on_the_open_case_and_its_owner_is_shown_it(post: Post) -> None:
    post.put(Case(id="k7", customer=LORI, owner="diane"))
    _known(post, Customer(id=LORI, open_case="k7"))
    post.sends(picture())
    assert (post.photo().case, post.photo().new_for_agent) == ("k7", "diane")
    assert post.s.store.redis.zrange(keys.new_photos("diane"), 0, -1) == [post.photo().id]


def test_without_an_open_case_it_is_on_the_last_one_and_shown_to_who_talked_with_them(post: Post) -> None:
    post.put(Case(id="k6", customer=LORI), Contact(id="c1", case="k6"))
    _known(post, Customer(id=LORI, last_contact="c1", last_agent="diane"))
    post.sends(picture())
    assert (post.photo().case, post.photo().new_for_agent) == ("k6", "diane")


def test_during_a_talk_it_is_on_the_talks_case(post: Post) -> None:
    talk = Contact(
        id="c2", state=ContactState.TALKING, leg="o1", caller=Caller(number=LORI, called_number=LINE)
    )
    post.put(Case(id="k5", customer=LORI), talk, AgentLeg(id="o1", agent="diane", contact="c2"))
    _known(post, Customer(id=LORI, live_contact="c2", open_case="k5"))
    post.sends(picture())
    contact = post.s.store.get(Contact, "c2")
    assert contact is not None
    assert (post.photo().case, post.photo().new_for_agent) == (contact.case, "diane")
    assert contact.case not in ("", "k5")


def test_of_a_number_that_many_use_each_text_is_a_matter_of_its_own(post: Post) -> None:
    post.put(Case(id="k4", customer=LORI, owner="diane"))
    post.put(Customer(id=LORI, open_case="k4", shared=True))
    post.sends(picture())
    assert post.photo().case != "k4"
    assert post.photo().new_for_agent == ""


def test_asking_is_a_text_in_their_language_an_entry_and_an_act(post: Post) -> None:
    post.put(Case(id="k5", customer=LORI), Contact(id="c1", caller=Caller(called_number=LINE)))
    post.put(Customer(id=LORI, language="es", last_contact="c1"))
    ask_for_photos.ask_for_case(post.s, "k5", DIANE)
    (said,) = post.texts()
    assert "responda a este mensaje con una foto" in said
    (entry,) = post.thread("photos-asked")
    assert (entry["by"], entry["at"]) == ("diane", MONDAY_TWO_PM)
    (told,) = audit_log.iter_audit_log(post.s)
    assert (told.event, told.get("by"), told.get("case")) == ("photos requested", "diane", "k5")
    with pytest.raises(ask_for_photos.CannotAskForPhotos, match="just been asked"):
        ask_for_photos.ask_for_case(post.s, "k5", DIANE)
    assert len(post.texts()) == 1


@pytest.mark.parametrize(
    ("customer", "why"),
    [
        (Customer(id=LORI, last_contact="c1", no_texts=True), "no texts"),
        (Customer(id=""), "Nobody can tell"),
    ],
)
def test_who_takes_no_texts_is_not_asked(post: Post, customer: Customer, why: str) -> None:
    post.put(Case(id="k5", customer=customer.id), Contact(id="c1", caller=Caller(called_number=LINE)))
    if customer.id:
        post.put(customer)
    with pytest.raises(ask_for_photos.CannotAskForPhotos, match=why):
        ask_for_photos.ask_for_case(post.s, "k5", DIANE)
    assert post.texts() == []


def test_in_a_talk_without_a_case_asking_opens_one(post: Post) -> None:
    talk = Contact(
        id="c2",
        state=ContactState.TALKING,
        leg="o1",
        caller=Caller(number=LORI, called_number=LINE, language="en"),
    )
    leg = AgentLeg(id="o1", agent="diane", contact="c2", state=LegState.ACCEPTED)
    post.put(talk, leg, Agent(id="diane", name="Diane", phone="+12025550111", leg="o1"))
    ask_for_photos.ask_in_talk(post.s, "diane", DIANE)
    contact = post.s.store.get(Contact, "c2")
    (case,) = post.s.store.list_all(Case)
    assert contact is not None
    assert (contact.case, case.photos_asked_at) == (case.id, MONDAY_TWO_PM)


def test_a_customers_photos_are_erased_whatever_has_become_of_them(post: Post) -> None:
    post.sends(picture(), pictures.SCRIPT)
    post.work()
    sid = post.sends(picture("GIF"))
    post.sends(picture(), number="+12025550166")
    post.work()
    erased = photo_erase.erase_customer_photos(post.s, LORI, actor=DIANE)
    assert (erased.count, erased.remaining) == (3, 0)
    assert post.photo().customer == "+12025550166"
    assert post.files() == [f"{post.photo().id}.{size}.jpg" for size in ("large", "small")]
    assert post.s.telephony.list_media_urls(sid) == []
    assert not post.s.store.redis.exists(keys.customer_photos(LORI))
    assert post.owed() == []


def test_erasing_goes_on_when_the_album_is_back(post: Post, tmp_path: Path) -> None:
    post.sends(picture())
    post.work()
    away = post.folder.rename(tmp_path / "away")
    post.folder.write_text("no folder")
    assert photo_erase.erase_customer_photos(post.s, LORI, actor=DIANE).remaining == 1
    post.folder.unlink()
    away.rename(post.folder)
    post.work(3600)
    assert (post.photos(), post.files(), post.owed()) == ([], [], [])


def test_what_is_forgotten_while_it_is_being_stored_does_not_remain(post: Post) -> None:
    post.sends(picture())
    name, put = post.photo().id, post.s.photo_storage.put

    def forgotten_meanwhile(file: str, data: bytes) -> None:
        put(file, data)
        photo_erase.erase_customer_photos(post.s, LORI, actor=DIANE)

    post.s.photo_storage.put = forgotten_meanwhile  # type: ignore[assignment,method-assign] # at this very moment
    photo_fetch.process_due(post.s, name)
    assert (post.photos(), post.files()) == ([], [])
