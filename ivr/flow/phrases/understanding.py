"""Understanding short utterances: which option was meant, whether a person is wanted, yes or no."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ivr.flow.phrases.phrasebook import Phrasebook

_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=4096)
def tokenize(text: str) -> tuple[str, ...]:
    """Lower case, without accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return tuple(_WORD.findall("".join(c for c in plain if not unicodedata.combining(c))))


def contains_phrase(utterance: str, phrase: str) -> bool:
    """The phrase stands in the utterance, word by word."""
    heard, wanted = tokenize(utterance), tokenize(phrase)
    return bool(wanted) and any(
        heard[i : i + len(wanted)] == wanted for i in range(len(heard) - len(wanted) + 1)
    )


def contains_any_phrase(utterance: str, phrases: tuple[str, ...]) -> bool:
    return any(contains_phrase(utterance, phrase) for phrase in phrases)


def wants_person(utterance: str, phrasebook: Phrasebook, *, free_speech: bool) -> bool:
    """In a free sentence only when the wish is all there is: "an agent, please", not "your agent told me"."""
    person, somebody = phrasebook.get_word_list("heard.person"), phrasebook.get_word_list("heard.somebody")
    if not free_speech and contains_any_phrase(utterance, person):
        return True
    if not contains_any_phrase(utterance, (*person, *somebody)):
        return False
    filler = {
        t
        for phrase in (*phrasebook.get_word_list("heard.filler"), *person, *somebody)
        for t in tokenize(phrase)
    }
    return all(token in filler for token in tokenize(utterance))


def parse_spoken_key(utterance: str, phrasebook: Phrasebook) -> str:
    """Give "3" for "three", "press three", "number 3"; "" for anything else."""
    filler = {t for phrase in phrasebook.get_word_list("heard.press") for t in tokenize(phrase)}
    rest = [token for token in tokenize(utterance) if token not in filler]
    if len(rest) != 1:
        return ""
    names = [tokenize(name)[0] for name in phrasebook.get_word_list("heard.digits")]
    if rest[0].isdigit():
        return rest[0] if len(rest[0]) == 1 else ""
    return str(names.index(rest[0])) if rest[0] in names else ""


def parse_yes_or_no(value: str, phrasebook: Phrasebook) -> str:
    """Give "1" for a yes, "2" for a no, "" for neither."""
    if contains_any_phrase(value, phrasebook.get_word_list("heard.no")):
        return "2"
    return "1" if contains_any_phrase(value, phrasebook.get_word_list("heard.yes")) else ""
