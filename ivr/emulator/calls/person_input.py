"""What the person on a leg does: they press keys, and say words that take time and that others hear."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from ivr.emulator.calls.leg import CallLeg
from ivr.emulator.calls.signals import Key, SpeechBegan, SpeechEnded, TrackSpeech
from ivr.emulator.speech.hearing import Utterance
from ivr.emulator.speech.speaking_time import seconds_to_say, time_words


async def press_keys(leg: CallLeg, keys: str) -> None:
    """One key after another, 0.2 s apart."""
    for index, key in enumerate(keys):
        if index:
            await leg.exchange.clock.sleep(0.2)
        leg.log("pressed", keys=key, collected=bool(leg.inboxes))
        leg.deliver(Key(key=key))


async def speak(leg: CallLeg, words: str, *, confidence: float | None = None, language: str = "") -> None:
    """`confidence` (0 to 1) and `language` are what speech recognition will make of it."""
    if leg.muted:
        await leg.exchange.clock.sleep(seconds_to_say(words))
        leg.log("spoke_muted", words=words)
        return
    leg.deliver(SpeechBegan(words=words, confidence=confidence, language=language))
    if leg.connection:
        leg.connection.on_speech(leg, words, began=True)
    said = TrackSpeech(track="inbound", words=words, confidence=confidence, language=language)
    heard = {other: replace(said, track="outbound") for other in leg.list_hearers()}
    with _set_utterance(leg, words), ExitStack() as tracks:
        for one, what in {leg: said, **heard}.items():
            tracks.enter_context(one.notify_speech_listeners(what))
        await leg.exchange.clock.sleep(seconds_to_say(words))
    if not leg.is_alive:
        return
    leg.log("spoke", words=words, collected=bool(leg.inboxes))
    for tape in leg.word_recorders:
        tape(words)
    leg.deliver(SpeechEnded(words=words))
    if leg.connection:
        leg.connection.on_speech(leg, words, began=False)
    for other in leg.list_hearers():
        other.hearing.add_words(words)
        other.log("heard", words=words, speaker=leg.who)
        if other not in heard:  # they were brought together meanwhile
            with other.notify_speech_listeners(replace(said, track="outbound")):
                pass


@contextmanager
def _set_utterance(leg: CallLeg, words: str) -> Iterator[None]:
    begun = leg.utterance = Utterance(speech=time_words(words), began_at=leg.exchange.now)
    leg.exchange.event_log.notify_watchers()
    try:
        yield
    finally:
        if leg.utterance is begun:
            leg.utterance = None
            leg.exchange.event_log.notify_watchers()
