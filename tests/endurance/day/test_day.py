"""Some minutes of the simulated day; `make day` plays all of it."""

from __future__ import annotations

from pathlib import Path

from tests.endurance.day.play import simulate


def test_everyone_who_rings_in_reaches_a_person_or_a_promise_or_has_enough(tmp_path: Path) -> None:
    with (tmp_path / "line.log").open("w") as out:
        figures = simulate(tmp_path, out, people=8, staff_of=2, seed=3, hours=0.05)
    assert figures.violations == []
    came = {
        name: figures.outcomes[name]
        for name in ("talked with a person", "was promised a call", "said goodbye")
    }
    assert sum(came.values()) == 8
    assert came["talked with a person"] > 0
    assert figures.promises["kept"] > 0
