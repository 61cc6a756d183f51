"""What nobody should send, and somebody does: whoever is on the line hears words, and nothing breaks."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.cli.demo.stage import Stage
from ivr.domain.record import Record
from ivr.domain.records.agent_leg import AgentLeg
from ivr.domain.records.contact import Contact
from ivr.domain.records.promise import Promise
from ivr.services import derive_id
from ivr.telephony.urls import WebhookUrls
from tests.stories.people import DIANE, contacts, pause
from tests.web.webhooks.twilio import ROUTES, Answer, Route, Twilio, call

KEEPS = {"Gather", "Redirect", "Enqueue", "Dial", "Record"}
STRANGE = "\x00\x07\ufffe\ud7ff\ue000 <Say>&amp;</Say> ]]> \u202e\U0001f9e8 ñandú \r\n\t{name} [x]"


@pytest.fixture(autouse=True)
def nothing_failed(stage: Stage, twilio: Twilio) -> Iterator[None]:
    """However strange, it was foreseen: no use case has raised."""
    before = twilio.counted("calor_webhooks_failed", endpoint='[^"]+')
    yield
    assert twilio.counted("calor_webhooks_failed", endpoint='[^"]+') == before


def keeps(answer: Answer) -> bool:
    """Who hears this is still with us afterwards."""
    return bool(KEEPS & set(answer.verbs))


@pytest.mark.parametrize(
    "from_",
    [
        "anonymous",
        "+266696687",
        "+7378742833",
        "sip:lori@example.com",
        "sip:+12025550155@example.com;user=phone",
        "client:lori",
        "Restricted",
        "+1",
        "911",
        "",
        "+" + "9" * 300,
        STRANGE,
    ],
)
def test_a_caller_without_a_usable_number_is_answered_as_any_other(
    stage: Stage, twilio: Twilio, from_: str
) -> None:
    assert "Gather" in twilio.post("/voice/answer", call(from_=from_)).verbs
    (contact,) = contacts(stage)
    assert contact.caller.number in ("", "+12025550155")


@pytest.mark.parametrize("missing", ["From", "To", "CallStatus", "Direction"])
def test_a_call_that_lacks_a_parameter_is_answered(stage: Stage, twilio: Twilio, missing: str) -> None:
    told = {name: value for name, value in call().items() if name != missing}
    assert keeps(twilio.post("/voice/answer", told))


def test_calls_without_a_sid_go_to_a_person_at_once_and_share_no_contact(
    stage: Stage, twilio: Twilio
) -> None:
    for from_ in ("+12025550155", "+12025550156"):
        answer = twilio.post("/voice/answer", call(sid="", from_=from_))
        assert "sorry" in answer.words
        assert keeps(answer)
    assert contacts(stage) == []


def test_what_no_voice_can_say_is_dropped_before_it_is_kept(stage: Stage, twilio: Twilio) -> None:
    """One such character in a reason would end the brief of every agent who is offered the call."""
    twilio.post("/voice/answer", call(from_=STRANGE, StirVerstat=STRANGE, CallerName=STRANGE))
    (contact,) = contacts(stage)
    assert keeps(twilio.post(f"/voice/step/{contact.id}/1", call(SpeechResult=STRANGE)))
    kept = str(stage.services.store.redis.hgetall(f"contact:{contact.id}:in"))
    assert "ñand" in kept or "\\u00f1and" in kept
    assert "\\u0000" not in kept


@pytest.mark.parametrize("length", [5_000, 60_000, 900_000])
def test_a_parameter_that_is_far_too_long_is_cut(stage: Stage, twilio: Twilio, length: int) -> None:
    twilio.post("/voice/answer", call(StirVerstat="x" * length))
    (contact,) = contacts(stage)
    answer = twilio.post(f"/voice/step/{contact.id}/1", call(SpeechResult="a person " * (length // 9)))
    assert keeps(answer)
    assert len(answer.body) < 64 * 1024


def test_a_body_that_is_too_large_to_be_read_is_sent_to_the_fallback_and_told_nothing(
    stage: Stage, twilio: Twilio
) -> None:
    """It cannot be known to be Twilio's: no telephone number stands in the answer. A page (413) would end the call."""
    answer = twilio.post("/voice/answer", call(SpeechResult="x" * 2_000_000))
    assert answer.verbs == ["Redirect"]
    assert answer.twiml[0].text == WebhookUrls(stage.settings.public_url).fallback()


def test_thousands_of_parameters_are_no_way_in(twilio: Twilio) -> None:
    many = [(f"P{n}", "x") for n in range(3000)]
    assert twilio.post("/voice/answer", many, signed=False).status == 403
    assert keeps(twilio.post("/voice/answer", [*call().items(), *many]))


def test_bytes_that_are_no_text_cannot_be_signed_by_twilio_and_are_refused(twilio: Twilio) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": "x"}
    assert twilio.send("POST", "/voice/answer", b"From=%ff%fe&CallSid=\xff", headers).status == 403


@pytest.mark.parametrize("route", [r for r in ROUTES if r.voice and r.names], ids=lambda r: r.endpoint)
def test_an_unknown_name_in_the_address_is_answered_clearly(
    stage: Stage, twilio: Twilio, route: Route
) -> None:
    """A caller whom the record does not know begins anew; a leg of ours that nobody knows is ended."""
    answer = twilio.post(route.path("nosuch", 3), call())
    legs = ("agent", "agent_left", "callback", "external_transfer_leg", "third_party_ended")
    ours = route.endpoint in tuple(f"voice.{leg}" for leg in legs)
    assert answer.verbs == ["Hangup"] if ours else keeps(answer)


@pytest.mark.parametrize("route", [r for r in ROUTES if r.numbers and r.voice], ids=lambda r: r.endpoint)
@pytest.mark.parametrize("number", ["x", "-1", "99999999999999999999999"])
def test_a_number_in_the_address_that_is_none_ends_no_call(
    stage: Stage, twilio: Twilio, route: Route, number: str
) -> None:
    """No such address: the fallback, and counted."""
    before = twilio.counted("calor_webhooks_failed", endpoint="")
    answer = twilio.post(route.path("nosuch", number), call())
    if number.isdigit():
        assert answer.verbs
    else:
        assert "sorry" in answer.words
        assert twilio.counted("calor_webhooks_failed", endpoint="") == before + 1


def test_a_slash_in_a_name_is_no_redirect(twilio: Twilio) -> None:
    """Twilio would hear a page instead of words."""
    for path in ("/voice/step/0%2F/0", "/voice/step//0", "/voice//answer"):
        assert "sorry" in twilio.post(path, call()).words


TEXT = st.one_of(
    st.sampled_from(["", "0", "1", "2", "#", "*", "true", "completed", "in-progress", "busy", "queue-full"]),
    st.sampled_from(["leave", "machine_start", "human", "participant-join", "conference-start", "4", "NO"]),
    st.sampled_from(["+12025550155", "anonymous", "https://api.twilio.com/x/RE1", "nan", "-1", "1e9"]),
    st.text(max_size=40),
)
NAMES = [
    "CallSid",
    "From",
    "To",
    "CallStatus",
    "Direction",
    "Digits",
    "SpeechResult",
    "Confidence",
    "StirVerstat",
    "QueueResult",
    "RecordingUrl",
    "RecordingSid",
    "RecordingStatus",
    "RecordingDuration",
    "DialBridged",
    "DialCallStatus",
    "StatusCallbackEvent",
    "ConferenceSid",
    "AnsweredBy",
    "MessageSid",
    "MessageStatus",
    "ErrorCode",
    "Body",
    "queue",
    "turn",
    "back",
    "lost",
    "SequenceNumber",
    "ErrorUrl",
]
PARAMS = st.dictionaries(st.sampled_from(NAMES), TEXT, max_size=12)


@pytest.fixture
def names(stage: Stage, twilio: Twilio) -> list[str]:
    """Of a contact, an offer and a promise that are under way, and of one that is over."""
    stage.add_agent("Diane", DIANE, [pause(60)])
    for sid in ("CA" + "b" * 32, "CA" + "c" * 32):
        twilio.post("/voice/answer", call(sid, from_="+12025550177"))
        name = derive_id(sid)
        for n in range(1, 8):
            twilio.post(f"/voice/step/{name}/{n}", call(sid, from_="+12025550177", Digits="0"))
        if sid.endswith("b"):
            twilio.post("/voice/status", call(sid, CallStatus="completed"))
    stage.settle()
    store = stage.services.store
    kinds: tuple[type[Record], ...] = (Contact, AgentLeg, Promise)
    found = [record.id for kind in kinds for record in store.list_all(kind)]
    assert len(found) >= 4
    return found


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    route=st.sampled_from(ROUTES),
    known=st.integers(0, 9),
    name=st.text(min_size=1, max_size=12).filter(lambda text: text not in (".", "..")),
    number=st.integers(0, 12),
    params=PARAMS,
    query=PARAMS,
)
def test_whatever_twilio_signs_is_answered(  # noqa: PLR0917 - what hypothesis draws
    stage: Stage,
    twilio: Twilio,
    route: Route,
    names: list[str],
    known: int,
    name: str,
    number: int,
    params: dict[str, str],
    query: dict[str, str],
) -> None:
    if known:
        name = names[known % len(names)]
    path = route.path(name, number) + ("?" + urlencode(query) if query else "")
    answer = twilio.post(path, {**call(), **params})
    if route.endpoint in ("fallback.confirmed", "texts.incoming"):
        assert answer.twiml is not None  # an empty one joins two people, or says nothing
    elif route.voice:
        assert answer.verbs
    else:
        assert answer.status in (200, 204)
