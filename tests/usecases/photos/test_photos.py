"""Photos by text: written down at once, fetched from Twilio, made plain, stored, deleted there; whatever fails meanwhile."""

from __future__ import annotations

import stat
from collections import Counter

import pytest

from ivr.domain.records.photo import Photo, PhotoRejection, PhotoState
from ivr.store import keys
from ivr.store.change import Change
from ivr.usecases.photos import fetch as photo_fetch
from tests.telephony.emulated import SID
from tests.usecases.photos import pictures
from tests.usecases.photos.photo_post import LINE, LORI, Post
from tests.usecases.photos.pictures import picture


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
