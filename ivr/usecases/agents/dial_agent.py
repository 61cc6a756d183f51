"""An agent's phone is rung, once, and what rings is known from whichever comes first."""

from __future__ import annotations

from dataclasses import replace

from ivr.domain.errors import TelephonyError, TryLater, Unclear
from ivr.domain.records.agent import Agent
from ivr.domain.records.agent_leg import AgentLeg, LegResult
from ivr.services import Services
from ivr.usecases.agents.kinds import persistent
from ivr.usecases.agents.kinds.registry import get_handler
from ivr.usecases.agents.offer_end import end_offer
from ivr.usecases.dialing import call_rate

LEASE_MARGIN_SECONDS = 10.0  # seconds beyond the ringing


def call_agent(services: Services, leg: AgentLeg) -> None:
    """Make the agent's phone ring. The intent is on disk before the POST; after an unclear answer the lease decides."""
    now = services.clock.now()
    agent = services.store.get(Agent, leg.agent)
    address = leg.consult.external_number or (agent.address if agent else "")
    if not leg.consult.external_number and (agent is None or agent.leg != leg.id):
        end_offer(services, leg, LegResult.CANCELLED, "agent is elsewhere")
        return
    if agent is not None and agent.persistent_leg and persistent.lend(services, leg, agent):
        return
    wait = call_rate.reserve_start(services, for_caller=get_handler(leg.kind).rings_before_callbacks, now=now)
    if wait > 0:
        _reschedule(services, leg, now + wait)
        return
    change = services.store.begin(now=now)
    ringing = change.put(
        leg,
        leg.start_ringing(
            now=now,
            ring_seconds=services.settings.ring_seconds + LEASE_MARGIN_SECONDS,
            in_browser=address.startswith("client:"),
        ),
    )
    change.schedule(ringing, ringing.offer.reserved_until)
    if not services.store.commit(change):
        return
    try:
        sid = services.telephony.create_call(
            to=address,
            from_=services.settings.caller_id or leg.our_number,
            url=services.urls.agent(leg.id),
            fallback_url=services.urls.agent(leg.id),
            status_callback=services.urls.agent_status(leg.id),
            ring_seconds=services.settings.ring_seconds,
        )
    except TryLater:
        _retry_in_a_second(services, ringing, now)
    except Unclear:
        return  # it may ring: its webhooks will say so, or the lease runs out
    except TelephonyError as e:
        end_offer(services, ringing, LegResult.FAILED, f"code {e.code}")
    else:
        record_call_sid(services, ringing.id, sid)


def _reschedule(services: Services, leg: AgentLeg, at: float) -> None:
    change = services.store.begin()
    change.expect(leg)
    change.schedule(leg, at)
    services.store.commit_best_effort(change)


def _retry_in_a_second(services: Services, leg: AgentLeg, now: float) -> None:
    change = services.store.begin(now=now)
    made = change.put(leg, leg.put_back())
    change.schedule(made, now + 1)
    services.store.commit_best_effort(change)


def record_call_sid(services: Services, leg_id: str, sid: str) -> None:
    """The CallSid, from the response or from whichever webhook came first."""
    for change in services.store.transact():
        leg = services.store.get(AgentLeg, leg_id)
        if leg is None or leg.call:
            return
        kept = change.put(leg, replace(leg, call=sid))
        change.index_leg(sid, kept)
