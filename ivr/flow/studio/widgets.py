"""One widget, one draft. What has no counterpart is passed by, and it is told what to do."""

from __future__ import annotations

import re
from collections.abc import Callable

from ivr.flow.studio.draft import NEXT_SLOT, PERSON_STEP, Conversion, DraftExit, StepDraft
from ivr.flow.studio.export import HANG_UP, Widget
from ivr.flow.studio.menus import convert_gather
from ivr.flow.studio.names import make_name
from ivr.flow.studio.notes import one_line
from ivr.flow.studio.splits import SPLIT_TYPE, convert_split, find_unanswered_target, is_about_dialing

VOICEMAIL_TYPE = "record-voicemail"
_STUDIO_QUEUE_AFFIX = re.compile(
    r"^(send_to_flex|send|enqueue_call|enqueue|flex_call|flex|queue)(_?\d+$|_queue$|_|$)|_(to_flex|flex|queue)$"
)
_CALLER_NUMBER_VARIABLES = ("contact.channel.address", "trigger.call.from")  # the caller's number

# What to do instead, and the event by which callers go on.
UNSUPPORTED_TYPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "run-function": ("no code runs in a call; what it found out belongs in the brief or in hours.yaml", ("success",)),
    "make-http-request": ("no request is made; a lookup step can ask your system for what an agent should know, which must answer in the line's own form", ("success",)),
    "set-variables": ("there are no variables; what the line knows of a caller it remembers by itself", ("next",)),
    "capture-payments": ("no card is taken by keys; send a link to your payment page with a text step, or let a person do it", ("success",)),
    "record-call": ("what is recorded is not the flow's matter", ("success",)),
    "fork-stream": ("calls are not streamed elsewhere", ("next",)),
    "run-subflow": ("import that flow too, and write its steps here", ("completed",)),
    "add-twiml-redirect": ("the TwiML behind its address is not known here; write what it does as steps", ("return",)),
    "create-task": ("the line makes its own record of every call", ("created",)),
    "update-sync-object": ("there is no Sync; what is known of a call is in its record", ("success",)),
    "send-and-wait-for-reply": ("no text is waited for in a call; a text step sends one, and an answer reaches the case", ("incomingMessage",)),
    "add-member-to-chat-channel": ("chats have no counterpart", ("success",)),
    "create-chat-channel": ("chats have no counterpart", ("success",)),
    "make-outgoing-call-v1": ("the line calls out to keep promises only", ("answered",)),
    "make-outgoing-call-v2": ("the line calls out to keep promises only", ("answered",)),
}  # fmt: skip
# Callers talk with a machine there; here they are asked for one sentence and talk with a person.
VIRTUAL_AGENT_TYPES = {
    "connect-virtual-agent",
    "connect-virtual-agent-v2",
    "send-to-auto-pilot",
    "understand",
}


def draft_step(widget: Widget, conversion: Conversion) -> StepDraft:
    made = _DRAFT_BY_TYPE.get(widget.type, _draft_unsupported)(widget, conversion)
    if made.kind in {"say", "menu", "ask", "text", "message"} and not made.prompt:
        made.prompt = widget.get_text("say") or widget.get_text("play") or widget.get_text("body")
    return made


def _draft_say(widget: Widget, conversion: Conversion) -> StepDraft:
    to = widget.first_next("audioComplete")
    after = conversion.get_widget(to)
    if after and after.type == VOICEMAIL_TYPE and _is_only_source(widget, to, conversion):
        # "Please leave a message after the tone", and the tone: one step here.
        conversion.merged_widgets.add(after.name)
        message = _draft_message(after, conversion)
        message.name, message.prompt = widget.name, widget.get_text("say") or widget.get_text("play")
        return message
    if widget.get_text("digits"):
        conversion.add_note(widget.name, "plays keypad tones; nothing is played here")
    return StepDraft(name=widget.name, kind="say", exits=[DraftExit(slot=NEXT_SLOT, to=to)])


def _is_only_source(widget: Widget, to: str, conversion: Conversion) -> bool:
    return all(
        t.next != to or other is widget
        for other in conversion.export.widgets.values()
        for t in other.transitions
    )


def _draft_message(widget: Widget, _shop: Conversion) -> StepDraft:
    to = widget.next_on("recordingComplete")
    seconds = widget.get_number("max_length")
    settings: dict[str, str | int] = {"seconds": max(seconds, 10)} if 0 < seconds < 600 else {}
    return StepDraft(
        name=widget.name,
        kind="message",
        prompt="Please leave a message after the tone.",
        settings=settings,
        exits=[DraftExit(slot=NEXT_SLOT, to=to)] if to else [],
    )


def _draft_queue(widget: Widget, conversion: Conversion) -> StepDraft:
    written = widget.get_text("queue_name")
    name = make_name(written, "queue") if written and "{{" not in written else make_name(widget.name, "queue")
    name = _STUDIO_QUEUE_AFFIX.sub("", name) or "support"
    conversion.queues.setdefault(name, name.replace("_", " "))
    if widget.get_text("workflow_sid") or widget.get_text("workflow"):
        conversion.add_note(
            widget.name,
            f'a TaskRouter workflow decided who answers; here it is the queue "{name}": write the skills it needs into queues.yaml',
        )
    return StepDraft(name=widget.name, kind="queue", value=name)


def _draft_transfer(widget: Widget, conversion: Conversion) -> StepDraft:
    written = [part.strip() for part in widget.get_text("to").split(",")]
    numbers = [number for part in written if (number := _parse_number(part))]
    after = conversion.get_widget(widget.next_on("callCompleted"))
    to = widget.next_on("callCompleted")
    if after and is_about_dialing(after):
        conversion.merged_widgets.add(after.name)
        to = find_unanswered_target(after)
    if widget.get_text("noun") not in {"", "number", "number-multi"} or not numbers:
        conversion.add_note(
            widget.name,
            f"connects to {one_line(widget.get_text('to'), 40) or 'nobody'} ({one_line(widget.get_text('noun'), 20)}), which is no number to dial; callers go to a person. Make whoever answers there an agent.",
        )
        return StepDraft(name=widget.name, kind="goto", exits=[DraftExit(slot=NEXT_SLOT, to=PERSON_STEP)])
    if len(written) > 1:
        conversion.add_note(
            widget.name,
            "rang several numbers at once; here it is the first. Make them agents, and each gets the brief",
        )
    conversion.add_note(
        widget.name,
        "whoever answers an outside number gets no brief and writes no notes; better, make them an agent",
    )
    rings = widget.get_number("timeout")
    settings: dict[str, str | int] = {"seconds": min(max(rings, 10), 60)} if rings else {}
    return StepDraft(
        name=widget.name,
        kind="transfer",
        value=numbers[0],
        settings=settings,
        exits=[DraftExit(slot=NEXT_SLOT, to=to)],
    )


def _parse_number(text: str) -> str:
    """E.164, or '' when it is none. Studio's editor lets people leave out the +."""
    digits = re.sub(r"[\s().-]", "", text)
    if re.fullmatch(r"\+[1-9]\d{6,14}", digits):
        return digits
    if re.fullmatch(r"[1-9]\d{10,14}", digits):
        return f"+{digits}"
    return f"+1{digits}" if re.fullmatch(r"[2-9]\d{9}", digits) else ""


def _draft_text(widget: Widget, conversion: Conversion) -> StepDraft:
    to = widget.first_next("sent", "failed")
    receiver = widget.get_text("to").lower()
    if receiver and not any(own in receiver for own in _CALLER_NUMBER_VARIABLES):
        conversion.add_note(
            widget.name,
            f"texts {one_line(widget.get_text('to'), 40)}, who is not the caller; a text step goes to the caller only: left out",
        )
        return StepDraft(name=widget.name, kind="goto", exits=[DraftExit(slot=NEXT_SLOT, to=to)])
    if widget.get_text("media_url"):
        conversion.add_note(widget.name, "its picture is left out: texts are words here")
    return StepDraft(
        name=widget.name,
        kind="text",
        prompt=widget.get_text("body"),
        exits=[DraftExit(slot=NEXT_SLOT, to=to)],
    )


def _draft_reason(widget: Widget, conversion: Conversion) -> StepDraft:
    conversion.add_note(
        widget.name,
        "callers talked with a machine; here they say in one sentence what it is about, and a person answers",
    )
    to = widget.first_next("liveAgentHandoff", "agentHandoff", "sessionEnded")
    return StepDraft(
        name=widget.name,
        kind="ask",
        value="reason",
        prompt="In one sentence, what is it about?",
        exits=[DraftExit(slot=NEXT_SLOT, to=to)],
    )


def _draft_unsupported(widget: Widget, conversion: Conversion) -> StepDraft:
    what, events = UNSUPPORTED_TYPES.get(widget.type, ("has no counterpart", ()))
    to = widget.first_next(*events)
    conversion.add_note(
        widget.name, f"{what}. {'Callers go on' if to != HANG_UP else 'Callers go to a person'}."
    )
    return StepDraft(name=widget.name, kind="goto", exits=[DraftExit(slot=NEXT_SLOT, to=to)])


_DRAFT_BY_TYPE: dict[str, Callable[[Widget, Conversion], StepDraft]] = {
    "say-play": _draft_say,
    "gather-input-on-call": convert_gather,
    SPLIT_TYPE: convert_split,
    VOICEMAIL_TYPE: _draft_message,
    "enqueue-call": _draft_queue,
    "send-to-flex": _draft_queue,
    "connect-call-to": _draft_transfer,
    "send-message": _draft_text,
    **dict.fromkeys(VIRTUAL_AGENT_TYPES, _draft_reason),
}
