"""The sentences of a brief in one language, each with the short form that it may take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.domain.phone_numbers import TrustLevel
from ivr.domain.rules.brief.content import Brief, OwedCall
from ivr.domain.rules.brief.spoken_length import MAX_WORDS, MIN_WORDS, shorten
from ivr.domain.speech.spoken_text import ago, by_when, clock_time, contract_words, count_today, duration

# A name and a colleague's name leave room for a reason.
_MAX_NAME_WORDS = 5
_MAX_NAME_LETTERS = 40
_TRUST_PHRASES = {
    TrustLevel.ATTESTED: "attested",
    TrustLevel.CONFIRMED: "confirmed",
}  # of a known name; unsure ones are a "perhaps"
_SENTENCE_ENDS = (".", "!", "?", "…", '…"', "…»", "… »")


class BriefPhrases(Protocol):
    """The sentences of a brief in one language, by name: "promised", "late". People's own words stand in them unchanged."""

    def __call__(self, name: str, /, **fields: str) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence, and the form it may take when it has to be short ("" = none)."""

    full: str
    short: str = ""


@dataclass(frozen=True)
class SentenceMaker:
    """Turns a brief into sentences of one language."""

    brief: Brief
    phrases: BriefPhrases
    language: str
    now: datetime

    def describe_caller(self) -> Sentence:
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
        return Sentence(full=full, short=_add_full_stop(shorten(full, MAX_WORDS - MIN_WORDS)))

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

    def list_promises(self) -> Iterator[Sentence]:
        seen = dict.fromkeys([self.brief.current_promise, *self.brief.owed_calls])
        for owing in seen:
            if owing:
                yield self._describe_promise(owing)

    def _describe_promise(self, owed_call: OwedCall) -> Sentence:
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
        return Sentence(full=_add_full_stop(short + about + late), short=_add_full_stop(short))

    def list_details(self) -> Iterator[Sentence]:
        brief, words = self.brief, self.phrases
        if brief.handover and brief.handover.note:
            yield Sentence(
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
            yield Sentence(full=_add_full_stop(told))
        if brief.colleague_note:
            when = ago(brief.colleague_note.at, self.language, self.now)
            note = _to_one_line(brief.colleague_note.note)
            yield Sentence(
                full=_add_full_stop(words("noted", agent=brief.colleague_note.agent, when=when, note=note))
            )
        if brief.lookup_name and brief.lookup_name != brief.name:
            yield Sentence(full=_add_full_stop(words("system_name", name=brief.lookup_name)))
        for fact in brief.lookup_facts:
            yield Sentence(full=_add_full_stop(words("system", fact=_to_one_line(fact))))
        if brief.waited_seconds > 0:
            yield Sentence(full=words("waited", time=duration(brief.waited_seconds, self.language)))
        for minding in brief.important_notes:
            text = _to_one_line(minding.text)
            told = (
                words("minding_by", text=text, by=minding.author)
                if minding.author
                else words("minding", text=text)
            )
            yield Sentence(full=_add_full_stop(told))
        if brief.policy:
            yield Sentence(full=_add_full_stop(_to_one_line(brief.policy)))


def _to_one_line(text: str) -> str:
    """The same words on one line, without the full stop that the sentence around them brings."""
    return " ".join(text.split()).removesuffix(".").rstrip()


def _shorten_name(name: str) -> str:
    return " ".join(name[:_MAX_NAME_LETTERS].split()[:_MAX_NAME_WORDS])


def _add_full_stop(sentence: str) -> str:
    return sentence if not sentence or sentence.endswith(_SENTENCE_ENDS) else sentence + "."
