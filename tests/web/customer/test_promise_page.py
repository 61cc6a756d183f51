"""The page behind the link: what it says, what it changes, and what it keeps to itself."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from ivr.domain.records.one_time_code import OneTimeCode
from ivr.domain.records.promise import Promise, PromiseState
from ivr.services import Services
from ivr.store import keys
from ivr.usecases.promises.lifecycle import PromiseRequest
from tests.stories.people import LORI
from tests.usecases.promises.promised import OTHER, journal, now, owe, set_clock, texts, was_texted
from tests.web.customer.visiting import _seen, link_in, owed, post, times, words

HOUR, DAY = 3600.0, 86400.0


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
