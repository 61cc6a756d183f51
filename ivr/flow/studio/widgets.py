"""One widget, one draft. What has no counterpart is passed by, and it is told what to do."""

from __future__ import annotations

import re
from collections.abc import Callable

from ivr.flow.studio.draft import NEXT, PERSON, Draft, Way, Workshop
from ivr.flow.studio.export import END, Widget
from ivr.flow.studio.menus import convert_gather
from ivr.flow.studio.names import slug
from ivr.flow.studio.notes import one_line
from ivr.flow.studio.splits import SPLIT, convert_split, is_about_dialling, not_answered

VOICEMAIL = "record-voicemail"
_OF_STUDIO = re.compile(
    r"^(send_to_flex|send|enqueue_call|enqueue|flex_call|flex|queue)(_?\d+$|_queue$|_|$)|_(to_flex|flex|queue)$"
)
_OWN = ("contact.channel.address", "trigger.call.from")  # the caller's number

# What to do instead, and the event by which callers go on.
WITHOUT: dict[str, tuple[str, tuple[str, ...]]] = {
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
MACHINES = {"connect-virtual-agent", "connect-virtual-agent-v2", "send-to-auto-pilot", "understand"}


def draft(widget: Widget, shop: Workshop) -> Draft:
    made = _KINDS.get(widget.type, _without)(widget, shop)
    if made.kind in {"say", "menu", "ask", "text", "message"} and not made.says:
        made.says = widget.text("say") or widget.text("play") or widget.text("body")
    return made


def _say(widget: Widget, shop: Workshop) -> Draft:
    to = widget.first("audioComplete")
    after = shop.widget(to)
    if after and after.type == VOICEMAIL and _alone(widget, to, shop):
        # "Please leave a message after the tone", and the tone: one step here.
        shop.absorbed.add(after.name)
        message = _message(after, shop)
        message.name, message.says = widget.name, widget.text("say") or widget.text("play")
        return message
    if widget.text("digits"):
        shop.tell(widget.name, "plays keypad tones; nothing is played here")
    return Draft(name=widget.name, kind="say", ways=[Way(slot=NEXT, to=to)])


def _alone(widget: Widget, to: str, shop: Workshop) -> bool:
    return all(
        t.next != to or other is widget for other in shop.export.widgets.values() for t in other.transitions
    )


def _message(widget: Widget, _shop: Workshop) -> Draft:
    to = widget.on("recordingComplete")
    seconds = widget.number("max_length")
    settings: dict[str, str | int] = {"seconds": max(seconds, 10)} if 0 < seconds < 600 else {}
    return Draft(
        name=widget.name,
        kind="message",
        says="Please leave a message after the tone.",
        settings=settings,
        ways=[Way(slot=NEXT, to=to)] if to else [],
    )


def _queue(widget: Widget, shop: Workshop) -> Draft:
    written = widget.text("queue_name")
    name = slug(written, "queue") if written and "{{" not in written else slug(widget.name, "queue")
    name = _OF_STUDIO.sub("", name) or "support"
    shop.queues.setdefault(name, name.replace("_", " "))
    if widget.text("workflow_sid") or widget.text("workflow"):
        shop.tell(
            widget.name,
            f'a TaskRouter workflow decided who answers; here it is the queue "{name}": write the skills it needs into queues.yaml',
        )
    return Draft(name=widget.name, kind="queue", value=name)


def _connect(widget: Widget, shop: Workshop) -> Draft:
    written = [part.strip() for part in widget.text("to").split(",")]
    numbers = [number for part in written if (number := _number(part))]
    after = shop.widget(widget.on("callCompleted"))
    to = widget.on("callCompleted")
    if after and is_about_dialling(after):
        shop.absorbed.add(after.name)
        to = not_answered(after)
    if widget.text("noun") not in {"", "number", "number-multi"} or not numbers:
        shop.tell(
            widget.name,
            f"connects to {one_line(widget.text('to'), 40) or 'nobody'} ({one_line(widget.text('noun'), 20)}), which is no number to dial; callers go to a person. Make whoever answers there an agent.",
        )
        return Draft(name=widget.name, kind="goto", ways=[Way(slot=NEXT, to=PERSON)])
    if len(written) > 1:
        shop.tell(
            widget.name,
            "rang several numbers at once; here it is the first. Make them agents, and each gets the brief",
        )
    shop.tell(
        widget.name,
        "whoever answers an outside number gets no brief and writes no notes; better, make them an agent",
    )
    rings = widget.number("timeout")
    settings: dict[str, str | int] = {"seconds": min(max(rings, 10), 60)} if rings else {}
    return Draft(
        name=widget.name, kind="transfer", value=numbers[0], settings=settings, ways=[Way(slot=NEXT, to=to)]
    )


def _number(text: str) -> str:
    """E.164, or '' when it is none. Studio's editor lets people leave out the +."""
    digits = re.sub(r"[\s().-]", "", text)
    if re.fullmatch(r"\+[1-9]\d{6,14}", digits):
        return digits
    if re.fullmatch(r"[1-9]\d{10,14}", digits):
        return f"+{digits}"
    return f"+1{digits}" if re.fullmatch(r"[2-9]\d{9}", digits) else ""


def _text(widget: Widget, shop: Workshop) -> Draft:
    to = widget.first("sent", "failed")
    receiver = widget.text("to").lower()
    if receiver and not any(own in receiver for own in _OWN):
        shop.tell(
            widget.name,
            f"texts {one_line(widget.text('to'), 40)}, who is not the caller; a text step goes to the caller only: left out",
        )
        return Draft(name=widget.name, kind="goto", ways=[Way(slot=NEXT, to=to)])
    if widget.text("media_url"):
        shop.tell(widget.name, "its picture is left out: texts are words here")
    return Draft(name=widget.name, kind="text", says=widget.text("body"), ways=[Way(slot=NEXT, to=to)])


def _machine(widget: Widget, shop: Workshop) -> Draft:
    shop.tell(
        widget.name,
        "callers talked with a machine; here they say in one sentence what it is about, and a person answers",
    )
    to = widget.first("liveAgentHandoff", "agentHandoff", "sessionEnded")
    return Draft(
        name=widget.name,
        kind="ask",
        value="reason",
        says="In one sentence, what is it about?",
        ways=[Way(slot=NEXT, to=to)],
    )


def _without(widget: Widget, shop: Workshop) -> Draft:
    what, events = WITHOUT.get(widget.type, ("has no counterpart", ()))
    to = widget.first(*events)
    shop.tell(widget.name, f"{what}. {'Callers go on' if to != END else 'Callers go to a person'}.")
    return Draft(name=widget.name, kind="goto", ways=[Way(slot=NEXT, to=to)])


_KINDS: dict[str, Callable[[Widget, Workshop], Draft]] = {
    "say-play": _say,
    "gather-input-on-call": convert_gather,
    SPLIT: convert_split,
    VOICEMAIL: _message,
    "enqueue-call": _queue,
    "send-to-flex": _queue,
    "connect-call-to": _connect,
    "send-message": _text,
    **dict.fromkeys(MACHINES, _machine),
}
