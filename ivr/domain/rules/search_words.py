"""How words are compared when somebody looks for them: without case or accents, a telephone number as its digits."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MAX_WORD_LETTERS = 40  # letters of a word that count
MAX_QUERY_WORDS = 8  # words of a query that count
MIN_ENDING_DIGITS = 3  # digits of a number by which it can be found

_WORD = re.compile(r"[^\W_]+")
# a number as people write it: "+1 202-555-0155", "(202) 555 0155"
_NUMBER = re.compile(r"\+\d[\d\s().-]{5,}\d|\(?\b\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}\b")
# letters that are no other letter with an accent on it
_LETTERS_WITHOUT_ACCENT = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)


@dataclass(frozen=True, kw_only=True)
class SearchQuery:
    """`exact_words`: words that must stand there; `last_prefix`: one must begin so, "" when nothing was typed."""

    exact_words: tuple[str, ...] = ()
    last_prefix: str = ""


def split_words(text: str) -> tuple[str, ...]:
    """Each once, in the order in which they stand there."""
    joined = _NUMBER.sub(lambda found: f" {''.join(filter(str.isdigit, found[0]))} ", text)
    letters = unicodedata.normalize("NFKD", joined.casefold())
    plain = (
        "".join(c for c in letters if not unicodedata.combining(c))
        .casefold()
        .translate(_LETTERS_WITHOUT_ACCENT)
    )
    return tuple(dict.fromkeys(word[:MAX_WORD_LETTERS] for word in _WORD.findall(plain)))


def list_number_endings(number: str) -> tuple[str, ...]:
    """What a number in E.164 is found by: all of its digits, or as many of the last as somebody knows."""
    digits = "".join(filter(str.isdigit, number))
    return tuple(digits[n:] for n in range(len(digits) - MIN_ENDING_DIGITS + 1))


def parse_query(text: str) -> SearchQuery:
    """What was typed, with the last word as far as it has come."""
    found = split_words(text)[:MAX_QUERY_WORDS]
    return SearchQuery(exact_words=found[:-1], last_prefix=found[-1]) if found else SearchQuery()
