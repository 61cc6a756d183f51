"""Photos by text: written down at once, fetched from Twilio, made plain, stored, deleted there; whatever fails meanwhile."""

from __future__ import annotations

import json
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from ivr.domain.actor import Actor, Channel
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import AgentLeg, LegState
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.contact_parts import Caller
from ivr.domain.records.customer import Case, Customer, Text
from ivr.domain.records.photo import Photo, PhotoRejection, PhotoState
from ivr.services import Services, build_services
from ivr.settings import load_settings
from ivr.store import keys
from ivr.store.change import Change
from ivr.store.queries import due_index
from ivr.usecases.customers import case_thread
from ivr.usecases.event_log import audit_log
from ivr.usecases.incoming_texts import actions as incoming_texts
from ivr.usecases.photos import ask_for_photos
from ivr.usecases.photos import erase as photo_erase
from ivr.usecases.photos import fetch as photo_fetch
from ivr.usecases.scheduler import dispatch
from tests.conftest import MONDAY_TWO_PM
from tests.telephony.emulated import SID, TOKEN, Emulator, fresh, running
from tests.usecases.photos import pictures
from tests.usecases.photos.pictures import picture

LINE, LORI = "+12025550100", "+12025550155"
DIANE = Actor(id="diane", channel=Channel.PAGE)


@pytest.fixture(scope="module")
def twilio() -> Iterator[str]:
    with running() as url:
        yield url


@dataclass(kw_only=True)
class Post:
    """Lori's telephone and our line, with nobody at work: `work` is what the workers would do."""

    s: Services
    emulator: Emulator
    folder: Path

    def sends(self, *data: bytes, words: str = "", kind: str = "image/jpeg", number: str = LORI) -> str:
        """A text with pictures comes in; its MessageSid."""
        urls = [self._upload(one, kind) for one in data]
        told = {"from": number, "to": LINE, "body": words, "media": urls}
        sid: str = self.emulator.ask("POST", "/emulator/texts", **told)["sid"]
        self.receive(sid, words, number)
        return sid

    def receive(self, sid: str, words: str = "", number: str = LORI, media: tuple[str, ...] = ()) -> None:
        urls = media or self.s.telephony.list_media_urls(sid)
        incoming_texts.receive_text(self.s, from_=number, to=LINE, body=words, sid=sid, media=urls)

    def _upload(self, data: bytes, kind: str) -> str:
        request = Request(f"{self.emulator.url}/emulator/pictures", data, {"Content-Type": kind})  # noqa: S310
        with urlopen(request, timeout=10) as answer:  # noqa: S310
            url: str = json.load(answer)["url"]
        return url

    def work(self, seconds: float = 0.0) -> None:
        """Time passes, and a worker looks at all photos that are due, until none is."""
        at = self.s.clock.now() + seconds
        self.s.store.redis.set(keys.MANUAL_CLOCK, f"{at:.3f}")
        self.s.clock.sync()
        while due := [
            m for m in due_index.take_due(self.s.store, at, grace_seconds=5) if m.startswith("photo:")
        ]:
            for member in due:
                dispatch.process_due(self.s, member)

    def photos(self) -> list[Photo]:
        return self.s.store.list_all(Photo)

    def photo(self) -> Photo:
        (found,) = self.photos()
        return found

    def files(self) -> list[str]:
        return sorted(f.name for f in self.folder.iterdir()) if self.folder.exists() else []

    def texts(self) -> list[str]:
        return [t.body for t in self.s.store.list_all(Text)]

    def owed(self) -> list[str]:
        return [m for m in self.s.store.read(due_index.list_scheduled()) if m.startswith("photo:")]

    def fetches(self) -> list[str]:
        """What was asked of Twilio about files."""
        log = self.emulator.ask("GET", "/emulator/log")["entries"]
        asked = [e["path"] for e in log if e["kind"] == "rest" and e["method"] == "GET"]
        return [path for path in asked if "/Media/ME" in path]

    def put(self, *records: Any) -> None:
        change = self.s.store.begin()
        for record in records:
            change.put(None, record)
        assert self.s.store.commit(change)

    def thread(self, kind: str = "photo") -> list[dict[str, Any]]:
        cases = self.s.store.list_all(Case)
        return [e for c in cases for e in case_thread.get_thread(self.s, c.id) if e["kind"] == kind]


@pytest.fixture
def post(at_rest: dict[str, str], twilio: str, tmp_path: Path) -> Iterator[Post]:
    env = {**at_rest, "TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_API_URL": twilio}
    services = build_services(
        load_settings({**env, "IVR_PHOTOS": str(tmp_path / "photos"), "IVR_PHOTOS_PER_DAY": "12"})
    )
    services.store.redis.flushall()
    services.store.redis.set(keys.MANUAL_CLOCK, f"{MONDAY_TWO_PM:.3f}")
    services.clock.sync()
    yield Post(s=services, emulator=fresh(twilio), folder=tmp_path / "photos")
    services.store.redis.close()
    services.store.redis.connection_pool.disconnect()


def test_a_photo_is_owed_at_once_then_kept_then_no_more_at_twilio(post: Post) -> None:
    sid = post.sends(pictures.telling())
    photo = post.photo()
    assert (photo.state, photo.message_sid, post.owed()) == (PhotoState.PENDING, sid, [photo.key])
    assert post.files() == []
    post.work()
    photo = post.photo()
    assert (photo.state, photo.at_twilio, photo.width, photo.height) == (PhotoState.STORED, False, 320, 640)
    assert post.files() == [f"{photo.id}.large.jpg", f"{photo.id}.small.jpg"]
    assert post.s.telephony.list_media_urls(sid) == []
    assert post.owed() == []
    assert post.texts() == ["Our company: thank you, we have it. It is with your case, and whoever talks with you will see it."]  # fmt: skip


def test_its_files_are_nobody_elses_to_read_and_carry_nothing_private(post: Post) -> None:
    post.sends(pictures.telling())
    post.work()
    assert stat.S_IMODE(post.folder.stat().st_mode) == 0o700
    for file in post.folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert b"Secret" not in file.read_bytes()


def test_words_and_pictures_of_one_text_stand_on_the_same_case(post: Post) -> None:
    post.sends(picture(), picture("PNG"), words="My bills")
    (first, second), (words,) = post.thread(), post.thread("text")
    assert {first["photo"], second["photo"]} == {p.id for p in post.photos()}
    assert words["words"] == "My bills"
    assert len({p.case for p in post.photos()}) == 1
    post.work()
    assert len(post.files()) == 4
    assert len(post.texts()) == 1  # two pictures, one thank you


def test_the_same_text_twice_is_one_photo_also_after_a_day(post: Post) -> None:
    sid = post.sends(picture())
    media = tuple(post.s.telephony.list_media_urls(sid))
    post.receive(sid)
    post.s.store.redis.delete(keys.text_reply(sid))
    post.receive(sid, media=media)
    assert len(post.photos()) == len(post.thread()) == 1


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (pictures.SCRIPT, PhotoRejection.NOT_AN_IMAGE),
        (pictures.SVG, PhotoRejection.NOT_AN_IMAGE),
        (pictures.HEIC, PhotoRejection.NOT_AN_IMAGE),
        (pictures.HALF, PhotoRejection.BROKEN),
        (pictures.bomb(), PhotoRejection.TOO_LARGE),
    ],
)
def test_what_cannot_be_kept_is_said_to_the_customer_once_and_stays_in_the_thread(
    post: Post, data: bytes, why: PhotoRejection
) -> None:
    sid = post.sends(data, data + b" ")
    post.work()
    assert [(p.state, p.rejection, p.at_twilio) for p in post.photos()] == [
        (PhotoState.REJECTED, why, False)
    ] * 2
    assert post.files() == []
    assert post.s.telephony.list_media_urls(sid) == []
    assert len(post.thread()) == 2
    (said,) = post.texts()
    assert "we could not open what you sent" in said


def test_what_is_too_large_is_not_read_to_its_end(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.telephony.media.MAX_BYTES", 1000)
    post.sends(picture(size=(900, 900)) + bytes(100_000))
    post.work()
    assert post.photo().rejection is PhotoRejection.TOO_LARGE


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:9/2010-04-01/Accounts/{account}/Messages/{sid}/Media/ME" + "0" * 32,
        "{api}@evil.example/2010-04-01/Accounts/{account}/Messages/{sid}/Media/ME" + "0" * 32,
        "{api}/2010-04-01/Accounts/AC" + "9" * 32 + "/Messages/{sid}/Media/ME" + "0" * 32,
        "{api}/2010-04-01/Accounts/{account}/Messages/{sid}/Media/../../Calls",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_is_not_twilios_is_never_asked(post: Post, url: str) -> None:
    sid = "MM" + "0" * 32
    post.receive(sid, media=(url.format(api=post.emulator.url, account=SID, sid=sid),))
    assert (post.photo().state, post.photo().rejection) == (
        PhotoState.REJECTED,
        PhotoRejection.FOREIGN_ADDRESS,
    )
    assert post.owed() == []


def test_being_sent_on_to_a_stranger_is_not_followed(post: Post) -> None:
    told = {"from": LORI, "to": LINE, "body": "", "media": ["http://127.0.0.1:9/evil.jpg"]}
    post.receive(post.emulator.ask("POST", "/emulator/texts", **told)["sid"])
    post.work()
    assert post.photo().rejection is PhotoRejection.FOREIGN_ADDRESS


def test_twilio_is_away_and_comes_back(post: Post) -> None:
    post.emulator.fault("error", "Media/ME", status=503, times=3)
    post.sends(picture())
    post.work()
    assert (post.photo().state, len(post.owed()), post.texts()) == (PhotoState.PENDING, 1, [])
    post.work(9)
    assert post.photo().attempts == 1  # not before its time
    post.work(1)
    post.work(19)
    assert post.photo().attempts == 2  # the pause grows
    post.work(1)
    assert (post.photo().attempts, post.photo().state) == (3, PhotoState.PENDING)
    post.work(40)
    assert post.photo().state is PhotoState.STORED


def test_what_twilio_has_no_more_is_waited_for_a_while_and_then_said_to_be_gone(post: Post) -> None:
    sid = post.sends(picture())
    post.s.media.delete(sid, post.photo().media_sid)
    post.work()
    assert post.photo().state is PhotoState.PENDING
    post.work(3600)
    assert (post.photo().state, post.photo().rejection) == (
        PhotoState.REJECTED,
        PhotoRejection.GONE_AT_TWILIO,
    )
    assert post.owed() == []


def test_the_album_is_away_and_comes_back(post: Post) -> None:
    post.folder.write_text("no folder")
    post.sends(picture())
    post.work()
    assert (post.photo().state, len(post.owed())) == (PhotoState.PENDING, 1)
    post.folder.unlink()
    post.work(3600)
    assert post.photo().state is PhotoState.STORED


def test_deleting_at_twilio_is_tried_until_it_is_done(post: Post) -> None:
    sid = post.sends(picture())
    post.emulator.fault("error", r"Media/ME\w+\.json", status=503, times=2)
    post.work()
    assert (post.photo().state, post.photo().at_twilio) == (PhotoState.STORED, True)
    post.work(3600)
    post.work(3600)
    assert post.s.telephony.list_media_urls(sid) == []
    assert not post.photo().at_twilio
    assert post.owed() == []


class Died(Exception):
    """The worker, at this very moment."""


def test_a_worker_that_dies_between_storing_and_writing_it_down_has_stored_it_once(post: Post) -> None:
    post.sends(picture())
    name, commit = post.photo().id, post.s.store.commit

    def dies(change: Change) -> bool:
        made = change.get_pending(Photo, name)
        if made is not None and made.state is PhotoState.STORED:
            raise Died
        return commit(change)

    post.s.store.commit = dies  # type: ignore[method-assign] # this process is about to be lost
    with pytest.raises(Died):
        photo_fetch.process_due(post.s, name)
    post.s.store.commit = commit  # type: ignore[method-assign]
    assert (post.photo().state, len(post.files())) == (PhotoState.PENDING, 2)
    post.work(photo_fetch.LEASE_SECONDS)
    assert (post.photo().state, len(post.files()), len(post.texts())) == (PhotoState.STORED, 2, 1)


def test_two_workers_at_once_store_it_once(post: Post) -> None:
    post.sends(picture())
    photo = post.photo()
    photo_fetch._fetch_photo(post.s, photo)  # noqa: SLF001 - both have read it before either wrote
    photo_fetch._fetch_photo(post.s, photo)  # noqa: SLF001
    assert len(post.fetches()) == 1
    post.work()
    assert (post.photo().attempts, len(post.files()), len(post.texts())) == (1, 2, 1)


def test_a_flood_waits_and_none_of_it_is_lost(post: Post) -> None:
    for _ in range(4):  # a dozen a day are fetched
        post.sends(*[picture(size=(8, 8))] * 6)
    post.work()
    assert Counter(p.state for p in post.photos()) == {PhotoState.STORED: 12, PhotoState.PENDING: 12}
    assert len(post.owed()) == 12
    post.work(86400)
    assert {p.state for p in post.photos()} == {PhotoState.STORED}


# whose it is


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


# asking


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


# forgetting


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
