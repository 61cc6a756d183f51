"""The pages of cases: for agents and supervisors, whatever anybody has written, and whoever asks."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from ivr.domain.actor import SYSTEM, Actor, Channel
from ivr.domain.records.account import Role
from ivr.domain.records.customer import Case, Customer
from ivr.services import Services
from ivr.usecases.cases import edit as case_edit
from ivr.usecases.customers import case_thread
from ivr.usecases.customers import profile as customer_profile
from tests.stories.people import LORI
from tests.usecases.promises.promised import owe
from tests.web.browser import Browser, hire, words

Browse = Callable[[], Browser]
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"
BY = Actor(id="diane", channel=Channel.PAGE)
ACTIONS = ("note", "take", "hand-on", "close", "reopen", "rename", "mind", "unmind", "name", "another")


@pytest.fixture
def sign_in(still: Services, browse: Browse) -> Callable[..., Browser]:
    def signed_in(name: str, role: Role = Role.AGENT) -> Browser:
        hire(still, name, role)
        browser = browse()
        assert browser.sign_in(name).status_code == 303
        return browser

    return signed_in


@pytest.fixture
def diane(sign_in: Callable[..., Browser]) -> Browser:
    return sign_in("Diane")


def opened(services: Services, subject: str = "Her suitcase") -> str:
    return case_edit.open_case(services, LORI, subject, actor=BY).id


def a_case(services: Services, case: str) -> Case:
    found = services.store.get(Case, case)
    assert found is not None
    return found


def every_page(browser: Browser, case: str) -> str:
    parts = ("", "/facts", "/thread")
    paths = ["/cases/", f"/cases/?q={HOSTILE}", "/cases/search", *(f"/cases/{case}{part}" for part in parts)]
    return "".join(browser.get(path).get_data(as_text=True) for path in paths)


def test_everything_is_done_by_forms_without_scripts(still: Services, diane: Browser) -> None:
    answer = diane.send("/cases/", {"number": LORI, "subject": "Her suitcase"}, page="/cases/")
    page = answer.headers["Location"]
    case = page.rpartition("/")[2]
    for action, form in (
        ("note", {"note": "It is in Denver"}),
        ("name", {"name": "Lori Miller"}),
        ("mind", {"words": "use her name"}),
        ("rename", {"subject": "The lost suitcase"}),
        ("hand-on", {"to": "diane"}),
    ):
        done = diane.send(f"{page}/{action}", form, page=page)
        assert (done.status_code, done.headers["Location"]) == (303, page), action
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", words(diane.get(page))))
    for told in ("It is in Denver", "Lori Miller", "use her name", "The lost suitcase", "Diane owns it"):
        assert told in text
    assert (
        diane.send(f"{page}/unmind", {"words": "use her name", "by": "Diane"}, page=page).status_code == 303
    )
    assert "use her name" not in words(diane.get(page))
    diane.send(f"{page}/close", page=page)
    assert a_case(still, case).closed_at
    assert "closed" in words(diane.get("/cases/?q=suitcase"))
    diane.send(f"{page}/reopen", page=page)
    assert not a_case(still, case).closed_at
    other = diane.send(f"{page}/another", {"subject": "A refund"}, page=page).headers["Location"]
    assert "A refund" in words(diane.get(page))
    assert "The lost suitcase" in words(diane.get(other))


def test_what_anybody_wrote_is_text_wherever_it_is_shown(still: Services, diane: Browser) -> None:
    case = opened(still, HOSTILE)
    customer_profile.set_name(still, LORI, HOSTILE)
    customer_profile.edit_needs(still, LORI, HOSTILE, author=HOSTILE)
    case_edit.add_note(still, case, HOSTILE, actor=Actor(id=HOSTILE, channel=Channel.PAGE))
    change = still.store.begin()
    for kind in (
        "next",
        "comment",
        "text",
        "message",
        "declined",
        "talk",
        "subject",
        "photo",
        "other",
        HOSTILE,
    ):
        case_thread.add_entry(
            case, kind, change, agent=HOSTILE, by=HOSTILE, words=HOSTILE, about=HOSTILE, owner=HOSTILE
        )
    for kind in ("../_facts", "../../base", "note/../note", "", "x" * 5000):
        case_thread.add_entry(case, kind, change, words=HOSTILE)
    assert still.store.commit(change)
    text = every_page(diane, case)
    assert "<script>alert" not in text
    assert "<img" not in text
    assert not re.findall(r"<style|\sstyle=|<[^>]*\son\w+=|javascript:", re.sub(r'"[^"]*"', '""', text))
    assert "&lt;script&gt;" in text
    assert "49" not in re.findall(r"\d+", "".join(re.findall(r"onerror=alert\(1\)&gt;([^<]{0,9})", text)))
    assert "{{7*7}}" in words(diane.get(f"/cases/{case}"))


def test_an_entry_of_a_kind_that_is_not_known_is_shown_plainly(still: Services, diane: Browser) -> None:
    case = opened(still)
    change = still.store.begin()
    case_thread.add_entry(case, "telegram", change, agent="diane", words="Stop.")
    case_thread.add_entry(case, "carrier pigeon", change)
    assert still.store.commit(change)
    text = re.sub(r"<[^>]+>", "", words(diane.get(f"/cases/{case}")))
    assert "Diane: telegram" in text
    assert "Stop." in text
    assert "The line: carrier pigeon" in text


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.OPS, Role.ADMIN])
def test_cases_are_for_agents_and_supervisors_and_the_whole_number_is_for_supervisors(
    still: Services, sign_in: Callable[..., Browser], role: Role
) -> None:
    case = opened(still)
    owe(still)
    browser = sign_in("Vicki", role)
    text = every_page(browser, case)
    if role is Role.OPS:
        assert "Her suitcase" not in text
        assert browser.get("/cases/").status_code == 403
        assert browser.send(f"/cases/{case}/close", page="/me/password").status_code == 403
        return
    assert "Her suitcase" in text
    assert (LORI in text) is (role is not Role.AGENT)
    assert (LORI[-9:] in text) is (role is not Role.AGENT)


@pytest.mark.parametrize("action", ACTIONS)
def test_nothing_is_changed_without_the_token_or_in_a_case_that_is_not_there(
    still: Services, diane: Browser, action: str
) -> None:
    case = opened(still)
    form = {"note": "x", "to": "diane", "subject": "x", "words": "x", "by": "x", "name": "x"}
    before = (a_case(still, case), case_thread.get_thread(still, case), still.store.get(Customer, LORI))
    assert diane.post(f"/cases/{case}/{action}", form).status_code == 403
    assert diane.post(f"/cases/{case}/{action}", {"csrf": "x", **form}).status_code == 403
    assert diane.get(f"/cases/{case}/{action}").status_code == 405
    assert before == (
        a_case(still, case),
        case_thread.get_thread(still, case),
        still.store.get(Customer, LORI),
    )
    for name in ("nonesuch", "x" * 300, "%00", "..", "a b"):
        assert diane.send(f"/cases/{name}/{action}", form, page="/cases/").status_code == 404
    assert len(still.store.list_all(Case)) == 1


def test_what_does_not_fit_is_refused_in_words_and_changes_nothing(still: Services, diane: Browser) -> None:
    case = opened(still)
    for action, form, told in (
        ("note", {"note": " "}, "nothing in the note"),
        ("note", {"note": "x" * 3000}, "2000 at most"),
        ("rename", {"subject": "\n"}, "Say what it is about"),
        ("hand-on", {"to": "nobody"}, "answers the telephone"),
        ("mind", {"words": "x" * 300}, "200 at most"),
        ("mind", {}, "Say what there is to mind"),
        ("another", {"subject": ""}, "Say what it is about"),
    ):
        answer = diane.send(f"/cases/{case}/{action}", form, page="/cases/")
        assert (answer.status_code, told in words(answer)) == (409, True), (action, words(answer))
    answer = diane.send("/cases/", {"number": "0155", "subject": "x"}, page="/cases/")
    assert (answer.status_code, "E.164" in words(answer)) == (409, True)
    assert diane.send(f"/cases/{case}/explode", page="/cases/").status_code == 404
    assert len(case_thread.get_thread(still, case)) == 1
    for query in ("?q=%00%ff", "?q=" + "x " * 400, "?before=nan:x", "?before=%5B", "?q=her&before=1:2"):
        assert diane.get(f"/cases/{query}").status_code == 200, query


def test_a_script_gets_the_part_that_changed(still: Services, diane: Browser) -> None:
    case = opened(still)
    quiet = {"Calor_Background": "1", "Calor_Token": diane.token("/cases/")}
    thread = words(diane.post(f"/cases/{case}/note", {"note": "It is in Denver"}, **quiet))
    assert ("It is in Denver" in thread, "<html" in thread) == (True, False)
    facts = words(diane.post(f"/cases/{case}/mind", {"words": "use her name"}, **quiet))
    assert ("use her name" in facts, "<html" in facts) == (True, False)


def test_what_is_owed_about_a_case_stands_on_its_page(still: Services, diane: Browser) -> None:
    change = still.store.begin()
    change.put(None, Customer(id=LORI, name="Lori Miller"))
    assert still.store.commit(change)
    promise = owe(still)
    page = words(diane.get(f"/cases/{promise.case}"))
    assert re.search(r'A call by [^<]+</a>\n<span class="quiet">callback, made</span>', page)


def test_the_desk_leads_to_the_case_of_whoever_calls(still: Services, diane: Browser) -> None:
    case = opened(still)
    customer_profile.set_name(still, LORI, "Lori Miller", actor=SYSTEM)
    found = words(diane.get("/cases/?q=lor"))
    assert f'href="/cases/{case}"' in found
    assert 'href="/cases/" data-key="g c"' in found
