"""A promise is taken into a named person's hands: from now on they keep it, not the line."""

from __future__ import annotations

from ivr.domain.records.agent import Agent
from ivr.domain.records.promise import ENDED, Promise, PromiseState
from ivr.services import Services
from ivr.store.change import Change
from ivr.usecases.callbacks import dial as callback_dial
from ivr.usecases.callbacks.reschedule import TRIES, Done, Refused, Result, Via, WhyNot
from ivr.usecases.promises import lifecycle as promise_lifecycle
from ivr.usecases.staff import roster

WITH_US = (PromiseState.TALKING, PromiseState.MERGED)


def take(s: Services, promise_id: str, name: str, *, by: str, via: Via = Via.STAFF) -> Result:
    """`name`: who has it from now on; `by`: who says so, `via` which of a colleague's ways. Raises staff.NoSuchAgent: hands have a name we know."""
    agent = s.store.get(Agent, roster.slug(name))
    if agent is None:
        known = ", ".join(a.name for a in roster.everyone(s)) or "nobody yet"
        raise roster.NoSuchAgent(f"Nobody is called {name}. There are: {known}.")
    held: Promise | None = None
    for _ in range(TRIES):
        held = s.store.get(Promise, promise_id)
        if held is None:
            return Refused(why=WhyNot.UNKNOWN)
        if held.state in ENDED:
            return Refused(why=WhyNot.ENDED, promise=held)
        if held.state in WITH_US:
            return Refused(why=WhyNot.ON_LINE, promise=held)
        change = Change(now=s.clock.now())
        callback_dial.called_off(s, held, change, declined=False)
        change.journal("assignment requested", promise=held.id, via=via, by=by)
        taken = promise_lifecycle.end(s, held, PromiseState.OWNED, change, owner=agent.id)
        if s.store.commit(change):
            return Done(promise=taken)
    return Refused(why=WhyNot.CHANGED, promise=held)
