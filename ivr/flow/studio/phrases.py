"""What Studio says, as it can be said here."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ivr.flow.checker.check import find_call_again_request
from ivr.flow.phrases.built_in import parse_phrasebook
from ivr.flow.phrases.phrasebook import InvalidPhrase, parse_template
from ivr.flow.studio.notes import one_line

_VARIABLE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_CLAUSE = re.compile(
    r"(?<=[,.;!?])\s+|\n+|\s+(?=(?:or|and|o|y)\s+(?:press|oprima|marque|presione|pulse)\b)", re.IGNORECASE
)
_GOODBYE = re.compile(
    r"\b(good ?-?bye|bye|have a (nice|great|good) (day|one|evening)|adi[óo]s|hasta luego)\b", re.IGNORECASE
)
_OFFER_START = re.compile(r"^(?:(?:or|and|o|y)\s+)?(?:to|for|para|si)\b", re.IGNORECASE)
_PRESS = r"(?:press|oprima|marque|presione|pulse|hit|dial)\s+(?:el\s+|the\s+)?(?:number\s+)?"

# Variables by the last part of their name.
_NAMES = {"name", "first_name", "firstname", "customer_name", "caller_name", "callername", "full_name"}
_COMPANY = {"company", "company_name", "business_name"}


@dataclass(kw_only=True)
class SpeakableText:
    text: str
    changes: list[str] = field(default_factory=list)


def make_speakable(text: str, language: str) -> SpeakableText:
    """Without Studio's variables and without what would be refused here; each change is told."""
    spoken = SpeakableText(text=text.replace("[", "(").replace("]", ")"))
    if _TAG.search(spoken.text):
        spoken.text = _TAG.sub("", spoken.text)
        spoken.changes.append("Liquid tags {% %} were taken out of its words; read them once")
    spoken.text = _VARIABLE.sub(_translate_variable, spoken.text)
    _drop_sentences(spoken, _VARIABLE.search, "has a variable that the line does not know")
    spoken.text = re.sub(r"\{(?!caller\.name\}|company\})|(?<!caller\.name)(?<!company)\}", "", spoken.text)
    book = parse_phrasebook(language, None)[0]
    _drop_sentences(
        spoken,
        lambda sentence: find_call_again_request(sentence, book),
        "told people to call again; we call them",
    )
    try:
        parse_template(spoken.text)
    except InvalidPhrase:
        spoken.text = re.sub(r"<[^<>]*>|[<>]", " ", spoken.text)
        spoken.changes.append("its markup was not well-formed and was taken out")
    spoken.text = _tidy_spaces(spoken.text)
    return spoken


def _translate_variable(found: re.Match[str]) -> str:
    path = found[1].split("|", maxsplit=1)[0].strip().lower()
    last = re.split(r"[.\[\]'\"]+", path)[-1]
    if last in _NAMES:
        return "[{caller.name}]"
    return "{company}" if last in _COMPANY else found[0]


def _drop_sentences(spoken: SpeakableText, is_wrong: Callable[[str], object], reason: str) -> None:
    """Leaves out the sentences in which something is wrong."""
    sentences = [s for s in _SENTENCE.split(spoken.text) if s.strip()]
    out = [s for s in sentences if is_wrong(s)]
    if out:
        spoken.text = " ".join(s for s in sentences if s not in out)
        spoken.changes += [f'"{s.strip()}" {reason}: left out' for s in out]


def remove_goodbye(text: str) -> str:
    """For words that are no longer the last ones."""
    return _tidy_spaces(" ".join(s for s in _SENTENCE.split(text) if not _GOODBYE.search(s)))


def remove_key(text: str, key: str) -> str:
    """Without the clause that offers a key; the text itself when no clause can be taken out cleanly."""
    press = re.compile(_PRESS + re.escape(key) + r"\b", re.IGNORECASE)
    clauses = [c for c in _CLAUSE.split(text) if c.strip()]
    kept: list[str] = []
    for clause in clauses:
        if not press.search(clause):
            kept.append(clause)
            continue
        bare = re.fullmatch(
            r"(?:(?:or|and|o|y|please)\s+)*" + _PRESS + re.escape(key) + r"\s*[,.;!?]?", clause, re.IGNORECASE
        )
        if bare and kept and _OFFER_START.search(kept[-1]):
            kept.pop()  # "To hear this again, press 9."
        if kept and kept[-1].endswith(",") and clause.rstrip()[-1:] in ".!?":
            kept[-1] = f"{kept[-1][:-1]}{clause.rstrip()[-1]}"
    said = _tidy_spaces(" ".join(kept))
    return re.sub(r",$", ".", said)


def _tidy_spaces(text: str) -> str:
    text = one_line(text)
    text = re.sub(r"\s*\[\{caller\.name\}\]", "[ {caller.name}]", text)
    return re.sub(r"\s+([,.;!?])", r"\1", text).strip()
