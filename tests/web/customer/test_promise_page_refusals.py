"""The customer's page: what it refuses, and what changed meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from ivr.domain.actor import RequestChannel
from ivr.domain.records.promise import PromiseState
from ivr.services import Services
from ivr.usecases.callbacks import reschedule, reschedule_request
from ivr.usecases.customers import profile as customer_profile
from ivr.usecases.texting import promise_links
from tests.stories.people import LORI
from tests.usecases.promises.promised import OTHER, now, owe, set_clock, texts
from tests.web.customer.visiting import _seen, link_in, owed, post, times, words


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
