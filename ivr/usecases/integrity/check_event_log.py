"""The event log, told from its beginning to its end: what it says of I1 to I4.

In memory is what is open at the moment that is being read, whatever the length of the event log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ivr.domain.records.promise import ENDED
from ivr.domain.rules import event_log_fold
from ivr.domain.rules.event_log_fold import LogEntry, PromiseHistory
from ivr.domain.rules.violation import Advice, Violation
from ivr.services import RedisServices
from ivr.store.queries.created_index import CreatedIndexComparison
from ivr.store.queries.event_log import LogExtent
from ivr.usecases.event_log import read as event_log_read
from ivr.usecases.integrity.record_summary import RecordSummary, read_summaries

MAX_SKEW_SECONDS = 60.0  # seconds by which entries may stand out of the order of their times
REOPENING_EVENTS = frozenset(
    {"reopened", "dialling", "front of queue", "waiting", "joining", "accepted", "voicemail", "abandoned"}
    | {"fallback reached", "talk found at Twilio"}
)
"""After these a contact that had ended goes on, and will have an outcome again."""

FOLLOWED_EVENTS = event_log_fold.OPEN_PROMISE_EVENTS | {"number unlocked", "promise moved"}


class EventLogCheck:
    """The event log's account. Feed it page by page, then `finish` it."""

    def __init__(self, s: RedisServices, extent: LogExtent) -> None:
        self._services = s
        self.since = extent.since + MAX_SKEW_SECONDS  # what began before is judged by the records alone
        start = extent.since - MAX_SKEW_SECONDS
        self.promises = CreatedIndexComparison(store=s.store, record_type="promise", read_up_to=start)
        self.contacts = CreatedIndexComparison(store=s.store, record_type="contact", read_up_to=start)
        self.open_promises: dict[str, PromiseHistory] = {}
        self.open_contacts: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.entries = 0
        self.violations: list[Violation] = []
        self._ended_older: set[str] = set()  # records that began before the event log and have ended since
        self._carried_by_contact: dict[
            str, set[str]
        ] = {}  # contact -> open promises that its talk would keep
        self._promise_by_number: dict[str, str] = {}  # number -> the promise for which it may ring
        self._number_by_promise: dict[str, str] = {}  # and the other way round
        self._page_records: dict[str, RecordSummary] = {}  # of this page

    def process_page(self, page: list[LogEntry]) -> None:
        self.entries += len(page)
        upto = max(e.at for e in page)
        self.promises.read_index_to(upto)
        self.contacts.read_index_to(upto)
        self._page_records = read_summaries(self._services, set(self._keys_to_read(page)))
        for entry in page:
            self._process_promise_entry(entry)
            self._process_contact_entry(entry)
            if entry.event == "text" and entry.get("about").startswith("promise:"):
                self._on_text(entry)

    def _keys_to_read(self, page: list[LogEntry]) -> Iterable[str]:
        """What the database must be asked about: endings, what may ring, and whatever is not known to be open."""
        for e in page:
            promise, contact, about = e.get("promise"), e.get("contact"), e.get("about")
            ends = e.event in event_log_fold.END_EVENTS or e.event == "number locked"
            if promise and (
                ends or (e.event in event_log_fold.OPEN_PROMISE_EVENTS and promise not in self.open_promises)
            ):
                yield f"promise:{promise}"
            if contact and e.event == "ended":
                yield f"contact:{contact}"
            if e.event == "text" and about.startswith("promise:") and about[8:] not in self.open_promises:
                yield about

    # ---- promises

    def _process_promise_entry(self, entry: LogEntry) -> None:
        name = entry.get("promise")
        if entry.event == event_log_fold.PROMISED_EVENT:
            self._on_promise_made(name, entry)
        elif name and entry.event in FOLLOWED_EVENTS:
            self._on_promise_event(name, entry)
        elif entry.event == "talk started" or (
            entry.event == "disposition" and entry.get("word") in ("helped", "more")
        ):
            for carried in self._carried_by_contact.get(entry.get("contact"), ()):
                self.open_promises[carried] = event_log_fold.mark_talked(self.open_promises[carried])

    def _on_promise_made(self, promise_id: str, entry: LogEntry) -> None:
        first = self.promises.add_logged(promise_id)
        if not first or promise_id in self.open_promises:
            self._add_violation(
                "I2",
                f"promise:{promise_id}",
                "is promised a second time",
                Advice.MISSING_IN_EVENT_LOG,
                entry.at,
            )
            return
        self._store_open(event_log_fold.start_history(entry))

    def _on_promise_event(self, promise_id: str, entry: LogEntry) -> None:
        if entry.event == "number unlocked":
            self._promise_by_number.pop(self._number_by_promise.pop(promise_id, ""), "")
        told = self.open_promises.get(promise_id) or self._resolve_unknown_promise(promise_id, entry)
        if told is None:
            return
        after, wrongs = event_log_fold.apply_entry(told, entry)
        for wrong in wrongs:
            todo = Advice.CALLED_TWICE if wrong.invariant == "I4" else Advice.CHECK_OUTCOME
            self._add_violation(wrong.invariant, f"promise:{promise_id}", wrong.problem, todo, entry.at)
        if entry.event in event_log_fold.END_EVENTS:
            self._on_promise_ended(after, entry)
        else:
            self._store_open(after)
        if entry.event == "number locked":
            self._on_may_ring(promise_id, entry)

    def _resolve_unknown_promise(self, promise_id: str, entry: LogEntry) -> PromiseHistory | None:
        """An event of a promise that is not open by what was told. None: nothing more can be said about it."""
        if entry.event not in event_log_fold.OPEN_PROMISE_EVENTS:
            return None
        member = f"promise:{promise_id}"
        known = self._page_records.get(member) or RecordSummary(state="")
        if not known.state:
            self._add_violation(
                "I2",
                member,
                f"is in the journal ({entry.event}) and not in the record",
                Advice.LOST_IN_RECORDS,
                entry.at,
            )
        elif (known.created_at or 0.0) < self.since and member not in self._ended_older:
            return event_log_fold.start_unknown_history(promise_id)
        elif (
            promise_id in self.promises.only_in_index
            or (known.created_at or 0.0) > entry.at + MAX_SKEW_SECONDS
        ):
            self._add_violation(
                "I2",
                member,
                f"has an event ({entry.event}) before it was promised",
                Advice.MISSING_IN_EVENT_LOG,
                entry.at,
            )
        elif entry.event in event_log_fold.END_EVENTS:
            self._add_violation(
                "I2",
                member,
                f"ends a second time ({event_log_fold.END_EVENTS[entry.event]})",
                Advice.RECORDS_AND_LOG_DISAGREE,
                entry.at,
            )
        else:
            todo = (
                Advice.CALLED_TWICE
                if entry.event in ("dialling", "number locked", "picked up")
                else Advice.RECORDS_AND_LOG_DISAGREE
            )
            self._add_violation(
                "I2", member, f"has an event ({entry.event}) after it had ended", todo, entry.at
            )
        return None

    def _store_open(self, promise: PromiseHistory) -> None:
        self.open_promises[promise.promise] = promise
        for contact in promise.contacts:
            self._carried_by_contact.setdefault(contact, set()).add(promise.promise)

    def _on_promise_ended(self, promise: PromiseHistory, entry: LogEntry) -> None:
        self.open_promises.pop(promise.promise, None)
        for contact in promise.contacts:
            rest = self._carried_by_contact.get(contact, set()) - {promise.promise}
            self._carried_by_contact[contact] = rest
            if not rest:
                del self._carried_by_contact[contact]
        if not promise.from_beginning:
            self._ended_older.add(f"promise:{promise.promise}")
        word = event_log_fold.END_EVENTS[entry.event]
        self.counts[word] += 1
        self.counts["late"] += entry.event == "promise kept" and entry.get("late") == "1"
        by_record = self._page_records.get(f"promise:{promise.promise}")
        if by_record and by_record.state in ENDED and by_record.state != word:
            what = f"is {word} by the journal and {by_record.state} by the record"
            self._add_violation(
                "I2", f"promise:{promise.promise}", what, Advice.RECORDS_AND_LOG_DISAGREE, entry.at
            )

    def _on_may_ring(self, promise_id: str, entry: LogEntry) -> None:
        """One number, one call at a time, whatever is owed to it."""
        known = self._page_records.get(f"promise:{promise_id}")
        number = known.number if known else ""
        other = self._promise_by_number.get(number, promise_id)
        if number and other != promise_id:
            what = f"is rung while the same phone may ring for promise {other}"
            self._add_violation("I4", f"promise:{promise_id}", what, Advice.CALLED_TWICE, entry.at)
        self._promise_by_number[number], self._number_by_promise[promise_id] = promise_id, number

    # ---- what was said

    def _on_text(self, entry: LogEntry) -> None:
        """I3: nothing is said of a promise before it is on disk."""
        member = entry.get("about")
        name = member[8:]
        known = self._page_records.get(member) or RecordSummary(state="")
        if name in self.open_promises:
            return
        if not known.state:
            what = f"was told about (text {entry.get('text')}) and is in no record"
            self._add_violation("I3", member, what, Advice.LOST_IN_RECORDS, entry.at)
        elif (
            name in self.promises.only_in_index
            or (known.created_at or 0.0) > max(entry.at, self.since) + MAX_SKEW_SECONDS
        ):
            what = f"was told about (text {entry.get('text')}) before it was promised"
            self._add_violation("I3", member, what, Advice.MISSING_IN_EVENT_LOG, entry.at)

    # ---- contacts

    def _process_contact_entry(self, entry: LogEntry) -> None:
        name = entry.get("contact")
        if entry.event == "opened":
            if not self.contacts.add_logged(name) or name in self.open_contacts:
                self._add_violation(
                    "I1", f"contact:{name}", "is opened a second time", Advice.MISSING_IN_EVENT_LOG, entry.at
                )
            self.open_contacts.add(name)
        elif entry.event in REOPENING_EVENTS:
            self.open_contacts.add(name)
        elif entry.event == "ended" and name in self.open_contacts:
            self.open_contacts.discard(name)
        elif entry.event == "ended":
            self._on_contact_ended_again(name, entry)

    def _on_contact_ended_again(self, contact_id: str, entry: LogEntry) -> None:
        member = f"contact:{contact_id}"
        known = self._page_records.get(member) or RecordSummary(state="")
        if not known.state:
            self._add_violation(
                "I1", member, "has ended by the journal and is in no record", Advice.LOST_IN_RECORDS, entry.at
            )
        elif (known.created_at or 0.0) < self.since and member not in self._ended_older:
            self._ended_older.add(member)
        elif contact_id not in self.contacts.only_in_index:
            what = f"is given a second outcome ({entry.get('outcome')})"
            self._add_violation("I1", member, what, Advice.CHECK_OUTCOME, entry.at)

    # ---- the end

    def finish(self) -> None:
        """The event log has been read: what only one of the two accounts knows."""
        for invariant, side in (("I2", self.promises), ("I1", self.contacts)):
            side.read_index_to(float("inf"))
            known = read_summaries(
                self._services, {f"{side.record_type}:{name}" for name in side.only_in_log}
            )
            for name in sorted(side.only_in_log):
                self._check_only_in_log(invariant, f"{side.record_type}:{name}", known)
            for name, at in sorted(side.only_in_index.items()):
                if at >= self.since:
                    what = "is in the record and the journal does not tell of its beginning"
                    self._add_violation(
                        invariant, f"{side.record_type}:{name}", what, Advice.MISSING_IN_EVENT_LOG, at
                    )

    def _check_only_in_log(self, invariant: str, key: str, summaries: dict[str, RecordSummary]) -> None:
        found = summaries.get(key)
        if found is None:
            self._add_violation(
                invariant, key, "is in the journal and lost from the record", Advice.LOST_IN_RECORDS
            )
        elif found.created_at is None:
            self._add_violation(invariant, key, "is in no list: nobody finds it", Advice.LOST_IN_RECORDS)

    def _add_violation(self, invariant: str, key: str, what: str, todo: str, at: float = 0.0) -> None:
        self.violations.append(Violation(invariant=invariant, key=key, problem=what, advice=todo, at=at))


def check_log(s: RedisServices, *, archived: bool = False) -> EventLogCheck:
    """All of the event log that is in Redis; `archived`: the files of earlier months too."""
    told = EventLogCheck(s, event_log_read.get_extent(s, archived=archived))
    for page in event_log_read.read_pages(s, archived=archived):
        told.process_page(page)
    told.finish()
    return told
