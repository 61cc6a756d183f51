"""Flows that nobody wrote: steps of every kind, led to one another by chance, in folders that can be read."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from ivr.flow.steps import step_kinds
from ivr.flow.yaml_source.fields import Field

SCHEDULES = ("8:00-20:00", "0:00-24:00", "22:00-6:00", "9:00-9:30")
WORDS = [
    "please",
    "tell",
    "us",
    "what",
    "it",
    "is",
    "about",
    "so",
    "that",
    "we",
    "find",
    "the",
    "right",
    "person",
    "for",
    "you",
    "at",
    "once",
    "today",
]
KINDS = [
    "say",
    "menu",
    "menu",
    "menu",
    "ask",
    "ask",
    "branch",
    "branch",
    "queue",
    "queue",
    "promise",
    "message",
    "text",
    "goto",
    "recall",
    "goodbye",
    "transfer",
    "survey",
    "lookup",
]
KINDS += sorted(set(step_kinds()) - set(KINDS))  # a new one is in the proof without further ado
CONDITIONS = (
    "{open: support}",
    "{closed: bookings}",
    "{caller: known}",
    "{caller: unknown, open: support}",
    "{owed: promise}",
    "{calls_today: {at_least: 3}}",
    "{agents_free: {queue: support, at_least: 1}}",
    "{estimate: {queue: bookings, at_most: 60}}",
    "{language: en}",
)


def folder(seed: int) -> dict[str, str]:
    """The same for the same seed."""
    return _Maker(Random(seed)).folder()


class _Maker:
    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.names = [f"s{n}" for n in range(chance.randint(2, 9))]
        self.prompts: dict[str, str] = {}

    def folder(self) -> dict[str, str]:
        steps = self._reachable({name: self._step(n) for n, name in enumerate(self.names)})
        chance = self.chance
        header = (
            f'flow: main\nlines: ["*"]\nlanguages: [en]\nperson: support\n'
            f"max_keys: {chance.choice((2, 3, 5, 9))}\nmax_seconds: {chance.choice((20, 40, 90, 300))}\nsteps:\n"
        )
        body = "".join(f"  {name}: {text}\n" for name, (text, _) in steps.items())
        hours = "".join(
            f'{queue}: {{zone: America/New_York, weekdays: "{chance.choice(SCHEDULES)}", weekends: "{chance.choice(SCHEDULES)}"}}\n'
            for queue in ("support", "bookings")
        )
        return {
            "main.yaml": header + body,
            "hours.yaml": hours,
            "queues.yaml": "support: {hours: support}\nbookings: {hours: bookings}\n",
            "prompts/en.yaml": "".join(f'{name}: "{text}"\n' for name, text in self.prompts.items())
            or "x: y\n",
        }

    def _reachable(self, steps: dict[str, tuple[str, list[str]]]) -> dict[str, tuple[str, list[str]]]:
        seen, work = {self.names[0]}, [self.names[0]]
        while work:
            new = set(steps[work.pop()][1]) - seen
            seen |= new
            work += sorted(new)
        return {name: step for name, step in steps.items() if name in seen}

    def _prompt(self) -> str:
        name = f"p{len(self.prompts)}"
        self.prompts[name] = " ".join(self.chance.choices(WORDS, k=self.chance.choice((3, 6, 12, 40)))) + "."
        return name

    def _to(self, n: int) -> str:
        """Mostly onward; now and then back, or to the same."""
        onward = self.names[n + 1 :]
        return self.chance.choice(onward if onward and self.chance.random() < 0.85 else self.names)

    def _step(self, n: int) -> tuple[str, list[str]]:
        """The step as it stands in the file, and where it leads."""
        last = n == len(self.names) - 1 and self.chance.random() < 0.7
        kind = "queue" if last else self.chance.choice(KINDS)
        own = {
            "menu": self._menu,
            "branch": self._branch,
            "ask": self._ask,
            "recall": self._recall,
            "lookup": self._lookup,
        }
        return own[kind](n) if kind in own else self._plain(kind, self._to(n))

    def _plain(self, kind: str, to: str) -> tuple[str, list[str]]:
        queue, onward = self.chance.choice(("support", "bookings")), self.chance.random() < 0.3
        goes, leads = (f", next: {to}", [to]) if onward else ("", [])
        match kind:
            case "queue":
                return f"{{queue: {queue}}}", []
            case "promise":
                offer = self.chance.choice(("soonest", "next_opening", "choose_time"))
                return f"{{promise: {offer}, queue: {queue}{goes}}}", leads
            case "message":
                return f"{{message: {self._prompt()}{goes}}}", leads
            case "goto":
                return f"{{goto: {to}}}", [to]
            case "goodbye":
                return f"{{goodbye: {self._prompt()}}}", []
            case "transfer":
                return f'{{transfer: "+12025550190", next: {to}}}', [to]
            case _:
                return self._by_its_fields(kind, to)

    def _by_its_fields(self, kind: str, to: str) -> tuple[str, list[str]]:
        """A step of any kind, with all that it needs and no more."""
        leads: list[str] = []

        def step() -> str:
            leads.append(to)
            return to

        def written(one: Field) -> str:
            inner = (
                "{" + ", ".join(f"{part.name}: {written(part)}" for part in one.fields if part.required) + "}"
            )
            values: dict[str, Callable[[], str]] = {
                "prompt": self._prompt,
                "step": step,
                "text": lambda: one.choices[0] if one.choices else "word",
                "queue": lambda: "support",
                "hours": lambda: "support",
                "language": lambda: "en",
                "number": lambda: str(one.minimum),
                "numbers": lambda: f"[{one.minimum}]",
                "words": lambda: "[word]",
                "heard": lambda: "[word]",
                "group": lambda: inner,
                "lines": lambda: f"[{inner}]",
                "named": lambda: f"{{word: {inner}}}",
            }
            return values[one.kind]()

        needed = [one for one in step_kinds()[kind].fields if one.required]
        return "{" + ", ".join(f"{one.name}: {written(one)}" for one in needed) + "}", leads

    def _ask(self, n: int) -> tuple[str, list[str]]:
        to = self._to(n)
        if self.chance.random() < 0.5:
            return f"{{ask: reason, next: {to}}}", [to]
        more = f"prompt: {self._prompt()}, digits: {self.chance.randint(2, 8)}, label: number"
        return f"{{ask: digits, {more}, next: {to}}}", [to]

    def _branch(self, n: int) -> tuple[str, list[str]]:
        cases = [(self.chance.choice(CONDITIONS), self._to(n)) for _ in range(self.chance.randint(1, 3))]
        lines = "".join(f"\n      - when: {when}\n        next: {then}" for when, then in cases)
        to = self._to(n)
        return f"\n    branch:{lines}\n      - else: {to}", [to, *(then for _, then in cases)]

    def _recall(self, n: int) -> tuple[str, list[str]]:
        ways = [self._to(n) for _ in range(3)]
        return f"{{recall: last_contact, same: {ways[0]}, other: {ways[1]}, nothing: {ways[2]}}}", ways

    def _lookup(self, n: int) -> tuple[str, list[str]]:
        to, failed = self._to(n), self._to(n)
        url = "https://crm.example.com/"
        return f'{{lookup: "{url}", answers: {{gold: {to}}}, next: {to}, else: {failed}}}', [to, failed]

    def _menu(self, n: int) -> tuple[str, list[str]]:
        chance = self.chance
        keys = sorted(chance.sample("123456789", chance.choice((1, 2, 2, 3, 5))))
        ways = {key: self._to(n) for key in keys}
        options = ", ".join(f"{key}: {{words: [word{key}], next: {to}}}" for key, to in ways.items())
        silence = self._to(n) if chance.random() < 0.5 else ""
        more = f", silence: {silence}" if silence else ""
        leads = [*ways.values(), *([silence] if silence else [])]
        return (
            f"{{menu: {self._prompt()}, seconds: {chance.randint(1, 6)}, options: {{{options}}}{more}}}",
            leads,
        )
