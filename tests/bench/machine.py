"""The machine, the versions, and what a process has used of it."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from shutil import which

from redis import Redis

TICKS = os.sysconf("SC_CLK_TCK")


def describe(folder: Path) -> dict[str, str]:
    """What a figure depends on. `folder`: where the data is written."""
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("gunicorn", "gevent", "flask", "redis", "hiredis", "twilio")
    )
    return {
        "cores": str(os.cpu_count()),
        "processor": _field("/proc/cpuinfo", "model name") or platform.processor(),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f} GiB",
        "kernel": platform.release(),
        "disk": _disk(folder),
        "load": load(),
        "python": platform.python_version(),
        "node": _node(),
        "packages": packages,
    }


def load() -> str:
    """Processes that want a core: the last minute, five, fifteen. More than the cores means that others measured with us."""
    return " ".join(f"{part:.2f}" for part in os.getloadavg())


def valkey(redis: Redis) -> str:
    told = redis.info("server")
    return str(told.get("valkey_version") or told["redis_version"])


def processor_seconds(pid: int) -> float:
    """Of a process and those it started, as long as they live."""
    return sum(_used(one) for one in family(pid))


def family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from family(int(child))


def _used(pid: int) -> float:
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(after_name[11]) + int(after_name[12])) / TICKS


def _field(file: str, name: str) -> str:
    try:
        lines = Path(file).read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def _disk(folder: Path) -> str:
    """The kind of file system: on one in memory, durable costs nothing and the figures are worth as much."""
    try:
        mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return "?"
    there = str(folder.resolve())
    holding = [(len(at), kind) for at, kind in mounts if at == "/" or f"{there}/".startswith(f"{at}/")]
    return max(holding)[1] if holding else "?"


def _node() -> str:
    node = which("node")
    if node is None:
        return "none"
    return subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
