"""Pictures that people and the app send."""

import base64
import json

from tests.emulator.harness import ACCOUNT, LINE, LORI, TOKEN, App, Emulator, Reply
from tests.emulator.pages.asking import ask
from tests.emulator.pages.streams import watching

JPEG = b"\xff\xd8\xff\xe0 not much of a picture"


def test_a_picture_that_a_person_sends_is_there_for_the_app_and_for_the_page(
    emulator: Emulator, app: App
) -> None:
    url = _upload(emulator)
    sid = emulator.control("POST", "/texts", {"from": LORI, "to": LINE, "body": "", "media": [url]})["sid"]
    emulator.run()
    theirs = app.to("/text")[0]["MediaUrl0"].removeprefix(emulator.url)
    assert ask(emulator, "GET", theirs).status == 401  # not without the account's credentials
    key = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    sent_on = ask(emulator, "GET", theirs, Authorization=key)
    assert (sent_on.status, sent_on.headers["Location"]) == (307, url)
    assert ask(emulator, "DELETE", f"{theirs}.json", Authorization=key).status == 204
    assert ask(emulator, "GET", theirs, Authorization=key).status == 404
    assert emulator.api.messages(sid).media.list() == []
    assert ask(emulator, "GET", url.removeprefix(emulator.url)).body == JPEG
    assert ask(emulator, "GET", f"/emulator/texts/{sid}/media/0").body == JPEG
    assert ask(emulator, "GET", f"/emulator/texts/{sid}/media/1").status == 404


def test_a_picture_that_the_app_sends_is_fetched_for_the_page_and_can_run_nothing(
    emulator: Emulator, app: App
) -> None:
    app.pages["/tag.svg"] = Reply("<svg/>", headers={"Content-Type": "image/svg+xml"})
    app.pages["/tag.html"] = Reply("<script/>", headers={"Content-Type": "text/html"})
    media = [f"{app.url}/tag.svg", f"{app.url}/tag.html"]
    sid = emulator.api.messages.create(to=LORI, from_=LINE, body="Look", media_url=media).sid
    emulator.run(5)
    with watching(emulator.address) as stream:
        assert stream.until("entry", kind="texted").data["media"] == media
    shown = ask(emulator, "GET", f"/emulator/texts/{sid}/media/0")
    assert shown.headers["Content-Type"] == "image/svg+xml"
    assert shown.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert ask(emulator, "GET", f"/emulator/texts/{sid}/media/1").status == 415


def test_what_is_no_picture_or_too_large_is_not_kept(emulator: Emulator) -> None:
    assert ask(emulator, "POST", "/emulator/pictures", b"x", Content_Type="text/html").status == 400
    assert (
        ask(emulator, "POST", "/emulator/pictures", b"x" * 6_000_000, Content_Type="image/png").status == 413
    )


def _upload(emulator: Emulator) -> str:
    told = ask(emulator, "POST", "/emulator/pictures", JPEG, Content_Type="image/jpeg")
    url: str = json.loads(told.body)["url"]
    return url
