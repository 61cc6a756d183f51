"""The record fails over, again and again, while the line is in use. Prints what was seen; exits 1 when anything was lost.

    python -m tests.endurance.failover [--rounds N] [--least N]

First nothing is broken, to compare with; then in turn the primary is killed (kill -9) and hung (SIGSTOP; it goes on when another has taken its place). Real servers, real
sentinels, real time: about a minute a round.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.endurance.failover.play import Seen, line


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.endurance.failover")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--least", type=int, default=1, help="min-replicas-to-write of the servers")
    parser.add_argument("--keep", type=Path, help="leave logs in this folder")
    given = parser.parse_args()
    lost = 0
    with tempfile.TemporaryDirectory(prefix="calor-") as name:
        folder = given.keep or Path(name)
        (folder / "servers").mkdir(parents=True, exist_ok=True)
        with line(folder, least=given.least) as play:
            sys.stdout.write(
                "primary   answered  rang   failed  slowest  told  fallen   (seconds; see Seen)\n"
            )
            for how in ["well", *(("killed", "hung") * given.rounds)[: given.rounds]]:
                seen = play.round(how)
                lost += len(seen.wrong)
                sys.stdout.write(shown(seen))
                sys.stdout.flush()
    sys.stdout.write("nothing that was told was lost\n" if not lost else f"{lost} things were wrong\n")
    return 1 if lost else 0


def shown(seen: Seen) -> str:
    row = (
        f"{seen.how:<8}  {seen.answered:8.1f}  {seen.rang:4.1f}  {seen.failed:7}  {seen.slowest:7.1f}"
        f"  {seen.told:4}  {seen.fallen:6}\n"
    )
    return row + "".join(f"    {words}\n" for words in seen.wrong)


if __name__ == "__main__":
    sys.exit(main())
