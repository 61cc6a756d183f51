"""Understanding short utterances: which option was meant, whether a person is wanted, yes or no."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ivr.flow.phrases.phrasebook import Book

_WORD = re.compile(r"[^\W_]+")


@lru_cache(maxsize=4096)
def tokens(text: str) -> tuple[str, ...]:
    """Lower case, without accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return tuple(_WORD.findall("".join(c for c in plain if not unicodedata.combining(c))))


def says(utterance: str, phrase: str) -> bool:
    """The phrase stands in the utterance, word by word."""
    heard, wanted = tokens(utterance), tokens(phrase)
    return bool(wanted) and any(
        heard[i : i + len(wanted)] == wanted for i in range(len(heard) - len(wanted) + 1)
    )


def says_any(utterance: str, phrases: tuple[str, ...]) -> bool:
    return any(says(utterance, phrase) for phrase in phrases)


def wants_person(utterance: str, book: Book, *, free: bool) -> bool:
    """In a free sentence only when the wish is all there is: "an agent, please", not "your agent told me"."""
    person, somebody = book.listed("heard.person"), book.listed("heard.somebody")
    if not free and says_any(utterance, person):
        return True
    if not says_any(utterance, (*person, *somebody)):
        return False
    filler = {t for phrase in (*book.listed("heard.filler"), *person, *somebody) for t in tokens(phrase)}
    return all(token in filler for token in tokens(utterance))


def spoken_key(utterance: str, book: Book) -> str:
    """Give "3" for "three", "press three", "number 3"; "" for anything else."""
    filler = {t for phrase in book.listed("heard.press") for t in tokens(phrase)}
    rest = [token for token in tokens(utterance) if token not in filler]
    if len(rest) != 1:
        return ""
    names = [tokens(name)[0] for name in book.listed("heard.digits")]
    if rest[0].isdigit():
        return rest[0] if len(rest[0]) == 1 else ""
    return str(names.index(rest[0])) if rest[0] in names else ""


def yes_or_no(value: str, book: Book) -> str:
    """Give "1" for a yes, "2" for a no, "" for neither."""
    if says_any(value, book.listed("heard.no")):
        return "2"
    return "1" if says_any(value, book.listed("heard.yes")) else ""
