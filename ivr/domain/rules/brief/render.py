"""Render a brief, by ear and as JSON: which sentence stands before the accept prompt, and which after it.

The first part fits before the accept prompt: who, why, and who promised what. Whatever was cut short there to fit is
said in full in the part after it; nothing anybody wrote is lost or put into other words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ivr.domain.rules.brief.content import Brief, OwedCall
from ivr.domain.rules.brief.sentences import BriefPhrases, Sentence, SentenceMaker
from ivr.domain.rules.brief.spoken_length import MAX_WORDS, count_spoken_words, shorten


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


@dataclass(kw_only=True)
class _TimedBrief:
    """The seconds before the accept prompt, being filled."""

    words_left: int = MAX_WORDS
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    def add(self, sentence: Sentence, reserved_words: int = 0) -> None:
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
    teller = SentenceMaker(brief, phrases, language, now)
    room = _TimedBrief()
    room.add(teller.describe_caller())
    promise, *others = [*teller.list_promises(), None]
    reserved = count_spoken_words(promise.short or promise.full) if promise else 0
    reserved = reserved if reserved < room.words_left else 0
    for why in teller.list_reasons():
        shortened = Sentence(full=why, short=shorten(why, room.words_left - reserved))
        room.add(shortened, reserved_words=reserved)
    for said in (promise, *others, *teller.list_details()):
        if said:
            room.add(said)
    return tuple(room.before), tuple(room.after)
