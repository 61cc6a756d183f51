"""Tables for other programs, as lines of CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

_FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r")  # a table program would work these out


def format_line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([f"'{cell}" if cell.startswith(_FORMULA_PREFIXES) else cell for cell in cells])
    return out.getvalue()
