"""A command as an operator types it: as a process of its own, or in this one, which costs a tenth of the time.

Most of a second of each process is its imports. `started` shows that the command starts by itself; what it does and says,
its exit code included, `typed` shows as well. Not for `web`, `worker`, `clock`, `redis` and
`up`, which take over their process.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest.mock import patch

import pytest

from ivr.cli import main

Done = subprocess.CompletedProcess[str]


def typed(argv: Sequence[str], env: Mapping[str, str], folder: Path, stdin: str = "") -> Done:
    """`ivr ARGV` in `folder`, with `env` for the whole environment and no terminal."""
    said = {
        name: io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for name in ("stdout", "stderr")
    }
    given = io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8")
    code = 0
    with pytest.MonkeyPatch.context() as here, patch.dict(os.environ, env, clear=True):  # noqa: TID251 - what a process is given
        here.chdir(folder)
        here.setattr(sys, "argv", ["ivr", *argv])
        here.setattr(sys, "stdin", given)
        for name, stream in said.items():
            here.setattr(sys, name, stream)
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    out, err = (stream.buffer.getvalue().decode() for stream in said.values())
    return Done(list(argv), code, out, err)


def started(argv: Sequence[str], env: Mapping[str, str], folder: Path) -> Done:
    """The same as a process."""
    return subprocess.run(
        [sys.executable, "-m", "ivr.cli", *argv],
        env=env,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
