"""The brief: what a person is told before they take a call, the same by ear and on a page.

The first part fits before the accept prompt: who, why, and who promised what. Whatever was cut short there to fit is
said in full in the part after it; nothing anybody wrote is lost or put into other words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from ivr.domain.phone_numbers import Degree
from ivr.domain.speech.spoken_text import ago, by_when, clock, count_today, duration, tidy

SECONDS_BEFORE_ACCEPT = 8.0
# 160 words a minute, the middle of what voices and newsreaders do.
WORDS_PER_SECOND = 2.7
_MOST = int(SECONDS_BEFORE_ACCEPT * WORDS_PER_SECOND)
# A name and a colleague's name leave room for a reason.
_NAME_WORDS = 5
_NAME_LETTERS = 40
# Less than this of a reason says nothing.
_FEWEST = 4
_LONG_WORD = 12
_TOKEN = re.compile(r"\d|[^\W\d]+")
_KNOWN = {
    Degree.ATTESTED: "attested",
    Degree.CONFIRMED: "confirmed",
}  # of a known name; unsure ones are a "perhaps"
_STOPS = (".", "!", "?", "…", '…"', "…»", "… »")


class Wording(Protocol):
    """The sentences of a brief in one language, by name: "promised", "late". People's own words stand in them unchanged."""

    def __call__(self, name: str, /, **fields: str) -> str: ...


@dataclass(frozen=True, kw_only=True)
class LastTalk:
    """The last contact with a person."""

    agent: str
    at: datetime
    note: str = ""  # to the word


@dataclass(frozen=True, kw_only=True)
class Owing:
    """A call owed to the customer."""

    until: datetime
    by: str = ""  # who promised; "" = the line itself
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class Minding:
    """A need or preference, as somebody wrote it down."""

    text: str
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class Handover:
    """A colleague passes the caller on."""

    agent: str
    reason: str = ""
    note: str = ""  # to the word


@dataclass(frozen=True, kw_only=True)
class Brief:
    """Everything an earlier call established. Texts are as people said or typed them, unescaped."""

    name: str = ""  # "" when unknown
    ending: str = ""  # of their number; "" when hidden
    degree: Degree = Degree.UNSURE
    calls_today: int = 1  # this one included
    reason: str = ""  # the caller's sentence, verbatim
    waited: int = 0  # seconds
    queue: str = ""
    case: str = ""
    last: LastTalk | None = None
    noted: LastTalk | None = None  # written on their case since then, without a talk
    owed: tuple[Owing, ...] = ()
    keeping: Owing | None = None  # the promise that this very call keeps
    minding: tuple[Minding, ...] = ()
    transfer: Handover | None = None
    policy: str = ""  # what the company does in such a case
    facts: tuple[str, ...] = ()  # what the company's own system says
    facts_name: str = ""  # whom it takes them for


@dataclass(frozen=True, kw_only=True)
class _Said:
    """A sentence, and the form it may take when it has to be short ("" = none)."""

    full: str
    short: str = ""


def spoken(brief: Brief, words: Wording, language: str, now: datetime) -> tuple[str, str]:
    """What is said before the accept prompt (8 s at most) and after it, as plain text. `now`: in the agent's zone."""
    before, after = _parts(brief, words, language, now)
    return " ".join(before), " ".join(after)


def as_json(brief: Brief, words: Wording, language: str, now: datetime) -> dict[str, Any]:
    """The same sentences in the same order (`before`, then `after`), and the fields they were made from. Times are ISO 8601."""
    before, after = _parts(brief, words, language, now)
    return {
        "before": list(before),
        "after": list(after),
        "name": brief.name,
        "ending": brief.ending,
        "degree": brief.degree.word,
        "calls_today": brief.calls_today,
        "reason": brief.reason,
        "waited": brief.waited,
        "queue": brief.queue,
        "case": brief.case,
        "last": brief.last
        and {"agent": brief.last.agent, "at": brief.last.at.isoformat(), "note": brief.last.note},
        "noted": brief.noted
        and {"agent": brief.noted.agent, "at": brief.noted.at.isoformat(), "note": brief.noted.note},
        "owed": [_owing_json(owing) for owing in brief.owed],
        "keeping": brief.keeping and _owing_json(brief.keeping),
        "minding": [{"text": minding.text, "by": minding.by} for minding in brief.minding],
        "transfer": brief.transfer
        and {"agent": brief.transfer.agent, "reason": brief.transfer.reason, "note": brief.transfer.note},
        "policy": brief.policy,
        "system": {"facts": list(brief.facts), "name": brief.facts_name},
    }


def _owing_json(owing: Owing) -> dict[str, str]:
    return {"until": owing.until.isoformat(), "by": owing.by, "about": owing.about}


def spoken_words(text: str) -> int:
    """How many words a voice needs: digits are said one by one, very long words count as several."""
    return sum(-(-len(token) // _LONG_WORD) for token in _TOKEN.findall(text))


# ---- which sentence stands where ---------------------------------------------------------------------------------


@dataclass(kw_only=True)
class _Room:
    """The seconds before the accept prompt, being filled."""

    left: int = _MOST
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    def add(self, said: _Said, keep: int = 0) -> None:
        """In full if it fits beside `keep` words that are spoken for, else short with the full form later."""
        for form in (said.full, said.short):
            if form and spoken_words(form) <= self.left - keep:
                self.before.append(form)
                self.left -= spoken_words(form)
                if form == said.full:
                    return
                break
        self.after.append(said.full)


def _parts(
    brief: Brief, words: Wording, language: str, now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    teller = _Teller(brief, words, language, now)
    room = _Room()
    room.add(teller.who())
    promise, *others = [*teller.promises(), None]
    reserved = spoken_words(promise.short or promise.full) if promise else 0
    reserved = reserved if reserved < room.left else 0
    for why in teller.why():
        shortened = _Said(full=why, short=_cut(why, room.left - reserved))
        room.add(shortened, keep=reserved)
    for said in (promise, *others, *teller.rest()):
        if said:
            room.add(said)
    return tuple(room.before), tuple(room.after)


def _cut(sentence: str, most: int) -> str:
    """As many whole words of the sentence as `most` spoken ones allow; "" when that would say nothing."""
    kept: list[str] = []
    for word in sentence.split():
        if spoken_words(" ".join([*kept, word])) > most:
            break
        kept.append(word)
    if len(kept) < _FEWEST:
        return ""
    cut = " ".join(kept).rstrip(".,;:\"'»")
    closing = " »" if "« " in cut else "»" if "«" in cut else '"' if '"' in cut else ""
    return f"{cut} …{closing}"


@dataclass(frozen=True)
class _Teller:
    """Turns a brief into sentences of one language."""

    brief: Brief
    words: Wording
    language: str
    now: datetime

    def who(self) -> _Said:
        brief, words = self.brief, self.words
        if brief.name:
            name = _few(brief.name)
            name = words("perhaps", name=name) if brief.degree is Degree.UNSURE else name
        else:
            name = words("ending", ending=" ".join(brief.ending[-4:])) if brief.ending else words("hidden")
        today = count_today(brief.calls_today, self.language) if brief.calls_today > 1 else ""
        known = words(_KNOWN[brief.degree]) if brief.name and brief.degree in _KNOWN else ""
        full = _stop(", ".join(part for part in (name, today, known) if part))
        return _Said(full=full, short=_stop(_cut(full, _MOST - _FEWEST)))

    def why(self) -> Iterator[str]:
        brief, words = self.brief, self.words
        if brief.transfer:
            agent, reason = brief.transfer.agent, _flat(brief.transfer.reason)
            yield _stop(
                words("handed_over", agent=agent, reason=reason)
                if reason
                else words("handed_over_plain", agent=agent)
            )
        if brief.reason:
            yield words("reason", reason=_flat(brief.reason))

    def promises(self) -> Iterator[_Said]:
        seen = dict.fromkeys([self.brief.keeping, *self.brief.owed])
        for owing in seen:
            if owing:
                yield self._promise(owing)

    def _promise(self, owing: Owing) -> _Said:
        words = self.words
        today = owing.until.astimezone(self.now.tzinfo).date() == self.now.date()
        by = (
            words("by", clock=clock(owing.until, self.language, self.now))
            if today
            else by_when(owing.until, self.language, self.now)
        )
        late = words("late") if owing.until < self.now else ""
        told = words("promised", agent=_few(owing.by), by=by) if owing.by else words("owed", by=by)
        short = tidy(told, self.language)
        known = not owing.about or _flat(owing.about) == _flat(self.brief.reason)
        about = "" if known else words("about", about=_flat(owing.about))
        return _Said(full=_stop(short + about + late), short=_stop(short))

    def rest(self) -> Iterator[_Said]:
        brief, words = self.brief, self.words
        if brief.transfer and brief.transfer.note:
            yield _Said(full=words("note", agent=brief.transfer.agent, note=_flat(brief.transfer.note)))
        if brief.last:
            when = ago(brief.last.at, self.language, self.now)
            agent, note = brief.last.agent, _flat(brief.last.note)
            told = (
                words("last_note", agent=agent, when=when, note=note)
                if note
                else words("last", agent=agent, when=when)
            )
            yield _Said(full=_stop(told))
        if brief.noted:
            when = ago(brief.noted.at, self.language, self.now)
            note = _flat(brief.noted.note)
            yield _Said(full=_stop(words("noted", agent=brief.noted.agent, when=when, note=note)))
        if brief.facts_name and brief.facts_name != brief.name:
            yield _Said(full=_stop(words("system_name", name=brief.facts_name)))
        for fact in brief.facts:
            yield _Said(full=_stop(words("system", fact=_flat(fact))))
        if brief.waited > 0:
            yield _Said(full=words("waited", time=duration(brief.waited, self.language)))
        for minding in brief.minding:
            text = _flat(minding.text)
            told = (
                words("minding_by", text=text, by=minding.by) if minding.by else words("minding", text=text)
            )
            yield _Said(full=_stop(told))
        if brief.policy:
            yield _Said(full=_stop(_flat(brief.policy)))


def _flat(text: str) -> str:
    """The same words on one line, without the full stop that the sentence around them brings."""
    return " ".join(text.split()).removesuffix(".").rstrip()


def _few(name: str) -> str:
    return " ".join(name[:_NAME_LETTERS].split()[:_NAME_WORDS])


def _stop(sentence: str) -> str:
    return sentence if not sentence or sentence.endswith(_STOPS) else sentence + "."
