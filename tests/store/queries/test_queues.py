"""Indexes of lines and agents are written with the records, and stay true whatever happens in whatever order."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr.domain.records.agent import Agent, AgentState
from ivr.store import keys
from ivr.store.change import Change, format_abilities
from ivr.store.queries import due_index, queues
from ivr.store.store import Store

SKILLS = [("support",), ("support", "bookings"), ()]
STATES = list(AgentState)
STEPS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(STATES), st.sampled_from(SKILLS), st.booleans()), max_size=25
)
ANY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)


@ANY
@given(steps=STEPS)
def test_the_indexes_of_agents_say_what_their_records_say(
    store: Store, steps: list[tuple[int, AgentState, tuple[str, ...], bool]]
) -> None:
    store.redis.flushall()
    agents: dict[str, Agent] = {}
    for now, (n, state, skills, supervisor) in enumerate(steps):
        old = agents.get(f"a{n}")
        new = replace(
            old or Agent(id=f"a{n}", name=f"A{n}", phone="+12025550111"),
            state=state,
            skills=skills,
            supervisor=supervisor,
            state_since=float(now),
        )
        change = Change(now=float(now))
        agents[new.id] = change.put(old, new)
        assert store.commit(change)
    _agents_are_true(store, list(agents.values()))


def _agents_are_true(store: Store, agents: list[Agent]) -> None:
    free = {a.id for a in agents if a.state is AgentState.AVAILABLE}
    at_work = {a.id for a in agents if a.state not in (AgentState.OFFLINE, AgentState.AWAY)}
    _, idle = queues.list_heads(store, limit=100)
    assert {i["id"] for i in idle} == free
    for agent in agents:
        told = next((i for i in idle if i["id"] == agent.id), None)
        if told:
            assert (told["skills"], told["supervisor"], told["since"]) == (
                sorted(agent.skills),
                agent.supervisor,
                agent.state_since,
            )
    in_index = {}
    for can in store.redis.smembers(keys.ABILITIES):
        for name in store.redis.smembers(keys.signed_in(str(can))):
            assert name not in in_index, "in two indexes at once"
            in_index[name] = can
    assert in_index == {a.id: format_abilities(a) for a in agents if a.id in at_work}
    assert {a.key for a in agents if a.id in free} <= store.read(due_index.list_scheduled())


@ANY
@given(
    steps=st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["s", "b"]), st.integers(0, 9)), max_size=25)
)
def test_who_stands_in_a_line_stands_in_it_once_and_in_order(
    store: Store, steps: list[tuple[int, str, int]]
) -> None:
    store.redis.flushall()
    standing: dict[str, tuple[str, float]] = {}
    for n, queue, score in steps:
        member = f"contact:{n}"
        change = Change(now=0.0)
        if member in standing:
            queue_was, _ = standing.pop(member)
            change.leave_queue(record_key=member, requirements=f"{queue_was}||en|", queue=queue_was)
        else:
            waiting = {"id": member, "arrived": score}
            change.join_queue(
                record_key=member,
                requirements=f"{queue}||en|",
                queue=queue,
                score=float(score),
                waiting=waiting,
            )
            standing[member] = (queue, float(score))
        assert store.commit(change)
    for queue in ("s", "b"):
        expected = sorted((score, m) for m, (q, score) in standing.items() if q == queue)
        for place, (_, member) in enumerate(expected):
            pulse = queues.get_status(store, {queue: frozenset()}, member)
            assert pulse.position == {queue: place}
            assert pulse.waiting == {queue: len(expected)}
    assert set(store.redis.hkeys(keys.WAITING)) == set(standing)


def test_only_the_heads_of_a_line_are_read_and_only_when_somebody_is_free(store: Store) -> None:
    change = Change(now=0.0)
    for n in range(30):
        change.join_queue(
            record_key=f"contact:{n}",
            requirements="s||en|",
            queue="s",
            score=float(n * 10),
            waiting={"id": str(n)},
        )
    assert store.commit(change)
    assert queues.list_heads(store, limit=5) == ([], [])
    change = Change(now=0.0)
    change.put(None, Agent(id="a", name="A", phone="", state=AgentState.AVAILABLE))
    assert store.commit(change)
    waiting, idle = queues.list_heads(store, limit=5)
    assert [w["id"] for w in waiting] == ["0", "1", "2", "3", "4"]
    assert [i["id"] for i in idle] == ["a"]


def test_who_is_free_is_counted_for_every_queue_that_they_can_serve(store: Store) -> None:
    change = Change(now=0.0)
    for name, skills, state in (
        ("a", ("support",), AgentState.AVAILABLE),
        ("b", ("support", "bookings"), AgentState.AVAILABLE),
        ("c", ("bookings",), AgentState.ON_CALL),
        ("d", ("support",), AgentState.AWAY),
    ):
        change.put(None, Agent(id=name, name=name, phone="", skills=skills, state=state))
    assert store.commit(change)
    pulse = queues.get_status(store, {"support": frozenset({"support"}), "bookings": frozenset({"bookings"})})
    assert pulse.free_agents == {"support": 2, "bookings": 1}
    assert pulse.signed_in_agents == {"support": 2, "bookings": 2}


def test_a_place_of_which_nothing_is_known_is_taken_out_and_hides_nobody(store: Store) -> None:
    change = Change(now=0.0)
    change.append_command("ZADD", keys.waiting_with("s||en|"), 1.0, "contact:ghost")
    change.join_queue(
        record_key="contact:c", requirements="s||en|", queue="s", score=5.0, waiting={"id": "contact:c"}
    )
    change.put(None, Agent(id="a", name="A", phone="", state=AgentState.AVAILABLE))
    assert store.commit(change)
    assert [w["id"] for w in queues.list_heads(store, limit=1)[0]] == []
    assert [w["id"] for w in queues.list_heads(store, limit=1)[0]] == ["contact:c"]
