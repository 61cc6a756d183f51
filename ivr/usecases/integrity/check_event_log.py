"""The journal, told from its beginning to its end: what it says of I1 to I4.

In memory is what is open at the moment that is being read, whatever the length of the journal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ivr.domain.records.promise import ENDED
from ivr.domain.rules import event_log_fold
from ivr.domain.rules.event_log_fold import Entry, Told
from ivr.domain.rules.violation import Todo, Violation
from ivr.services import RedisServices
from ivr.store import keys
from ivr.store.queries.created_index import Sides
from ivr.store.queries.event_log import Extent
from ivr.usecases.event_log import read as event_log_read

SKEW = 60.0  # seconds by which entries may stand out of the order of their times
REOPENS = frozenset(
    {"reopened", "dialling", "front of queue", "waiting", "joining", "accepted", "voicemail", "abandoned"}
    | {"fallback reached", "talk found at Twilio"}
)
"""After these a contact that had ended goes on, and will have an outcome again."""

FOLLOWED = event_log_fold.LIFE | {"number unlocked", "promise moved"}


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the record knows of a promise or contact that the journal names. `made` None: it is in no index."""

    state: str
    number: str = ""  # "" too when it may have been another one earlier
    made: float | None = None


class Account:
    """The journal's account. Feed it page by page, then `close` it."""

    def __init__(self, s: RedisServices, extent: Extent) -> None:
        self._s = s
        self.since = extent.since + SKEW  # what began before is judged by the record alone
        start = extent.since - SKEW
        self.promises = Sides(store=s.store, noun="promise", upto=start)
        self.contacts = Sides(store=s.store, noun="contact", upto=start)
        self.open: dict[str, Told] = {}
        self.open_contacts: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.entries = 0
        self.violations: list[Violation] = []
        self._over: set[str] = set()  # members that began before the journal and have ended since
        self._carried: dict[str, set[str]] = {}  # contact -> open promises that its talk would keep
        self._ringing: dict[str, str] = {}  # number -> the promise for which it may ring
        self._rung: dict[str, str] = {}  # and the other way round
        self._known: dict[str, Known] = {}  # of this page

    def page(self, page: list[Entry]) -> None:
        self.entries += len(page)
        upto = max(e.at for e in page)
        self.promises.read_to(upto)
        self.contacts.read_to(upto)
        self._known = look_up(self._s, set(self._named(page)))
        for entry in page:
            self._promise(entry)
            self._contact(entry)
            if entry.event == "text" and entry.get("about").startswith("promise:"):
                self._said(entry)

    def _named(self, page: list[Entry]) -> Iterable[str]:
        """Whom the record must be asked about: endings, what may ring, and whatever is not known to be open."""
        for e in page:
            promise, contact, about = e.get("promise"), e.get("contact"), e.get("about")
            ends = e.event in event_log_fold.ENDINGS or e.event == "number locked"
            if promise and (ends or (e.event in event_log_fold.LIFE and promise not in self.open)):
                yield f"promise:{promise}"
            if contact and e.event == "ended":
                yield f"contact:{contact}"
            if e.event == "text" and about.startswith("promise:") and about[8:] not in self.open:
                yield about

    # ---- promises

    def _promise(self, e: Entry) -> None:
        name = e.get("promise")
        if e.event == event_log_fold.MADE:
            self._made(name, e)
        elif name and e.event in FOLLOWED:
            self._lives(name, e)
        elif e.event == "talk started" or (e.event == "disposition" and e.get("word") in ("helped", "more")):
            for carried in self._carried.get(e.get("contact"), ()):
                self.open[carried] = event_log_fold.heard_out(self.open[carried])

    def _made(self, name: str, e: Entry) -> None:
        first = self.promises.tell(name)
        if not first or name in self.open:
            self._wrong("I2", f"promise:{name}", "is promised a second time", Todo.JOURNAL, e.at)
            return
        self._keep(event_log_fold.begin(e))

    def _lives(self, name: str, e: Entry) -> None:
        if e.event == "number unlocked":
            self._ringing.pop(self._rung.pop(name, ""), "")
        told = self.open.get(name) or self._unknown(name, e)
        if told is None:
            return
        after, wrongs = event_log_fold.follow(told, e)
        for wrong in wrongs:
            todo = Todo.RUNG if wrong.invariant == "I4" else Todo.OUTCOME
            self._wrong(wrong.invariant, f"promise:{name}", wrong.what, todo, e.at)
        if e.event in event_log_fold.ENDINGS:
            self._ended(after, e)
        else:
            self._keep(after)
        if e.event == "number locked":
            self._rings(name, e)

    def _unknown(self, name: str, e: Entry) -> Told | None:
        """An event of a promise that is not open by what was told. None: nothing more can be said about it."""
        if e.event not in event_log_fold.LIFE:
            return None
        member = f"promise:{name}"
        known = self._known.get(member) or Known(state="")
        if not known.state:
            self._wrong("I2", member, f"is in the journal ({e.event}) and not in the record", Todo.LOST, e.at)
        elif (known.made or 0.0) < self.since and member not in self._over:
            return event_log_fold.earlier(name)
        elif name in self.promises.recorded or (known.made or 0.0) > e.at + SKEW:
            self._wrong("I2", member, f"has an event ({e.event}) before it was promised", Todo.JOURNAL, e.at)
        elif e.event in event_log_fold.ENDINGS:
            self._wrong(
                "I2", member, f"ends a second time ({event_log_fold.ENDINGS[e.event]})", Todo.DISAGREE, e.at
            )
        else:
            todo = Todo.RUNG if e.event in ("dialling", "number locked", "picked up") else Todo.DISAGREE
            self._wrong("I2", member, f"has an event ({e.event}) after it had ended", todo, e.at)
        return None

    def _keep(self, told: Told) -> None:
        self.open[told.promise] = told
        for contact in told.contacts:
            self._carried.setdefault(contact, set()).add(told.promise)

    def _ended(self, told: Told, e: Entry) -> None:
        self.open.pop(told.promise, None)
        for contact in told.contacts:
            rest = self._carried.get(contact, set()) - {told.promise}
            self._carried[contact] = rest
            if not rest:
                del self._carried[contact]
        if not told.whole:
            self._over.add(f"promise:{told.promise}")
        word = event_log_fold.ENDINGS[e.event]
        self.counts[word] += 1
        self.counts["late"] += e.event == "promise kept" and e.get("late") == "1"
        by_record = self._known.get(f"promise:{told.promise}")
        if by_record and by_record.state in ENDED and by_record.state != word:
            what = f"is {word} by the journal and {by_record.state} by the record"
            self._wrong("I2", f"promise:{told.promise}", what, Todo.DISAGREE, e.at)

    def _rings(self, name: str, e: Entry) -> None:
        """One number, one call at a time, whatever is owed to it."""
        known = self._known.get(f"promise:{name}")
        number = known.number if known else ""
        other = self._ringing.get(number, name)
        if number and other != name:
            what = f"is rung while the same phone may ring for promise {other}"
            self._wrong("I4", f"promise:{name}", what, Todo.RUNG, e.at)
        self._ringing[number], self._rung[name] = name, number

    # ---- what was said

    def _said(self, e: Entry) -> None:
        """I3: nothing is said of a promise before it is on disk."""
        member = e.get("about")
        name = member[8:]
        known = self._known.get(member) or Known(state="")
        if name in self.open:
            return
        if not known.state:
            what = f"was told about (text {e.get('text')}) and is in no record"
            self._wrong("I3", member, what, Todo.LOST, e.at)
        elif name in self.promises.recorded or (known.made or 0.0) > max(e.at, self.since) + SKEW:
            what = f"was told about (text {e.get('text')}) before it was promised"
            self._wrong("I3", member, what, Todo.JOURNAL, e.at)

    # ---- contacts

    def _contact(self, e: Entry) -> None:
        name = e.get("contact")
        if e.event == "opened":
            if not self.contacts.tell(name) or name in self.open_contacts:
                self._wrong("I1", f"contact:{name}", "is opened a second time", Todo.JOURNAL, e.at)
            self.open_contacts.add(name)
        elif e.event in REOPENS:
            self.open_contacts.add(name)
        elif e.event == "ended" and name in self.open_contacts:
            self.open_contacts.discard(name)
        elif e.event == "ended":
            self._ended_again(name, e)

    def _ended_again(self, name: str, e: Entry) -> None:
        member = f"contact:{name}"
        known = self._known.get(member) or Known(state="")
        if not known.state:
            self._wrong("I1", member, "has ended by the journal and is in no record", Todo.LOST, e.at)
        elif (known.made or 0.0) < self.since and member not in self._over:
            self._over.add(member)
        elif name not in self.contacts.recorded:
            what = f"is given a second outcome ({e.get('outcome')})"
            self._wrong("I1", member, what, Todo.OUTCOME, e.at)

    # ---- the end

    def close(self) -> None:
        """The journal has been read: what only one of the two accounts knows."""
        for invariant, side in (("I2", self.promises), ("I1", self.contacts)):
            side.read_to(float("inf"))
            known = look_up(self._s, {f"{side.noun}:{name}" for name in side.told})
            for name in sorted(side.told):
                self._only_told(invariant, f"{side.noun}:{name}", known)
            for name, at in sorted(side.recorded.items()):
                if at >= self.since:
                    what = "is in the record and the journal does not tell of its beginning"
                    self._wrong(invariant, f"{side.noun}:{name}", what, Todo.JOURNAL, at)

    def _only_told(self, invariant: str, member: str, known: dict[str, Known]) -> None:
        found = known.get(member)
        if found is None:
            self._wrong(invariant, member, "is in the journal and lost from the record", Todo.LOST)
        elif found.made is None:
            self._wrong(invariant, member, "is in no list: nobody finds it", Todo.LOST)

    def _wrong(self, invariant: str, member: str, what: str, todo: str, at: float = 0.0) -> None:
        self.violations.append(Violation(invariant=invariant, member=member, what=what, todo=todo, at=at))


def look_up(s: RedisServices, members: Iterable[str]) -> dict[str, Known]:
    """By member, those that are in the record. One round trip."""
    asked = sorted(members)
    commands: list[tuple[Any, ...]] = []
    for member in asked:
        noun, _, name = member.partition(":")
        commands += [("HMGET", member, "state", "number", "moved")]
        commands += [("ZSCORE", keys.everyone(noun), name)]
    answers = s.store.read(commands) if commands else []
    found = {}
    for member, (state, number, moved), made in zip(asked, answers[::2], answers[1::2], strict=True):
        if state is not None:
            at = None if made is None else float(made)
            then = "" if moved not in (None, "0") else number or ""
            found[member] = Known(state=state, number=then, made=at)
    return found


def account(s: RedisServices, *, archived: bool = False) -> Account:
    """All of the journal that is in Redis; `archived`: the files of earlier months too."""
    told = Account(s, event_log_read.extent(s, archived=archived))
    for page in event_log_read.pages(s, archived=archived):
        told.page(page)
    told.close()
    return told
