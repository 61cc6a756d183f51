"""A small company's line: forward, menu, voicemail, conference, queue with a whisper.

Written as Twilio's tutorials are. PORT, TWILIO_AUTH_TOKEN, FORWARD_TO and MODERATOR come from the environment.
"""

import os
from collections.abc import Callable
from functools import wraps

from flask import Flask, Response, abort, request
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Dial, VoiceResponse

app = Flask(__name__)
FORWARD_TO = os.environ["FORWARD_TO"]  # noqa: TID251 - an app of its own
MODERATOR = os.environ["MODERATOR"]  # noqa: TID251


def validate_twilio_request(view: Callable[[], str]) -> Callable[[], Response]:
    """Validates that incoming requests genuinely originated from Twilio."""

    @wraps(view)
    def decorated() -> Response:
        validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])  # noqa: TID251
        signature = request.headers.get("X-TWILIO-SIGNATURE", "")
        if not validator.validate(request.url, request.form, signature):
            abort(403)
        return Response(view(), mimetype="text/xml")

    return decorated


@app.post("/voice")
@validate_twilio_request
def voice() -> str:
    response = VoiceResponse()
    with response.gather(num_digits=1, action="/menu", method="POST") as gather:
        gather.say(
            "For sales, press 1. To leave a message, press 2. For the meeting, press 3. For support, press 4."
        )
    response.redirect("/voice")
    return str(response)


@app.post("/menu")
@validate_twilio_request
def menu() -> str:
    response = VoiceResponse()
    choice = request.form.get("Digits")
    if choice == "1":
        dial = Dial(action="/forwarded", timeout=20)
        dial.number(FORWARD_TO, status_callback="/progress", status_callback_event="answered completed")
        response.append(dial)
    elif choice == "2":
        response.say("Please leave a message at the beep. Press the star key when finished.")
        response.record(
            max_length=20,
            finish_on_key="*",
            action="/thanks",
            transcribe=True,
            transcribe_callback="/transcription",
        )
        response.say("I did not receive a recording")
    elif choice == "3":
        dial = Dial()
        moderates = request.form.get("From") == MODERATOR
        dial.conference(
            "My conference",
            start_conference_on_enter=moderates,
            end_conference_on_exit=moderates,
            wait_url="/music",
        )
        response.append(dial)
    elif choice == "4":
        response.enqueue("support", wait_url="/wait", action="/served")
    else:
        response.say("Sorry, I don't understand that choice.")
        response.redirect("/voice")
    return str(response)


@app.post("/forwarded")
@validate_twilio_request
def forwarded() -> str:
    response = VoiceResponse()
    if request.form["DialCallStatus"] != "completed":
        response.say("Nobody is there just now.")
    response.hangup()
    return str(response)


@app.post("/thanks")
@validate_twilio_request
def thanks() -> str:
    response = VoiceResponse()
    response.say("Thank you for your message.")
    response.hangup()
    return str(response)


@app.post("/music")
@validate_twilio_request
def music() -> str:
    response = VoiceResponse()
    response.say("Please wait for the moderator.")
    response.pause(length=10)
    return str(response)


@app.post("/wait")
@validate_twilio_request
def wait() -> str:
    response = VoiceResponse()
    response.say(f"You are number {request.form['QueuePosition']} in line.")
    response.pause(length=10)
    return str(response)


@app.post("/agent")
@validate_twilio_request
def agent() -> str:
    response = VoiceResponse()
    dial = Dial()
    dial.queue("support", url="/whisper")
    response.append(dial)
    response.redirect("/agent")
    return str(response)


@app.post("/whisper")
@validate_twilio_request
def whisper() -> str:
    response = VoiceResponse()
    response.say("You will now be connected to an agent.")
    return str(response)


@app.post("/served")
@validate_twilio_request
def served() -> str:
    response = VoiceResponse()
    response.say("Goodbye.")
    response.hangup()
    return str(response)


@app.post("/progress")
@app.post("/transcription")
def heard() -> Response:
    return Response(status=204)


if __name__ == "__main__":
    app.run(port=int(os.environ["PORT"]))  # noqa: TID251
