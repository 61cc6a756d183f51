"""The announcement: spoken before anything else, and everyone who waits is offered a promise."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.domain import phone_numbers
from ivr.domain.actor import Actor
from ivr.domain.errors import CalorError
from ivr.domain.records.contact import Contact
from ivr.domain.records.line_status import EVERY_NUMBER, Announcement, LineStatus
from ivr.flow.turn import Prompt, SpokenPrompt
from ivr.services import Services

MAX_LENGTH = 400  # characters of an announcement: half a minute


def turn_on(
    services: Services, texts: Mapping[str, str], actor: Actor, *, called_number: str = EVERY_NUMBER
) -> Announcement:
    """Callers hear it from now on; who waits hears it within one round of music. Raises CalorError for words it cannot be."""
    said = {language: " ".join(text.split()) for language, text in texts.items() if text.strip()}
    if not said:
        raise CalorError("An emergency notice needs words.")
    too_long = next((text for text in said.values() if len(text) > MAX_LENGTH), "")
    if too_long:
        raise CalorError(
            f"That is {len(too_long)} characters; everybody has to hear all of it, so it may have {MAX_LENGTH} at most."
        )
    unknown = sorted(set(said) - set(services.library.phrasebooks))
    if unknown:
        raise CalorError(
            f"The line does not speak {', '.join(unknown)}; it speaks {', '.join(sorted(services.library.phrasebooks))}."
        )
    services.store.refresh()
    notice = Announcement(texts=said, since=services.store.clock.now(), by=actor.id)
    _store(services, _check_called_number(called_number), notice, actor, "announcement started")
    return notice


def turn_off(services: Services, actor: Actor, *, called_number: str = EVERY_NUMBER) -> bool:
    """Whether there was one."""
    standing = services.store.get(LineStatus, LineStatus.id) or LineStatus()
    if _check_called_number(called_number) not in standing.announcements:
        return False
    _store(services, _check_called_number(called_number), None, actor, "announcement stopped")
    return True


def _check_called_number(called_number: str) -> str:
    if called_number == EVERY_NUMBER or phone_numbers.parse_caller_number(called_number) == called_number:
        return called_number
    raise CalorError(
        f'"{called_number}" should be a number of ours like +12025550100, or {EVERY_NUMBER} for all.'
    )


def _store(
    services: Services, called_number: str, announcement: Announcement | None, actor: Actor, event: str
) -> None:
    for change in services.store.transact():
        old = services.store.get(LineStatus, LineStatus.id)
        change.put(old, (old or LineStatus()).with_announcement(called_number, announcement))
        change.log_action(event, actor, line=called_number)
        change.touch_topic("announcements")


def build_opening_prompts(services: Services, contact: Contact) -> tuple[Prompt, ...]:
    """What is spoken before everything else on this contact's line; nothing on most days."""
    notice = services.store.get_line_status().announcement_on(contact.caller.called_number)
    return build_prompts(services, notice, contact.caller.language) if notice else ()


def build_prompts(services: Services, announcement: Announcement, language: str) -> tuple[Prompt, ...]:
    spoken, words = announcement.in_language(language)
    # the announcement is what a person typed: the book escapes it
    return (
        SpokenPrompt(
            text=services.library.get_phrasebook(spoken).phrase("emergency", notice=words), language=spoken
        ),
    )


def find_new_announcement(services: Services, contact: Contact) -> Announcement | None:
    """An announcement that began after this caller was last given a choice: they are given one now."""
    notice = services.store.get_line_status().announcement_on(contact.caller.called_number)
    return (
        notice
        if notice
        and contact.queue_place.choice_given_at
        and notice.since > contact.queue_place.choice_given_at
        else None
    )
