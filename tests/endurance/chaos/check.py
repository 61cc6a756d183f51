"""What must be true afterwards: by the telephone network's own log first, by our records second, and both must agree."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from ivr.cli.demo.stage import OUR_NUMBER
from ivr.domain.records.contact import Contact, ContactState
from ivr.domain.records.customer import Text
from ivr.domain.records.promise import ENDED, Promise, PromiseState
from ivr.store import keys
from ivr.store.queries import due_index
from ivr.usecases.integrity.check import check_integrity
from tests.endurance.chaos.cast import AGENTS, BOSS
from tests.endurance.chaos.house import House

SILENCE = 10.0  # seconds of the network's time
FALLBACK = ("+12025550171", "+12025550172")
PEOPLE = {*AGENTS.values(), BOSS[1], *FALLBACK}
OWED = re.compile(r"we will call you|We promised", re.IGNORECASE)
NO_MORE = re.compile(r"we will not call you", re.IGNORECASE)
ENDINGS = ("promise kept", "promise declined", "promise owned")
Entry = dict[str, Any]
Span = tuple[float, float]


@dataclass(kw_only=True)
class Findings:
    violations: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    late: list[float] = field(default_factory=list)  # seconds from the time we named to the conversation


@dataclass(kw_only=True)
class Silence:
    """Looked at in every moment: no caller hears nothing for more than ten seconds."""

    house: House
    violations: dict[str, str] = field(default_factory=dict)  # by CallSid

    def record_silence(self) -> None:
        now = self.house.time
        for leg in self.house.call_control_api("GET", "/emulator/legs?alive")["legs"]:
            other = leg["from"] if leg["direction"] == "inbound" else leg["to"]
            if leg["silent_since"] is None or other in PEOPLE or leg["status"] != "in-progress":
                continue
            silent = now - leg["silent_since"]
            self.house.silence = max(self.house.silence, silent)
            if silent > SILENCE:
                told = f"{other} has heard nothing for {silent:.1f} s ({leg['direction']} {leg['sid']} at {now:.1f})"
                self.violations[leg["sid"]] = told


def check(house: House, log: list[Entry]) -> Findings:
    found = Findings()
    promises: list[Promise] = house.services.store.list_all(Promise)
    journal = [event for _, event in _journal(house)]
    calls = Calls(log)
    for rule in (_never_two_at_once, _told_is_owed, _kept_means_talked, _no_words_after_no):
        found.violations += rule(calls, promises)
    found.violations += _after_the_end(calls, promises, journal)
    found.violations += _one_ending(promises, journal)
    found.violations += _fences(journal)
    found.violations += _looked_after(house, promises)
    found.violations += _outcomes(house)
    found.violations += _texts_once(house, log)
    found.violations += [str(v) for v in check_integrity(house.services).violations]
    found.counts.update(f"promise {p.state}" for p in promises)
    found.counts["promises"] = len(promises)
    found.counts["calls to customers"] = sum(len(calls.out(n)) for n in calls.numbers)
    found.late += _lateness(calls, promises)
    return found


def _journal(house: House) -> list[tuple[str, dict[str, str]]]:
    found: Any = house.services.store.redis.xrange(keys.EVENT_LOG)
    return list(found)


# ---- by the network


class Calls:
    """Legs by the number of the person they reach, from the network's log alone."""

    def __init__(self, log: Iterable[Entry]) -> None:
        self.log = list(log)
        self.number: dict[str, str] = {}
        self.began: dict[str, float] = {}
        self.answered: dict[str, float] = {}
        self.ended: dict[str, float] = {}
        self.inbound: set[str] = set()
        for e in self.log:
            if e["kind"] == "dialled":
                theirs = e["to"] if e["from"] == OUR_NUMBER else e["from"]
                self.number[e["call"]], self.began[e["call"]] = theirs, e["epoch"]
                if e["to"] == OUR_NUMBER:
                    self.inbound.add(e["call"])
            elif e["kind"] == "answered":
                self.answered[e["call"]] = e["epoch"]
            elif e["kind"] == "ended":
                self.ended[e["call"]] = e["epoch"]
        self.numbers = sorted(set(self.number.values()) - PEOPLE)

    def out(self, number: str) -> list[str]:
        """Calls of ours to this number, in order."""
        return [c for c, n in self.number.items() if n == number and c not in self.inbound]

    def end(self, call: str) -> float:
        return self.ended.get(call, float("inf"))

    def words(self, call: str) -> list[tuple[float, str]]:
        return [(e["epoch"], e["words"]) for e in self.log if e["kind"] == "said" and e["call"] == call]

    def texts(self, number: str) -> list[tuple[float, str]]:
        return [
            (e["epoch"], e["body"])
            for e in self.log
            if e["kind"] == "texted" and e["to"] == number and e["from"] == OUR_NUMBER
        ]

    def rooms(self) -> Iterator[tuple[str, Span]]:
        """(CallSid, from when until when) for everyone in each room, room by room."""
        for spans in self._rooms().values():
            yield from spans

    def _rooms(self) -> dict[str, list[tuple[str, Span]]]:
        inside: dict[tuple[str, str], float] = {}
        rooms: dict[str, list[tuple[str, Span]]] = defaultdict(list)
        for e in self.log:
            if e["kind"] == "conference_join":
                inside[e["conference"], e["call"]] = e["epoch"]
            elif e["kind"] == "conference_leave":
                since = inside.pop((e["conference"], e["call"]), None)
                if since is not None:
                    rooms[e["conference"]].append((e["call"], (since, e["epoch"])))
        for (room, call), since in inside.items():
            rooms[room].append((call, (since, float("inf"))))
        return rooms

    def talks(self) -> dict[str, list[Span]]:
        """When each customer was together with one of our people."""
        found: dict[str, list[Span]] = defaultdict(list)
        for spans in self._rooms().values():
            ours = [s for c, s in spans if self.number.get(c) in PEOPLE]
            for call, (since, until) in spans:
                number = self.number.get(call, "")
                if number in PEOPLE:
                    continue
                for a, b in ours:
                    if max(a, since) < min(b, until):
                        found[number].append((max(a, since), min(b, until)))
        return found


def _never_two_at_once(calls: Calls, _: list[Promise]) -> list[str]:
    """Two calls of ours to one number never overlap, and nobody is spoken to on two at once."""
    bad = []
    for number in calls.numbers:
        legs = sorted(calls.out(number), key=lambda c: calls.began[c])
        for a, b in pairwise(legs):
            if calls.end(a) > calls.began[b]:
                bad.append(
                    f"{number}: two calls at once, {a} until {calls.end(a)} and {b} from {calls.began[b]}"
                )
    return bad


def _told_is_owed(calls: Calls, promises: list[Promise]) -> list[str]:
    """Whoever was told that they will be called is in our records."""
    ours = {p.customer for p in promises} | {p.number for p in promises}
    told = {
        calls.number[e["call"]]
        for e in calls.log
        if e["kind"] == "said" and e["call"] in calls.inbound and OWED.search(e["words"])
        if not e["words"].startswith(("Press", "If you"))
    } | {n for n in calls.numbers if any(OWED.search(body) for _, body in calls.texts(n))}
    return [f"{number} was told that they will be called, and nobody knows of it" for number in told - ours]


def _kept_means_talked(calls: Calls, promises: list[Promise]) -> list[str]:
    talks = calls.talks()
    return [
        f"promise {p.id} to {p.number} counts as kept, and nobody talked with them"
        for p in promises
        if p.state is PromiseState.KEPT and not (talks.get(p.number) or talks.get(p.customer))
    ]


def _no_words_after_no(calls: Calls, promises: list[Promise]) -> list[str]:
    """Whoever said NO, and was told that it is so, is not spoken to by a call of ours that was answered after it."""
    bad = []
    for number in calls.numbers:
        said = [at for at, body in calls.texts(number) if NO_MORE.search(body)]
        later = [c for c in calls.out(number) if said and calls.answered.get(c, 0) > said[0]]
        bad += [f"{number} said NO and heard on {c}: {w}" for c in later for _, w in calls.words(c)]
    return bad


def _texts_once(house: House, log: list[Entry]) -> list[str]:
    """What we owed as one text was sent as one; an answer to a text of theirs is owed nowhere."""
    sent = Counter((e["to"], e["body"]) for e in log if e["kind"] == "texted" and e["from"] == OUR_NUMBER)
    owed = Counter((t.to, t.body) for t in house.services.store.list_all(Text))
    return [
        f"{to} got {n} times what was owed {owed[to, body]} times: {body}"
        for (to, body), n in sent.items()
        if n > max(1, owed[to, body])
    ]


# ---- by our records


def _after_the_end(calls: Calls, promises: list[Promise], journal: list[dict[str, str]]) -> list[str]:
    """No call begins after the last promise to that number has ended."""
    ended: dict[str, float] = {e["promise"]: float(e["at"]) for e in journal if e["event"] in ENDINGS}
    open_ = {p.number for p in promises if p.id not in ended}
    last: dict[str, float] = defaultdict(float)
    for p in promises:
        last[p.number] = max(last[p.number], ended.get(p.id, 0.0))
    return [
        f"{number} was called by {c} at {calls.began[c]} after all that was owed had ended at {at}"
        for number, at in last.items()
        if number not in open_
        for c in calls.out(number)
        if calls.began[c] > at + 0.001
    ]


def _one_ending(promises: list[Promise], journal: list[dict[str, str]]) -> list[str]:
    made = Counter(e["promise"] for e in journal if e["event"] == "promised")
    ends = Counter(e["promise"] for e in journal if e["event"] in ENDINGS)
    known = {p.id: p for p in promises}
    bad = [f"promise {name} was made and is gone" for name in made if name not in known]
    for p in promises:
        if made[p.id] != 1:
            bad.append(f"promise {p.id} was made {made[p.id]} times by the journal")
        if ends[p.id] != (p.state in ENDED):
            bad.append(f"promise {p.id} is {p.state} and has {ends[p.id]} endings")
    return bad


def _fences(journal: list[dict[str, str]]) -> list[str]:
    last: dict[str, int] = {}
    bad = []
    for e in journal:
        if e["event"] == "dialling":
            if int(e["fence"]) <= last.get(e["promise"], -1):
                bad.append(f"promise {e['promise']}: fence {e['fence']} after {last[e['promise']]}")
            last[e["promise"]] = int(e["fence"])
    return bad


def _looked_after(house: House, promises: list[Promise]) -> list[str]:
    waking = house.services.store.read(due_index.list_scheduled())
    return [
        f"promise {p.id} is {p.state} and {'' if p.key in waking else 'not '}in `wake`"
        for p in promises
        if (p.key in waking) is (p.state in ENDED)
    ]


def _outcomes(house: House) -> list[str]:
    return [
        f"contact {c.id} ended without an outcome"
        for c in house.services.store.list_all(Contact)
        if c.state is ContactState.ENDED and not c.outcome
    ]


def _lateness(calls: Calls, promises: list[Promise]) -> list[float]:
    """Seconds after the time we named at which they first talked; at or below 0 in time."""
    talks = calls.talks()
    found = []
    for p in promises:
        later = [since for since, _ in talks.get(p.number, []) if since > p.created_at]
        if p.state is PromiseState.KEPT and later:
            found.append(min(later) - p.due_by)
    return found
