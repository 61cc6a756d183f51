"""The page behind the link: what it says, what it changes, and what it keeps to itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ivr.domain.actor import RequestChannel
from ivr.domain.records.one_time_code import OneTimeCode
from ivr.domain.records.promise import Promise, PromiseState
from ivr.services import Services
from ivr.store import keys
from ivr.usecases.callbacks import reschedule, reschedule_request
from ivr.usecases.customers import profile as customer_profile
from ivr.usecases.promises.lifecycle import PromiseRequest
from ivr.usecases.texting import promise_links
from ivr.web import create_app
from tests.stories.people import LORI
from tests.usecases.promises.promised import OTHER, journal, now, owe, set_clock, texts, was_texted

HOUR, DAY = 3600.0, 86400.0
SECRET = "My suitcase, and my name is Lori Miller"


@pytest.fixture
def app(at_rest: dict[str, str], still: Services, monkeypatch: pytest.MonkeyPatch) -> Flask:
    for name, value in at_rest.items():
        monkeypatch.setenv(name, value)
    return create_app()


@pytest.fixture
def visitor(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as client:
        yield client


def link_in(services: Services, number: str = LORI) -> str:
    """The path of the link in the text that they got."""
    (found,) = {m for body in texts(services, number) for m in re.findall(r"http://[^/ ]+(/p/\S+)", body)}
    return str(found)


def owed(services: Services, **fields: object) -> str:
    promise = owe(services, PromiseRequest(reason=SECRET))
    if fields:
        change = services.store.begin()
        change.put(promise, replace(promise, **fields))  # type: ignore[arg-type]  # fields of Promise
        assert services.store.commit(change)
    return promise.id


def post(visitor: FlaskClient, path: str, **form: str) -> TestResponse:
    return visitor.post(path, data=form)


def words(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def times(answer: TestResponse) -> list[str]:
    return re.findall(r'name="window" value="([^"]+)"', words(answer))


def code_for(services: Services, number: str = OTHER) -> str:
    return str(re.findall(r"The code is (\d{6})", " ".join(texts(services, number)))[-1])


def test_the_text_brings_a_link_and_the_page_says_the_time_and_the_end_of_the_number_and_nothing_else(
    still: Services, visitor: FlaskClient
) -> None:
    owed(still, name="Lori Miller")
    path = link_in(still)
    assert len(path) < 45
    page = visitor.get(path)
    assert page.status_code == 200
    assert "We will call you by 2:20 pm, at the number ending 155." in words(page)
    for private in ("uitcase", "Lori", "Miller", LORI, LORI[2:], "support"):
        assert private not in words(page)
    assert '<html lang="en">' in words(page)
    headers = page.headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "form-action 'self'" in headers["Content-Security-Policy"]
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert (headers["X-Content-Type-Options"], headers["X-Frame-Options"]) == ("nosniff", "DENY")
    assert "noindex" in headers["X-Robots-Tag"]
    assert "Set-Cookie" not in headers
    with visitor.get("/static/page.css") as style:
        assert style.status_code == 200
    assert "<script" not in words(page)
    assert "style=" not in words(page)


def test_looking_changes_nothing_however_often_a_preview_does(still: Services, visitor: FlaskClient) -> None:
    name = owed(still)
    path, before = link_in(still), still.store.redis.dbsize()
    promise = still.store.redis.hgetall(f"promise:{name}")
    for where in (path, f"{path}/cancel", f"{path}?do=cancel", f"{path}?said=moved", f"{path}?said=<b>"):
        assert visitor.get(where).status_code == 200
        assert visitor.head(where).status_code == 200
    assert still.store.redis.hgetall(f"promise:{name}") == promise
    assert still.store.redis.dbsize() == before
    assert visitor.put(path).status_code == 405


def test_a_time_is_chosen_on_the_page_in_the_customers_language(
    still: Services, visitor: FlaskClient
) -> None:
    name = owed(still, language="es")
    page = visitor.get(link_in(still))
    assert '<html lang="es">' in words(page)
    assert "Le llamaremos antes de: 2:20" in words(page)
    assert "Martes 24 de noviembre" in words(page)
    chosen = times(page)[-1]
    done = post(visitor, link_in(still), do="move", window=chosen, seen=_seen(page))
    assert done.status_code == 303
    after = visitor.get(done.headers["Location"])
    assert "queda cambiado" in words(after)
    promise = still.store.get(Promise, name)
    assert promise is not None
    assert f"{promise.not_before:.0f}-{promise.due_by:.0f}" == chosen
    assert was_texted(still, "cambiado. Le llamaremos antes de: ")
    assert [e["via"] for e in journal(still, "promise moved")] == ["page"]


def _seen(page: TestResponse) -> str:
    return str(re.findall(r'name="seen" value="(\d+)"', words(page))[0])


def test_as_soon_as_possible_is_offered_to_who_chose_a_time(still: Services, visitor: FlaskClient) -> None:
    start = still.clock.now()
    promise = owe(still, PromiseRequest(since=start + 20 * HOUR, until=start + 21 * HOUR))
    page = visitor.get(link_in(still))
    assert "As soon as possible" in words(page)
    assert post(visitor, link_in(still), do="soonest", seen=_seen(page)).status_code == 303
    assert now(still, promise).not_before == start
    assert "As soon as possible" not in words(visitor.get(link_in(still)))


def test_it_is_cancelled_only_after_they_said_yes(still: Services, visitor: FlaskClient) -> None:
    promise = owe(still)
    path = link_in(still)
    asked = visitor.get(f"{path}/cancel")
    assert "Cancel the call?" in words(asked)
    assert "Yes, cancel it" in words(asked)
    assert now(still, promise).state is PromiseState.MADE
    done = post(visitor, path, do="cancel", seen=_seen(asked))
    assert done.status_code == 303
    assert "You no longer need this call" in words(visitor.get(done.headers["Location"]))
    assert now(still, promise).state is PromiseState.DECLINED
    assert was_texted(still, "good, we will not call you about this")
    late = post(visitor, path, do="soonest")
    assert late.status_code == 409
    assert "cannot be changed any more" in words(late)
    assert 'value="move"' not in words(late)


def test_another_number_is_rung_once_the_code_that_was_texted_to_it_is_entered(
    still: Services, visitor: FlaskClient
) -> None:
    promise = owe(still)
    path = link_in(still)
    done = post(visitor, path, do="number", number="(212) 555-0177")
    assert done.status_code == 303
    page = visitor.get(done.headers["Location"])
    assert "six digits to the number ending 177" in words(page)
    assert "The code is on its way" in words(page)
    code = code_for(still)
    assert code not in words(page)
    assert now(still, promise).number == LORI
    wrong = post(visitor, path, do="code", code=f"{(int(code) + 1) % 10**6:06}")
    assert wrong.status_code == 400
    assert "That was not it" in words(wrong)
    right = post(visitor, path, do="code", code=f" {code[:3]} {code[3:]}")
    assert right.status_code == 303
    assert now(still, promise).number == OTHER
    assert "at the number ending 177" in words(visitor.get(right.headers["Location"]))
    assert was_texted(still, "at the number ending 177")
    assert was_texted(still, "moved. We will call you by", OTHER)
    assert post(visitor, path, do="code", code=code).status_code == 400  # good once
    assert visitor.get(path).status_code == 200  # it is still hers
    assert code not in str(still.store.redis.xrange(keys.EVENT_LOG))


def test_codes_run_out_of_tries_of_time_and_of_texts(still: Services, visitor: FlaskClient) -> None:
    promise = owe(still)
    path = link_in(still)
    post(visitor, path, do="number", number=OTHER)
    code = code_for(still)
    for n in (1, 2, 3):
        post(visitor, path, do="code", code=f"{(int(code) + n) % 10**6:06}")
    assert "not good any more" in words(post(visitor, path, do="code", code=code))
    post(visitor, path, do="number", number=OTHER)
    (found,) = set(re.findall(r"The code is (\d{6})", " ".join(texts(still, OTHER)))) - {code}
    set_clock(still, still.clock.now() + 601)
    assert "not good any more" in words(post(visitor, path, do="code", code=found))
    post(visitor, path, do="number", number=OTHER)
    refused = post(visitor, path, do="number", number=OTHER)
    assert (refused.status_code, len(texts(still, OTHER))) == (400, 3)
    assert now(still, promise).number == LORI
    kept = still.store.get(OneTimeCode, promise.id)
    assert kept is not None
    assert kept.times_sent == 3
    assert 0 < int(still.store.redis.ttl(kept.key)) <= DAY


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("+1 900 555 0123", "cost extra"),
        ("+44 20 7946 0000", "that country"),
        ("12", "not a phone number"),
        ("'; DROP TABLE", "not a phone number"),
        ("", "not a phone number"),
        ("9" * 4000, "not a phone number"),
    ],
)
def test_a_number_that_may_not_be_rung_is_refused_with_the_reason(
    still: Services, visitor: FlaskClient, number: str, why: str
) -> None:
    owe(still)
    refused = post(visitor, link_in(still), do="number", number=number)
    assert refused.status_code == 400
    assert why in words(refused)


def test_a_telephone_that_takes_no_texts_is_refused(still: Services, visitor: FlaskClient) -> None:
    owe(still)
    customer_profile.set_name(still, OTHER, "Lori")
    change = still.store.begin()
    reader = customer_profile.get_customer(still, OTHER)
    change.put(reader, replace(reader, no_texts=True))
    assert still.store.commit(change)
    assert "cannot text that number" in words(post(visitor, link_in(still), do="number", number=OTHER))


def test_a_link_that_is_forged_old_or_another_ones_leads_nowhere(
    still: Services, visitor: FlaskClient
) -> None:
    promise, other = owe(still), owe(still, number="+12025550166")
    path = link_in(still)
    name, _, signature = path.removeprefix("/p/").partition(".")
    for bad in (
        f"{other.id}.{signature}",
        f"{name}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}",
        f"{name}.",
        name,
        "x" * 5000,
        f"{name}.{signature}.{signature}",
        "%00.%ff",
        "nobodys1." + signature,
    ):
        answer = visitor.get(f"/p/{bad}")
        assert answer.status_code == 404, bad
        assert post(visitor, f"/p/{bad}", do="cancel").status_code == 404
    assert "nothing behind this link" in words(visitor.get("/p/a.b"))
    assert "Este enlace" in words(visitor.get("/p/a.b", headers={"Accept-Language": "es-MX,es;q=0.9"}))
    reschedule.apply(
        still,
        promise.id,
        reschedule_request.Decline(),
        reschedule_request.RequestOrigin(channel=RequestChannel.TERMINAL),
    )
    assert "You no longer need this call" in words(visitor.get(path))
    set_clock(still, still.clock.now() + promise_links.VALID_AFTER_END_SECONDS + 1)
    assert visitor.get(path).status_code == 404


def test_a_phone_that_is_not_rung_any_more_has_no_link_any_more(
    still: Services, visitor: FlaskClient
) -> None:
    promise = owe(still)
    asked = reschedule_request.RequestOrigin(channel=RequestChannel.TERMINAL)
    reschedule.apply(still, promise.id, reschedule_request.ChangeNumber(number=OTHER), asked)
    theirs = link_in(still, OTHER)
    assert visitor.get(theirs).status_code == 200
    reschedule.apply(still, promise.id, reschedule_request.ChangeNumber(number=LORI), asked)
    assert visitor.get(theirs).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}],
)
def test_a_form_on_another_site_changes_nothing(
    still: Services, visitor: FlaskClient, headers: dict[str, str]
) -> None:
    promise = owe(still)
    answer = visitor.post(link_in(still), data={"do": "cancel"}, headers=headers)
    assert answer.status_code == 403
    assert now(still, promise).state is PromiseState.MADE
    ours = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
    assert visitor.post(link_in(still), data={"do": "cancel"}, headers=ours).status_code == 303


def test_what_changed_meanwhile_is_shown_and_not_undone(still: Services, visitor: FlaskClient) -> None:
    promise = owe(still)
    page = visitor.get(link_in(still))
    staff = reschedule_request.RequestOrigin(channel=RequestChannel.TERMINAL)
    since, until = reschedule.list_windows(still, promise, still.clock.now())[5]
    reschedule.apply(still, promise.id, reschedule_request.MoveToWindow(since=since, until=until), staff)
    answer = post(visitor, link_in(still), do="move", window=times(page)[0], seen=_seen(page))
    assert answer.status_code == 409
    assert "changed meanwhile" in words(answer)
    assert now(still, promise).not_before == since
    for form in ({"do": "move"}, {"do": "move", "window": "1-2"}, {"do": "x"}, {}):
        assert visitor.post(link_in(still), data=form).status_code == 400


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (PromiseState.TALKING, "on the phone with us"),
        (PromiseState.RINGING, "about to ring you"),
        (PromiseState.KEPT, "We have talked"),
        (PromiseState.OWNED, "in hand in person"),
    ],
)
def test_the_page_says_how_it_stands(
    still: Services, visitor: FlaskClient, state: PromiseState, says: str
) -> None:
    owed(still, state=state, ended_at=still.clock.now())
    page = visitor.get(link_in(still))
    assert says in words(page)
    assert ('value="move"' in words(page)) is (state is PromiseState.RINGING)


def test_a_number_that_several_use_gets_no_link(still: Services) -> None:
    customer_profile.set_shared(still, LORI, shared=True)
    owe(still)
    assert not any("/p/" in body for body in texts(still))


def test_while_the_record_is_away_the_page_apologises_and_nothing_is_changed(
    still: Services, visitor: FlaskClient
) -> None:
    promise = owe(still)
    path = link_in(still)
    still.store.redis.config_set("maxmemory", 1)
    try:
        moved = post(visitor, path, do="number", number=OTHER)
        assert moved.status_code in (303, 503)
    finally:
        still.store.redis.config_set("maxmemory", 0)
    still.store.redis.client_pause(1500)
    away = visitor.get(path, headers={"Accept-Language": "es"})
    assert away.status_code == 503
    assert "Lo prometido sigue en pie" in words(away)
    assert "default-src 'none'" in away.headers["Content-Security-Policy"]
    assert now(still, promise).state is PromiseState.MADE
