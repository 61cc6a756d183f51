"""https://www.twilio.com/docs/usage/webhooks"""

from twilio.request_validator import RequestValidator

from tests.emulator.harness import (
    HANG_UP,
    LINE,
    LORI,
    TOKEN,
    VICKI,
    App,
    Emulator,
    Reply,
    pause,
)


def answered_at(emulator: Emulator, url: str, **more: str) -> None:
    (number,) = emulator.api.incoming_phone_numbers.list(phone_number=LINE)
    number.update(voice_url=url, **more)


def test_requests_are_signed_over_the_exact_url_without_its_fragment(emulator: Emulator, app: App) -> None:
    answered_at(emulator, f"{app.url}/answer?line=1#ct=2000&rc=2")
    emulator.dial()
    emulator.run(1)
    seen = app.seen[0]
    assert seen.path == "/answer?line=1"
    signature = seen.headers["x-twilio-signature"]
    assert RequestValidator(TOKEN).validate(f"{app.url}/answer?line=1", seen.params, signature)


def test_a_get_carries_the_parameters_in_the_query_and_signs_them_there(emulator: Emulator, app: App) -> None:
    answered_at(emulator, f"{app.url}/answer?line=1", voice_method="GET")
    emulator.dial()
    emulator.run(1)
    seen = app.seen[0]
    assert seen.method == "GET"
    assert seen.params["line"] == "1"
    assert seen.params["From"] == LORI
    assert RequestValidator(TOKEN).validate(app.url + seen.path, {}, seen.headers["x-twilio-signature"])


def test_a_call_carries_who_where_and_how(emulator: Emulator, app: App) -> None:
    call = emulator.dial(stir="TN-Validation-Passed-A", ForwardedFrom="+15550100999")
    emulator.run(1)
    params = app.to("/answer")[0]
    assert params["CallSid"] == call
    assert (params["From"], params["Caller"], params["To"], params["Called"]) == (LORI, LORI, LINE, LINE)
    assert (params["CallStatus"], params["Direction"], params["ApiVersion"]) == (
        "ringing",
        "inbound",
        "2010-04-01",
    )
    assert params["StirVerstat"] == "TN-Validation-Passed-A"
    assert params["ForwardedFrom"] == "+15550100999"
    assert {"AccountSid", "CallToken", "FromCity", "FromState", "FromZip", "FromCountry", "ToCity"} <= set(
        params
    )
    assert app.seen[0].headers["user-agent"] == "TwilioProxy/1.1"


def test_an_error_leads_to_the_fallback_url_which_is_told_what_happened(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = Reply("", 500)
    app.pages["/fallback"] = "<Say>One moment please</Say>"
    call = emulator.dial()
    emulator.run(3)
    (fallback,) = app.to("/fallback")
    assert (fallback["ErrorCode"], fallback["ErrorUrl"]) == ("11200", f"{app.url}/answer")
    assert emulator.spoken_texts(call) == ["One moment please"]


def test_the_fallback_serves_actions_in_the_middle_of_a_call_too(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Redirect>/later</Redirect>"
    app.pages["/later"] = Reply("", 404)
    emulator.dial()
    emulator.run(1)
    assert app.to("/fallback")[0]["ErrorUrl"] == f"{app.url}/later"


def test_when_the_fallback_fails_as_well_twilio_apologises_and_hangs_up(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = app.pages["/fallback"] = Reply("", 500)
    call = emulator.dial()
    emulator.run(10)
    assert emulator.spoken_texts(call) == ["We are sorry, an application error has occurred. Goodbye."]
    assert emulator.api.calls(call).fetch().status == "completed"


def test_what_is_not_twiml_has_an_error_code_of_its_own(emulator: Emulator, app: App) -> None:
    for count, (page, code) in enumerate(
        (
            (Reply("<Response><Say>"), "12100"),
            (Reply("<!DOCTYPE x><Response/>"), "12100"),
            (Reply("<Answer/>"), "12102"),
            (Reply("{}", headers={"Content-Type": "application/json"}), "12300"),
        ),
        1,
    ):
        app.pages["/answer"] = page
        emulator.dial()
        emulator.run(1)
        assert [one["ErrorCode"] for one in app.to("/fallback")][count - 1 :] == [code]


def test_a_connection_that_is_refused_is_tried_once_more_by_default(emulator: Emulator, app: App) -> None:
    emulator.fault("webhook", "refuse", "/answer")
    app.pages["/answer"] = "<Say>Hello</Say>"
    call = emulator.dial()
    emulator.run(3)
    assert emulator.spoken_texts(call) == ["Hello"]


def test_overrides_retry_what_their_policy_names_with_the_same_token(emulator: Emulator, app: App) -> None:
    replies = iter([Reply("", 503), Reply("", 503), Reply("<Response><Say>Third</Say></Response>")])
    app.pages["/answer"] = lambda _: next(replies)
    answered_at(emulator, f"{app.url}/answer#rc=2&rp=5xx")
    call = emulator.dial()
    emulator.run(3)
    assert emulator.spoken_texts(call) == ["Third"]
    tokens = [one.headers["i-twilio-idempotency-token"] for one in app.seen if one.path == "/answer"]
    assert len(tokens) == 3
    assert len(set(tokens)) == 1


def test_a_5xx_is_not_retried_unless_the_policy_says_so(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = Reply("", 503)
    emulator.dial()
    emulator.run(1)
    assert app.paths().count("/answer") == 1


def test_an_answer_after_15_seconds_is_too_late(emulator: Emulator, app: App) -> None:
    emulator.fault("webhook", "slow", "/answer", seconds=16)
    app.pages["/answer"] = "<Say>Too late</Say>"
    call = emulator.dial()
    emulator.run(14)
    assert not app.to("/fallback")
    emulator.run(2)
    assert app.to("/fallback")[0]["ErrorCode"] == "11205"
    assert "Too late" not in emulator.spoken_texts(call)


def test_retries_and_all_end_after_15_seconds(emulator: Emulator, app: App) -> None:
    answered_at(emulator, f"{app.url}/answer#rc=5&rp=rt&rt=4000")
    emulator.fault("webhook", "drop", "/answer")
    app.pages["/answer"] = "<Say>Second time</Say>"
    call = emulator.dial()
    emulator.run(6)
    assert emulator.spoken_texts(call) == ["Second time"]
    answered_at(emulator, f"{app.url}/answer#rc=5&rp=rt")
    emulator.fault("webhook", "drop", "/answer")
    emulator.dial()
    emulator.run(15.5)
    assert app.to("/fallback")[0]["ErrorCode"] == "11205"
    assert app.paths().count("/answer") == 1


def test_a_document_above_64_kilobytes_is_refused(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = f"<Say>{'a' * 66_000}</Say>"
    emulator.dial()
    emulator.run(1)
    assert app.to("/fallback")[0]["ErrorCode"] == "11750"


def test_cookies_are_kept_for_the_call(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = Reply(
        "<Response><Redirect>/two</Redirect></Response>", headers={"Set-Cookie": "seen=yes"}
    )
    emulator.dial()
    emulator.run(1)
    assert app.seen[1].headers["cookie"] == "seen=yes"
    emulator.dial()
    emulator.run(1)
    assert "cookie" not in next(one for one in app.seen[2:] if one.path == "/answer").headers


def test_http_redirects_are_followed_ten_times(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = Reply("", 307, {"Location": "/moved"})
    app.pages["/moved"] = "<Say>Here</Say>"
    call = emulator.dial()
    emulator.run(2)
    assert emulator.spoken_texts(call) == ["Here"]
    app.pages["/moved"] = Reply("", 307, {"Location": "/moved"})
    emulator.dial()
    emulator.run(2)
    assert app.to("/fallback")[-1]["ErrorCode"] == "11215"


def test_plain_text_is_read_out(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = Reply("Good morning", headers={"Content-Type": "text/plain"})
    call = emulator.dial()
    emulator.run(3)
    assert emulator.spoken_texts(call) == ["Good morning"]


def test_relative_urls_are_relative_to_the_document(emulator: Emulator, app: App) -> None:
    answered_at(emulator, f"{app.url}/voice/answer")
    app.pages["/voice/answer"] = "<Redirect>step?n=1</Redirect>"
    emulator.dial()
    emulator.run(1)
    assert app.paths()[1] == "/voice/step?n=1"


def test_an_incoming_call_reports_its_end_to_the_status_callback_of_the_number(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = "<Gather timeout='60'/>"
    emulator.dial(pause(7), HANG_UP)
    emulator.run(10)
    (status,) = app.to("/status")
    assert (status["CallStatus"], status["CallDuration"]) == ("completed", "7")
    assert status["Timestamp"].endswith("+0000")


def test_a_call_ends_when_its_document_has_no_verb_left(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Pause length='2'/>"
    call = emulator.dial()
    emulator.run(3)
    assert emulator.log("hung_up", call=call)[0]["by"] == "line"


def test_reject_as_the_first_verb_leaves_the_call_unanswered(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Reject reason='busy'/>"
    call = emulator.dial()
    emulator.run(1)
    assert emulator.api.calls(call).fetch().status == "busy"
    assert not emulator.log("answered")


def test_a_pause_as_the_first_verb_is_waited_for_before_the_call_is_picked_up(
    emulator: Emulator, app: App
) -> None:
    app.pages["/answer"] = "<Pause length='4'/><Say>Hello</Say>"
    call = emulator.dial()
    emulator.run(3.9)
    assert emulator.api.calls(call).fetch().status == "ringing"
    assert emulator.leg(call)["hears"]["sound"] == "ringing"
    emulator.run(0.2)
    assert emulator.api.calls(call).fetch().status == "in-progress"
    emulator.run(2)
    assert emulator.spoken_texts(call) == ["Hello"]


def test_unknown_verbs_and_wrong_case_are_passed_over_with_a_warning(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<say>No</say><Shout>No</Shout><Say colour='red'>Yes</Say>"
    call = emulator.dial()
    emulator.run(2)
    assert emulator.spoken_texts(call) == ["Yes"]
    assert emulator.errors() == [12200, 12200, 12200]


def test_a_wrong_value_is_ignored_with_the_verbs_own_warning(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Pause length='x'/><Say loop='-1'>Hi</Say><Gather timeout='soon' input='hands'/>"
    emulator.dial()
    emulator.run(10)
    assert emulator.errors() == [13910, 13510, 13313, 13326]


def test_say_loops_and_keeps_the_words_of_ssml(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = (
        '<Say loop="2">Don&apos;t <emphasis>worry</emphasis>, Lori.<break time="1s"/>Now</Say>'
    )
    call = emulator.dial()
    emulator.run(10)
    assert emulator.spoken_texts(call) == ["Don't worry, Lori. Now"] * 2


def test_the_sms_verb_texts_the_caller(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Sms>Thank you for calling</Sms>"
    emulator.dial()
    emulator.run(5)
    (text,) = emulator.log("texted")
    assert (text["from"], text["to"], text["body"]) == (LINE, LORI, "Thank you for calling")


def test_start_and_connect_are_accepted_and_written_down(emulator: Emulator, app: App) -> None:
    app.pages["/answer"] = "<Start><Stream url='wss://example.com'/></Start><Say>On</Say>"
    call = emulator.dial()
    emulator.run(3)
    assert emulator.log("accepted")[0]["nouns"] == [{"noun": "Stream", "url": "wss://example.com"}]
    assert emulator.spoken_texts(call) == ["On"]
    assert VICKI not in {one["who"] for one in emulator.log()}
