"""`python -m tests.bench.as_served MODULE ARGS`: runs a module of the bench with gevent in place before anything is imported."""

from __future__ import annotations

from gevent import monkey

if __name__ == "__main__":
    monkey.patch_all()
    import runpy
    import sys

    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
