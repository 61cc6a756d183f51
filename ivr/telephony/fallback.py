"""What a caller hears when the line itself is broken: TwiML that needs no state, nothing but the settings (I9).

We apologise, ring the fallback numbers in turn, take a message that becomes a promise, and start over: we never say
"call again". A dial needs a pressed 1, so that a voicemail does not swallow the caller; only `DialBridged` then tells
that two people talked, `DialCallStatus` can be `completed` after a rejected whisper, too
(https://www.twilio.com/docs/voice/twiml/dial).

The addresses, all POST: `/voice/fallback` (`dial_next_twiml`), `/voice/fallback/next?turn=` (`dial_next_twiml`),
`/voice/fallback/confirm`, `/voice/fallback/confirmed`, `/voice/fallback/thanks`, `/voice/fallback/recorded` (the
recording's status callback). `base_url` is the address of the host that serves them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from ivr.flow.phrases.built_in import list_built_in_languages, parse_phrasebook
from ivr.flow.phrases.phrasebook import Phrasebook
from ivr.telephony.urls import OVERRIDES

Phrasebooks = Sequence[Phrasebook]

# the line's own words under "broken"
SORRY, HOLD_ON, NOBODY_YET, TALKED_OR_NOBODY = "sorry", "hold_on", "nobody_yet", "talked"
LEAVE_MESSAGE, THANKS, CALL_NOTED, GOODBYE = "leave", "thanks", "noted", "goodbye"

RING_SECONDS = 15  # most voicemails answer later
MAX_MESSAGE_SECONDS = 120
MAX_ROUNDS = 5  # of all numbers and a message, for a caller who stays and says nothing


def dial_next_twiml(
    *,
    numbers: Sequence[str],
    base_url: str,
    turn: int = 0,
    phrasebooks: Phrasebooks = (),
    caller_id: str = "",
) -> str:
    """Ring the next fallback number; after the last one, take a message; then start over.

    `turn` counts these steps from 0. `phrasebooks`: whose words are said, one language after another; all that the package has
    where nobody knows which the line speaks. `caller_id`: a
    number of ours, for a caller who shows none: Twilio dials with the caller's own otherwise, and refuses one that is no
    number (13214).
    """
    response = VoiceResponse()
    if turn == 0:
        _say_phrases(response, phrasebooks, SORRY, *[HOLD_ON] * bool(numbers))
    steps = len(numbers) + 1
    following = f"{base_url}/voice/fallback/next?turn={turn + 1}{OVERRIDES}"
    if turn >= MAX_ROUNDS * steps:
        _say_phrases(
            response, phrasebooks, CALL_NOTED
        )  # the scheduler makes promises of Twilio's list of calls
        response.hangup()
    elif turn % steps < len(numbers):
        dial = Dial(timeout=RING_SECONDS, action=following, method="POST", caller_id=caller_id or None)
        dial.number(numbers[turn % steps], url=f"{base_url}/voice/fallback/confirm{OVERRIDES}", method="POST")
        response.append(dial)
    else:
        _say_phrases(response, phrasebooks, *[NOBODY_YET] * bool(numbers), LEAVE_MESSAGE)
        response.record(
            action=f"{base_url}/voice/fallback/thanks{OVERRIDES}",
            method="POST",
            max_length=MAX_MESSAGE_SECONDS,
            play_beep=True,
            timeout=6,
            recording_status_callback=f"{base_url}/voice/fallback/recorded{OVERRIDES}",
            recording_status_callback_method="POST",
            recording_status_callback_event="completed",
        )
        response.redirect(following, method="POST")  # reached after silence only
    return str(response)


def goodbye_twiml(phrasebooks: Phrasebooks = ()) -> str:
    """After a talk. Only Twilio's `DialBridged` tells that there was one."""
    return _say_and_hang_up(phrasebooks, GOODBYE)


def confirm_twiml(*, base_url: str, phrasebooks: Phrasebooks = ()) -> str:
    """Heard by whoever picks up a fallback number, before they are joined. Says nothing of the caller."""
    response = VoiceResponse()
    gather = Gather(
        num_digits=1, timeout=5, action=f"{base_url}/voice/fallback/confirmed{OVERRIDES}", method="POST"
    )
    for _ in range(2):  # the first words are lost on the phone's way to the ear
        book = (phrasebooks or _load_built_in_phrasebooks())[0]
        gather.say(book.text("broken.confirm"), language=book.voice.locale, voice=book.voice.name or None)
    response.append(gather)
    response.hangup()
    return str(response)


def confirmed_twiml(*, digits: str) -> str:
    """An empty answer joins the two; a hang-up sends the caller to the next number."""
    response = VoiceResponse()
    if digits != "1":
        response.hangup()
    return str(response)


def thanks_twiml(phrasebooks: Phrasebooks = ()) -> str:
    """After the message."""
    return _say_and_hang_up(phrasebooks, THANKS)


def static_twiml(*, numbers: Sequence[str], phrasebooks: Phrasebooks = ()) -> str:
    """For a TwiML Bin or any other host: works while nothing of ours runs.

    Nothing can be asked of who picks up, and nothing is remembered: one dial per number, and as a dial without an action
    goes on to the next verb when nobody answered *and* after a talk, the message begins with words for both. The
    scheduler finds the recordings and calls of that time at Twilio, and makes promises of them. Who stays on after the
    message starts over, as the address of a recording without an action is its own.
    """
    response = VoiceResponse()
    _say_phrases(response, phrasebooks, SORRY, *[HOLD_ON] * bool(numbers))
    for number in numbers:
        response.dial(number, timeout=RING_SECONDS)
    _say_phrases(response, phrasebooks, *[TALKED_OR_NOBODY] * bool(numbers), LEAVE_MESSAGE)
    response.record(max_length=MAX_MESSAGE_SECONDS, play_beep=True, timeout=6)
    return str(response)


def _say_and_hang_up(phrasebooks: Phrasebooks, key: str) -> str:
    response = VoiceResponse()
    _say_phrases(response, phrasebooks, key)
    response.hangup()
    return str(response)


def _say_phrases(response: VoiceResponse, phrasebooks: Phrasebooks, *keys: str) -> None:
    """All of one language, then all of the next."""
    for book in phrasebooks or _load_built_in_phrasebooks():
        text = " ".join(book.text(f"broken.{key}") for key in keys)
        response.say(text, language=book.voice.locale, voice=book.voice.name or None)


@cache
def _load_built_in_phrasebooks() -> tuple[Phrasebook, ...]:
    return tuple(parse_phrasebook(language, None)[0] for language in list_built_in_languages())
