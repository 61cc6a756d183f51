"""Words as they are recognised, one by one, while somebody is still speaking."""

from collections.abc import Callable

from ivr.emulator.runtime.exchange import Exchange
from ivr.emulator.speech.speaking_time import plain


async def word_by_word(exchange: Exchange, words: str, tell: Callable[[str], None]) -> None:
    """Call `tell` with everything said so far, each time another word has been said; not for the last one."""
    speech = plain(words)
    at = 0.0
    for count, end in enumerate(speech.ends[:-1], 1):
        await exchange.clock.sleep(end - at)
        at = end
        tell(" ".join(speech.words[:count]))
