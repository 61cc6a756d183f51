"""One play again and again, with a kill at the first write, at the second, and so on; and the same at every POST.

Before it, so that it never arrives, and after it, so that the answer never does. And every death in every stage of a call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

from tests.conftest import MONDAY_TWO_PM
from tests.endurance.chaos import check, still_open
from tests.endurance.chaos.house import PARTS, House
from tests.endurance.chaos.messages import Message
from tests.endurance.chaos.proxy import Trap, When
from tests.endurance.chaos.scenes import PROMISED, Scene, to_the_end


def play(house: House, scene: Scene, break_it: Callable[[House], object] = lambda _: None) -> list[str]:
    """The violations of one play. `break_it` before it begins."""
    silence = _begin(house)
    break_it(house)
    scene.begin(house)
    return _end(house, silence)


def _begin(house: House) -> check.Silence:
    house.go_on()
    house.wait_until_up()
    house.call_control_api("PUT", "/emulator/settings", {"cps": 100})
    house.reset(MONDAY_TWO_PM)
    silence = check.Silence(house=house)
    house.watch = silence.record_silence
    return silence


def _end(house: House, silence: check.Silence) -> list[str]:
    done = to_the_end(house)
    house.watch = lambda: None
    found = check.check(house, house.read_emulator_log())
    left = [] if done else [f"never over: {what}" for what in still_open.open_ones(house)]
    return [*found.violations, *silence.violations.values(), *left]


# ---- at every write and POST


def record_write(house: House) -> Callable[[Message], bool]:
    """A change of our own records; not RQ's book-keeping."""
    store = house.services.store
    ours = {s.sha for s in (store._commit, store._commit_new, store.store_input_script)}  # noqa: SLF001 - which scripts change records

    def counts(message: Message) -> bool:
        name, _, rest = message.says.partition(" ")
        return name == "EVALSHA" and rest in ours

    return counts


def post(_: House) -> Callable[[Message], bool]:
    return lambda message: message.changes


def bell(_: House) -> Callable[[Message], bool]:
    return lambda message: message.says.startswith("RPUSH ")


def set_trap(house: House, trap: Trap, what: str) -> Trap:
    for proxy in (house.to_twilio if what == "POST" else house.to_record).values():
        proxy.trap = trap
    return trap


def length(house: House, what: str) -> int:
    """How many there are in the play, when nothing is broken."""
    trap = Trap(at=-1, when=When.BEFORE, counts=COUNTS[what](house))
    bad = play(house, PROMISED, lambda h: set_trap(h, trap, what))
    if bad:
        raise AssertionError(f"The play fails by itself: {bad}")
    return trap.passed


def bell_of_a_promise(_: House) -> Callable[[Message], bool]:
    return lambda message: message.says == "RPUSH rq:queue:callbacks"


COUNTS: dict[str, Callable[[House], Callable[[Message], bool]]] = {
    "write": record_write,
    "POST": post,
    "bell": bell,
    "bell of a promise": bell_of_a_promise,
}


def every_turn(house: House, what: str) -> Iterator[tuple[int, When]]:
    yield from product(range(1, length(house, what) + 1), When)


def turn(
    house: House, what: str, at: int, when: When, *, kill: bool, scene: Scene = PROMISED
) -> tuple[str, list[str]]:
    """(what was broken, what was found)."""
    trap = Trap(
        at=at,
        when=when,
        act=house.kill if kill else lambda _: house.breaks(1.0),
        counts=COUNTS[what](house),
    )
    bad = play(house, scene, lambda h: set_trap(h, trap, what))
    return f"{'kill' if kill else 'cut'} {when} {what} {at} ({trap.caught or 'not reached'})", bad


# ---- every death in every stage


def _killed(part: str, how: str = "group") -> Callable[[House], None]:
    return lambda house: house.kill(part, how)


def _frozen(part: str, seconds: float) -> Callable[[House], None]:
    return lambda house: house.freeze(part, seconds)


def _all_killed(house: House) -> None:
    for part in (*PARTS, "redis"):
        house.kill(part)


DEATHS: dict[str, Callable[[House], None]] = {
    **{f"kill -9 {part}": _killed(part) for part in (*PARTS, "redis")},
    "kill -9 web, the parent alone": _killed("web", "leader"),
    "kill -9 web, the children": _killed("web", "children"),
    "SIGSTOP redis": _frozen("redis", 3.0),
    "SIGSTOP web": _frozen("web", 3.0),
    "SIGSTOP offers": _frozen("offers", 4.0),
    "kill -9 of everything at once": _all_killed,
}


def death(house: House, scene: Scene, how: str) -> list[str]:
    """A caller in this stage, and then that happens."""
    silence = _begin(house)
    scene.begin(house)
    if not house.pass_time(90, until=lambda: scene.seen(house)):
        return [f"{scene.name} was never reached"]
    DEATHS[how](house)
    house.pass_time(30)
    scene.then(house)
    return _end(house, silence)
