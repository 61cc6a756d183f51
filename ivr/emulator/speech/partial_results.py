"""Words as they are recognised, one by one, while somebody is still speaking."""

from collections.abc import Callable

from ivr.emulator.runtime.exchange import Exchange
from ivr.emulator.speech.speaking_time import time_words


async def report_word_by_word(exchange: Exchange, words: str, report: Callable[[str], None]) -> None:
    """Call `report` with everything said so far, each time another word has been said; not for the last one."""
    speech = time_words(words)
    at = 0.0
    for count, end in enumerate(speech.word_ends[:-1], 1):
        await exchange.clock.sleep(end - at)
        at = end
        report(" ".join(speech.words[:count]))
