"""The emergency notice: spoken before anything else, and everyone who waits is offered a promise."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.domain import phone_numbers
from ivr.domain.actor import By
from ivr.domain.errors import CalorError
from ivr.domain.records.contact import Contact
from ivr.domain.records.line_status import EVERY_LINE, Emergency, Standing
from ivr.flow.turn import Says, Words
from ivr.services import Services
from ivr.store.change import Change

LONGEST = 400  # characters of a notice: half a minute


def on(s: Services, words: Mapping[str, str], by: By, *, line: str = EVERY_LINE) -> Emergency:
    """Callers hear it from now on; who waits hears it within one round of music. Raises CalorError for words it cannot be."""
    said = {language: " ".join(text.split()) for language, text in words.items() if text.strip()}
    if not said:
        raise CalorError("An emergency notice needs words.")
    too_long = next((text for text in said.values() if len(text) > LONGEST), "")
    if too_long:
        raise CalorError(
            f"That is {len(too_long)} characters; everybody has to hear all of it, so it may have {LONGEST} at most."
        )
    unknown = sorted(set(said) - set(s.library.books))
    if unknown:
        raise CalorError(
            f"The line does not speak {', '.join(unknown)}; it speaks {', '.join(sorted(s.library.books))}."
        )
    s.store.read([])
    notice = Emergency(words=said, since=s.store.clock.now(), by=by.who)
    _put(s, _line(line), notice, by, "announcement started")
    return notice


def off(s: Services, by: By, *, line: str = EVERY_LINE) -> bool:
    """Whether there was one."""
    standing = s.store.get(Standing, Standing.id) or Standing()
    if _line(line) not in standing.emergencies:
        return False
    _put(s, _line(line), None, by, "announcement stopped")
    return True


def _line(line: str) -> str:
    if line == EVERY_LINE or phone_numbers.caller_number(line) == line:
        return line
    raise CalorError(f'"{line}" should be a number of ours like +12025550100, or {EVERY_LINE} for all.')


def _put(s: Services, line: str, notice: Emergency | None, by: By, event: str) -> None:
    while True:
        old = s.store.get(Standing, Standing.id)
        change = Change(now=s.store.clock.now())
        change.put(old, (old or Standing()).with_emergency(line, notice))
        change.act(event, by, line=line)
        change.touch("announcements")
        if s.store.commit(change):
            return


def first_words(s: Services, contact: Contact) -> tuple[Says, ...]:
    """What is spoken before everything else on this contact's line; nothing on most days."""
    notice = s.store.standing().emergency(contact.line)
    return says(s, notice, contact.language) if notice else ()


def says(s: Services, notice: Emergency, language: str) -> tuple[Says, ...]:
    spoken, words = notice.said_in(language)
    # the notice is what a person typed: the book escapes it
    return (Words(text=s.library.book(spoken).say("emergency", notice=words), language=spoken),)


def news(s: Services, contact: Contact) -> Emergency | None:
    """A notice that began after this caller was last given a choice: they are given one now."""
    notice = s.store.standing().emergency(contact.line)
    return notice if notice and contact.chosen and notice.since > contact.chosen else None
