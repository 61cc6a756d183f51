"""Work something out for one kind of call, and for all others of which what was looked at is the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from ivr.flow.checker.call_space import CallKind, CallSet, CallSpace, ObservedFact, T
from ivr.flow.checker.observed_facts import WORDING_FACTS, ObservedContext

Compute = Callable[[CallKind, ObservedContext], T]


def find_outcome(
    call_space: CallSpace,
    call_kind: CallKind,
    known: list[tuple[CallSet, T]],
    compute: Callable[[CallKind], list[tuple[CallSet, T]]],
) -> tuple[CallSet, T]:
    """What holds for one kind of call, and for whom else."""
    one = call_space.only_kind(call_kind)
    for found in known:
        if found[0] & one == one:
            return found
    known += compute(call_kind)
    return next(found for found in known if found[0] & one == one)


def compute_for_each_time(
    call_space: CallSpace, compute: Compute[T], call_kind: CallKind, *, words_only: bool = False
) -> list[tuple[CallSet, T]]:
    """What holds for this kind of call, and for which others. The clock is in many words, and seldom makes another turn of them:
    what is said at each hour is compared, instead of going on apart.
    """
    box, made, by_clock = _compute_once(call_space, call_kind, compute, words_only=words_only)
    if not by_clock:
        return [(box, made)]
    found: dict[tuple[CallSet, T], CallSet] = {}
    for other in call_space.at_each_time(call_kind, box):
        part, said = box, made
        if other != call_kind:
            part, said, _ = _compute_once(call_space, other, compute, words_only=words_only)
        now = call_space.intersect(part, call_space.sharing_fact(other, ("now", "")))
        found[part, said] = found.get((part, said), 0) | now
    return [(hours, said) for (_, said), hours in found.items()]


def _compute_once(
    call_space: CallSpace, call_kind: CallKind, compute: Compute[T], *, words_only: bool
) -> tuple[CallSet, T, bool]:
    """The call set is that of everything looked at but the clock; whether that was looked at too."""
    watched = observe(call_space, call_kind)
    made = compute(call_kind, watched)
    facts = watched.facts
    if words_only:
        facts = {fact for fact in facts if fact[0] not in WORDING_FACTS}
    return calls_sharing(call_space, call_kind, facts), made, ("now", "") in facts


def observe(call_space: CallSpace, call_kind: CallKind) -> ObservedContext:
    return ObservedContext(call_space.make_context(call_kind), partial(call_space.is_open, call_kind))


def calls_sharing(call_space: CallSpace, call_kind: CallKind, facts: Iterable[ObservedFact]) -> CallSet:
    box = call_space.all
    for fact in facts:
        if fact[0] != "now":
            box &= call_space.sharing_fact(call_kind, fact)
    return box
