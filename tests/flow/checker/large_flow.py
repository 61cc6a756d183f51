"""A line of a large company: three hundred steps in two languages, departments with hours of their own. For measuring."""

from __future__ import annotations

DEPARTMENTS = ("bookings", "baggage", "billing", "refunds", "groups")
MATTERS = 6  # of each department
# What stands for each matter: a word before, the reason, who may answer now, and what is owed when nobody can.
_MATTER = """
  {m}: {{say: about_{m}, next: {m}_why}}
  {m}_why: {{ask: reason, seconds: 4, next: {m}_now}}
  {m}_now:
    branch:
      - when: {{closed: {d}}}
        next: {m}_call
      - when: {{calls_today: {{at_least: 3}}}}
        next: {m}_again
      - when: {{caller: known, agents_free: {{queue: {d}, at_least: 1}}}}
        next: {m}_line
      - when: {{estimate: {{queue: {d}, at_least: 600}}}}
        next: {m}_later
      - else: {m}_line
  {m}_again: {{say: sorry, next: {m}_senior}}
  {m}_senior: {{queue: supervisors}}
  {m}_line: {{queue: {d}, skills: [{m}]}}
  {m}_later: {{promise: soonest, queue: {d}}}
  {m}_call: {{promise: next_opening, queue: {d}, next: {m}_text}}
  {m}_text: {{text: address, next: {m}_bye}}
  {m}_bye: {{goodbye: bye}}
"""


def big_flow(matters: int = MATTERS) -> dict[str, str]:
    """Files by their path: about 60 steps for each five matters of a department."""
    names = {d: [f"{d}_{n}" for n in range(1, matters + 1)] for d in DEPARTMENTS}
    steps = [_HEADER]
    steps += [f"      {n}: {{words: [{d}], next: {d}}}\n" for n, d in enumerate(DEPARTMENTS, 1)]
    steps.append("  other: {queue: support}\n")
    for d, named in names.items():
        keys = [f"      {n % 9 + 1}: {{words: [{m}], next: {m}}}\n" for n, m in enumerate(named)]
        rooms = [keys[at : at + 5] for at in range(0, len(keys), 5)]
        for room, part in enumerate(rooms):
            name = d if room == 0 else f"{d}_more_{room}"
            after = f"{d}_more_{room + 1}" if room + 1 < len(rooms) else "other"
            steps.append(
                f"  {name}:\n    menu: menu_{d}\n    seconds: 3\n    silence: {after}\n    options:\n"
            )
            steps += part
        steps += [_MATTER.format(d=d, m=m) for m in named]
    hours = "".join(
        f"{d}: {{zone: America/New_York, weekdays: '{8 + n}:00-{16 + n}:00', saturday: '{9 + n}:00-12:00'}}\n"
        for n, d in enumerate(DEPARTMENTS)
    )
    prompts = [
        "hello: 'Hello[, {{caller.name}}]{}.'",
        *(f"menu_{d}: 'Which one{{}}?'" for d in DEPARTMENTS),
        *(f"about_{m}: 'About {m.replace('_', ' ')}{{}}.'" for named in names.values() for m in named),
        *(f"{name}: 'One moment{{}}.'" for name in ("sorry", "address", "bye")),
    ]
    return {
        "main.yaml": "".join(steps),
        "hours.yaml": "support: {zone: America/New_York, everyday: '0:00-24:00'}\n" + hours,
        "queues.yaml": "support: {hours: support}\nsupervisors: {hours: support, skills: [supervisor]}\n"
        + "".join(f"{d}: {{hours: {d}, overflow: support}}\n" for d in DEPARTMENTS),
        "prompts/en.yaml": "".join(f"{line}\n" for line in prompts).format(*([""] * len(prompts))),
        "prompts/es.yaml": "".join(f"{line}\n" for line in prompts).format(*([", por favor"] * len(prompts))),
    }


_HEADER = """\
flow: main
lines: ["*"]
languages: [en, es]
person: support
max_keys: 4
max_seconds: 60
steps:
  earlier: {recall: last_contact, same: other, other: top, nothing: top, silence: top}
  top:
    menu: hello
    seconds: 3
    silence: other
    options:
"""
