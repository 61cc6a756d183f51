"""No file is too long to be read in one go."""

from __future__ import annotations

from pathlib import Path

MAX_LINES = 300
ROOT = Path(__file__).parents[1]


def test_no_file_has_more_lines_than_are_read_in_one_go() -> None:
    files = [path for folder in ("ivr", "workers", "tests") for path in (ROOT / folder).rglob("*.py")]
    assert len(files) > 1000
    long = {
        str(path.relative_to(ROOT)): count
        for path in files
        if (count := len(path.read_text().splitlines())) > MAX_LINES
    }
    assert long == {}, f"More than {MAX_LINES} lines: split by subject, as the files beside it are."
