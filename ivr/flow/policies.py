"""What the company does in such a case: `flows/policies/*.md`, told to whoever takes the call.

A file begins with a heading, then a line `Words:` with the words by which a caller's reason is known, then what is done
and what the customer is told. It is read to agents and shown on their desk as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ivr.domain.rules import search_words
from ivr.flow.yaml_source.entry import Fault, Place

LONGEST = 1200  # characters: it is read in a call
_WORDS = re.compile(r"^words:(.*)$", re.IGNORECASE)
_MARKS = re.compile(r"[*_`#>]+|^\s*[-+]\s+", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Policy:
    title: str
    words: frozenset[str]
    body: str

    @property
    def said(self) -> str:
        """Without its marks, to be read aloud."""
        return f"{self.title}: {' '.join(_MARKS.sub('', self.body).split())}"


def parse(text: str, file: str, faults: list[Fault]) -> Policy | None:
    """None, and why in `faults`, when it is not one."""
    lines = text.strip().splitlines()
    title = lines[0].lstrip("# ").strip() if lines and lines[0].startswith("#") else ""
    at = next((n for n, line in enumerate(lines) if _WORDS.match(line.strip())), 0)
    named = _WORDS.match(lines[at].strip()) if lines else None
    words = frozenset(search_words.words(named[1])) if named else frozenset()
    body = "\n".join(lines[at + 1 :]).strip() if named else ""
    wrong = [
        (1, "a policy begins with its name, like: # Lost baggage", not title),
        (
            at + 1 if named else 2,
            "a line says by which words it is known, like: Words: suitcase, baggage",
            not words,
        ),
        (at + 2, "it says nothing: what is done, and what is the customer told?", bool(words) and not body),
        (
            at + 2,
            f"{len(body)} characters are too much to read in a call; {LONGEST} at most",
            len(body) > LONGEST,
        ),
    ]
    found = [Fault(place=Place(file=file, line=line), message=told) for line, told, so in wrong if so]
    faults.extend(found)
    return None if found else Policy(title=title, words=words, body=body)


def for_reason(policies: Iterable[Policy], reason: str) -> Policy | None:
    """The one with most of its words in what the caller said; of equals the first."""
    said = set(search_words.words(reason))
    return max((p for p in policies if p.words & said), key=lambda p: len(p.words & said), default=None)
