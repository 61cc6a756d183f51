"""The emergency notice's page, and its banner on every other."""

from __future__ import annotations

from collections.abc import Callable

from ivr.domain.records.account import Role
from ivr.services import Services
from ivr.usecases.event_log import audit_log
from ivr.usecases.flows import publish
from tests.web.browser import Browser, hire, words

PAGE = "/announcements/"


def test_a_supervisor_switches_it_on_and_off_and_every_page_shows_it(
    still: Services, browse: Callable[[], Browser]
) -> None:
    people = {}
    for name, role in (("Boss", Role.SUPERVISOR), ("Diane", Role.AGENT)):
        hire(still, name, role)
        people[name] = browse()
        people[name].sign_in(name)
    boss, diane = people["Boss"], people["Diane"]
    assert "notice on" not in words(diane.get("/"))
    told = {"line": "*", "words-en": "A flood <b>& more", "words-es": "Una inundación"}
    assert boss.send("/announcements/start", told, page=PAGE).status_code == 303
    ((line, notice),) = publish.get_line_status(still).announcements.items()
    assert (line, dict(notice.texts)) == ("*", {"en": "A flood <b>& more", "es": "Una inundación"})
    for page in ("/", "/desk/", "/announcements/banner"):
        shown = diane.get(page).get_data(as_text=True)
        assert "A flood &lt;b&gt;&amp; more" in shown, page
        assert "2:00 pm, Boss" in shown
    assert diane.get(PAGE).status_code == 403
    assert diane.send("/announcements/stop", {"line": "*"}).status_code == 403
    assert boss.send("/announcements/stop", {"line": "*"}, page=PAGE).status_code == 303
    assert "A flood" not in words(diane.get("/"))
    done = [
        (e.event, e.get("line"))
        for e in audit_log.iter_audit_log(still, actor_id="boss")
        if "announcement" in e.event
    ]
    assert done == [("announcement started", "*"), ("announcement stopped", "*")]
    for wrong in (
        {"line": "x", "words-en": "y"},
        {"line": "*", "words-en": " "},
        {"line": "*", "words-en": "z" * 401},
    ):
        answer = boss.send("/announcements/start", wrong, page=PAGE)
        assert answer.status_code == 409
        assert 'role="alert"' in answer.get_data(as_text=True)
    assert not publish.get_line_status(still).announcements
