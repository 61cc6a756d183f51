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

from ivr.domain.phone_numbers import TrustLevel
from ivr.domain.speech.spoken_text import ago, by_when, clock_time, contract_words, count_today, duration

SECONDS_BEFORE_ACCEPT = 8.0
# 160 words a minute, the middle of what voices and newsreaders do.
WORDS_PER_SECOND = 2.7
_MAX_WORDS = int(SECONDS_BEFORE_ACCEPT * WORDS_PER_SECOND)
# A name and a colleague's name leave room for a reason.
_MAX_NAME_WORDS = 5
_MAX_NAME_LETTERS = 40
# Less than this of a reason says nothing.
_MIN_WORDS = 4
_LETTERS_PER_SPOKEN_WORD = 12
_TOKEN = re.compile(r"\d|[^\W\d]+")
_TRUST_PHRASES = {
    TrustLevel.ATTESTED: "attested",
    TrustLevel.CONFIRMED: "confirmed",
}  # of a known name; unsure ones are a "perhaps"
_SENTENCE_ENDS = (".", "!", "?", "…", '…"', "…»", "… »")


class BriefPhrases(Protocol):
    """The sentences of a brief in one language, by name: "promised", "late". People's own words stand in them unchanged."""

    def __call__(self, name: str, /, **fields: str) -> str: ...


@dataclass(frozen=True, kw_only=True)
class LastTalk:
    """The last contact with a person."""

    agent: str
    at: datetime
    note: str = ""  # to the word


@dataclass(frozen=True, kw_only=True)
class OwedCall:
    """A call owed to the customer."""

    due_by: datetime
    promised_by: str = ""  # who promised; "" = the line itself
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class ImportantNote:
    """A need or preference, as somebody wrote it down."""

    text: str
    author: str = ""


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
    number_ending: str = ""  # of their number; "" when hidden
    trust_level: TrustLevel = TrustLevel.UNVERIFIED
    calls_today: int = 1  # this one included
    reason: str = ""  # the caller's sentence, verbatim
    waited_seconds: int = 0  # seconds
    queue: str = ""
    case: str = ""
    last_talk: LastTalk | None = None
    colleague_note: LastTalk | None = None  # written on their case since then, without a talk
    owed_calls: tuple[OwedCall, ...] = ()
    current_promise: OwedCall | None = None  # the promise that this very call keeps
    important_notes: tuple[ImportantNote, ...] = ()
    handover: Handover | None = None
    policy: str = ""  # what the company does in such a case
    lookup_facts: tuple[str, ...] = ()  # what the company's own system says
    lookup_name: str = ""  # whom it takes them for


@dataclass(frozen=True, kw_only=True)
class _Sentence:
    """A sentence, and the form it may take when it has to be short ("" = none)."""

    full: str
    short: str = ""


def render_spoken(brief: Brief, phrases: BriefPhrases, language: str, now: datetime) -> tuple[str, str]:
    """What is said before the accept prompt (8 s at most) and after it, as plain text. `now`: in the agent's zone."""
    before, after = _build_parts(brief, phrases, language, now)
    return " ".join(before), " ".join(after)


def render_json(brief: Brief, phrases: BriefPhrases, language: str, now: datetime) -> dict[str, Any]:
    """The same sentences in the same order (`before`, then `after`), and the fields they were made from. Times are ISO 8601."""
    before, after = _build_parts(brief, phrases, language, now)
    return {
        "before": list(before),
        "after": list(after),
        "name": brief.name,
        "ending": brief.number_ending,
        "trust_level": brief.trust_level.label,
        "calls_today": brief.calls_today,
        "reason": brief.reason,
        "waited": brief.waited_seconds,
        "queue": brief.queue,
        "case": brief.case,
        "last": brief.last_talk
        and {
            "agent": brief.last_talk.agent,
            "at": brief.last_talk.at.isoformat(),
            "note": brief.last_talk.note,
        },
        "noted": brief.colleague_note
        and {
            "agent": brief.colleague_note.agent,
            "at": brief.colleague_note.at.isoformat(),
            "note": brief.colleague_note.note,
        },
        "owed": [_owed_call_json(owing) for owing in brief.owed_calls],
        "keeping": brief.current_promise and _owed_call_json(brief.current_promise),
        "minding": [{"text": minding.text, "by": minding.author} for minding in brief.important_notes],
        "transfer": brief.handover
        and {"agent": brief.handover.agent, "reason": brief.handover.reason, "note": brief.handover.note},
        "policy": brief.policy,
        "system": {"facts": list(brief.lookup_facts), "name": brief.lookup_name},
    }


def _owed_call_json(owed_call: OwedCall) -> dict[str, str]:
    return {"until": owed_call.due_by.isoformat(), "by": owed_call.promised_by, "about": owed_call.about}


def count_spoken_words(text: str) -> int:
    """How many words a voice needs: digits are said one by one, very long words count as several."""
    return sum(-(-len(token) // _LETTERS_PER_SPOKEN_WORD) for token in _TOKEN.findall(text))


# ---- which sentence stands where ---------------------------------------------------------------------------------


@dataclass(kw_only=True)
class _TimedBrief:
    """The seconds before the accept prompt, being filled."""

    words_left: int = _MAX_WORDS
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    def add(self, sentence: _Sentence, reserved_words: int = 0) -> None:
        """In full if it fits beside `reserved_words` words that are spoken for, else short with the full form later."""
        for form in (sentence.full, sentence.short):
            if form and count_spoken_words(form) <= self.words_left - reserved_words:
                self.before.append(form)
                self.words_left -= count_spoken_words(form)
                if form == sentence.full:
                    return
                break
        self.after.append(sentence.full)


def _build_parts(
    brief: Brief, phrases: BriefPhrases, language: str, now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    teller = _SentenceMaker(brief, phrases, language, now)
    room = _TimedBrief()
    room.add(teller.describe_caller())
    promise, *others = [*teller.list_promises(), None]
    reserved = count_spoken_words(promise.short or promise.full) if promise else 0
    reserved = reserved if reserved < room.words_left else 0
    for why in teller.list_reasons():
        shortened = _Sentence(full=why, short=_shorten(why, room.words_left - reserved))
        room.add(shortened, reserved_words=reserved)
    for said in (promise, *others, *teller.list_details()):
        if said:
            room.add(said)
    return tuple(room.before), tuple(room.after)


def _shorten(sentence: str, max_words: int) -> str:
    """As many whole words of the sentence as `max_words` spoken ones allow; "" when that would say nothing."""
    kept: list[str] = []
    for word in sentence.split():
        if count_spoken_words(" ".join([*kept, word])) > max_words:
            break
        kept.append(word)
    if len(kept) < _MIN_WORDS:
        return ""
    cut = " ".join(kept).rstrip(".,;:\"'»")
    closing = " »" if "« " in cut else "»" if "«" in cut else '"' if '"' in cut else ""
    return f"{cut} …{closing}"


@dataclass(frozen=True)
class _SentenceMaker:
    """Turns a brief into sentences of one language."""

    brief: Brief
    phrases: BriefPhrases
    language: str
    now: datetime

    def describe_caller(self) -> _Sentence:
        brief, words = self.brief, self.phrases
        if brief.name:
            name = _shorten_name(brief.name)
            name = words("perhaps", name=name) if brief.trust_level is TrustLevel.UNVERIFIED else name
        else:
            name = (
                words("ending", ending=" ".join(brief.number_ending[-4:]))
                if brief.number_ending
                else words("hidden")
            )
        today = count_today(brief.calls_today, self.language) if brief.calls_today > 1 else ""
        known = (
            words(_TRUST_PHRASES[brief.trust_level])
            if brief.name and brief.trust_level in _TRUST_PHRASES
            else ""
        )
        full = _add_full_stop(", ".join(part for part in (name, today, known) if part))
        return _Sentence(full=full, short=_add_full_stop(_shorten(full, _MAX_WORDS - _MIN_WORDS)))

    def list_reasons(self) -> Iterator[str]:
        brief, words = self.brief, self.phrases
        if brief.handover:
            agent, reason = brief.handover.agent, _to_one_line(brief.handover.reason)
            yield _add_full_stop(
                words("handed_over", agent=agent, reason=reason)
                if reason
                else words("handed_over_plain", agent=agent)
            )
        if brief.reason:
            yield words("reason", reason=_to_one_line(brief.reason))

    def list_promises(self) -> Iterator[_Sentence]:
        seen = dict.fromkeys([self.brief.current_promise, *self.brief.owed_calls])
        for owing in seen:
            if owing:
                yield self._describe_promise(owing)

    def _describe_promise(self, owed_call: OwedCall) -> _Sentence:
        words = self.phrases
        today = owed_call.due_by.astimezone(self.now.tzinfo).date() == self.now.date()
        by = (
            words("by", clock=clock_time(owed_call.due_by, self.language, self.now))
            if today
            else by_when(owed_call.due_by, self.language, self.now)
        )
        late = words("late") if owed_call.due_by < self.now else ""
        told = (
            words("promised", agent=_shorten_name(owed_call.promised_by), by=by)
            if owed_call.promised_by
            else words("owed", by=by)
        )
        short = contract_words(told, self.language)
        known = not owed_call.about or _to_one_line(owed_call.about) == _to_one_line(self.brief.reason)
        about = "" if known else words("about", about=_to_one_line(owed_call.about))
        return _Sentence(full=_add_full_stop(short + about + late), short=_add_full_stop(short))

    def list_details(self) -> Iterator[_Sentence]:
        brief, words = self.brief, self.phrases
        if brief.handover and brief.handover.note:
            yield _Sentence(
                full=words("note", agent=brief.handover.agent, note=_to_one_line(brief.handover.note))
            )
        if brief.last_talk:
            when = ago(brief.last_talk.at, self.language, self.now)
            agent, note = brief.last_talk.agent, _to_one_line(brief.last_talk.note)
            told = (
                words("last_note", agent=agent, when=when, note=note)
                if note
                else words("last", agent=agent, when=when)
            )
            yield _Sentence(full=_add_full_stop(told))
        if brief.colleague_note:
            when = ago(brief.colleague_note.at, self.language, self.now)
            note = _to_one_line(brief.colleague_note.note)
            yield _Sentence(
                full=_add_full_stop(words("noted", agent=brief.colleague_note.agent, when=when, note=note))
            )
        if brief.lookup_name and brief.lookup_name != brief.name:
            yield _Sentence(full=_add_full_stop(words("system_name", name=brief.lookup_name)))
        for fact in brief.lookup_facts:
            yield _Sentence(full=_add_full_stop(words("system", fact=_to_one_line(fact))))
        if brief.waited_seconds > 0:
            yield _Sentence(full=words("waited", time=duration(brief.waited_seconds, self.language)))
        for minding in brief.important_notes:
            text = _to_one_line(minding.text)
            told = (
                words("minding_by", text=text, by=minding.author)
                if minding.author
                else words("minding", text=text)
            )
            yield _Sentence(full=_add_full_stop(told))
        if brief.policy:
            yield _Sentence(full=_add_full_stop(_to_one_line(brief.policy)))


def _to_one_line(text: str) -> str:
    """The same words on one line, without the full stop that the sentence around them brings."""
    return " ".join(text.split()).removesuffix(".").rstrip()


def _shorten_name(name: str) -> str:
    return " ".join(name[:_MAX_NAME_LETTERS].split()[:_MAX_NAME_WORDS])


def _add_full_stop(sentence: str) -> str:
    return sentence if not sentence or sentence.endswith(_SENTENCE_ENDS) else sentence + "."
