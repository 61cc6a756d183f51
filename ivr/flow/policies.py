"""What the company does in such a case: `flows/policies/*.md`, told to whoever takes the call.

A file begins with a heading, then a line `Words:` with the words by which a caller's reason is known, then what is done
and what the customer is told. It is read to agents and shown on their desk as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ivr.domain.rules import search_words
from ivr.flow.yaml_source.entry import FlowFault, SourceLocation

MAX_CHARACTERS = 1200  # characters: it is read in a call
_KEYWORDS_LINE = re.compile(r"^words:(.*)$", re.IGNORECASE)
_MARKUP = re.compile(r"[*_`#>]+|^\s*[-+]\s+", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Policy:
    title: str
    keywords: frozenset[str]
    body: str

    @property
    def spoken_text(self) -> str:
        """Without its marks, to be read aloud."""
        return f"{self.title}: {' '.join(_MARKUP.sub('', self.body).split())}"


def parse_policy(text: str, file: str, faults: list[FlowFault]) -> Policy | None:
    """None, and why in `faults`, when it is not one."""
    lines = text.strip().splitlines()
    title = lines[0].lstrip("# ").strip() if lines and lines[0].startswith("#") else ""
    at = next((n for n, line in enumerate(lines) if _KEYWORDS_LINE.match(line.strip())), 0)
    named = _KEYWORDS_LINE.match(lines[at].strip()) if lines else None
    words = frozenset(search_words.split_words(named[1])) if named else frozenset()
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
            f"{len(body)} characters are too much to read in a call; {MAX_CHARACTERS} at most",
            len(body) > MAX_CHARACTERS,
        ),
    ]
    found = [
        FlowFault(location=SourceLocation(file=file, line=line), message=told)
        for line, told, so in wrong
        if so
    ]
    faults.extend(found)
    return None if found else Policy(title=title, keywords=words, body=body)


def find_policy(policies: Iterable[Policy], reason: str) -> Policy | None:
    """The one with most of its words in what the caller said; of equals the first."""
    said = set(search_words.split_words(reason))
    return max((p for p in policies if p.keywords & said), key=lambda p: len(p.keywords & said), default=None)
