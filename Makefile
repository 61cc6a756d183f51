# `make demo` needs Python 3.11 or later and make; nothing else. Everything is kept in .venv.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --upgrade pyproject.toml

# dozens of processes are started: each would compile the project anew
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test cover check format bench chaos transfers proof day failover lock clean

help: ## show this
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 16

demo: .venv/.installed ## play a whole story: a caller, a promise, an agent; no account needed
	@$(BIN)/ivr demo

test: .venv/.installed-dev ## run the tests
	@$(BIN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

cover: .venv/.installed-dev ## run the tests and report which branches they have seen
	@$(BIN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder --cov --cov-report=term:skip-covered

check: .venv/.installed-dev ## format, lint, types, import contracts, flows
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@for folder in flows flows/examples/*/; do $(BIN)/ivr flows check $$folder || exit 1; done

format: .venv/.installed-dev ## put the code into shape
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

bench: .venv/.installed-dev ## measure what docs/operations.md states
	@$(BIN)/python -m tests.bench

chaos: .venv/.installed-dev ## kill, stop and lose things; no promise may be lost
	@$(BIN)/python -m tests.chaos

transfers: .venv/.installed-dev ## two thousand random schedules of transfers; nobody may be stranded
	@$(BIN)/pytest --numprocesses 2 tests/stories/test_schedules.py --schedules 2000

proof: .venv/.installed-dev ## five thousand random flows; what the check passes may trap nobody
	@$(BIN)/pytest --numprocesses 2 tests/flow/test_random_flows.py --flows 5000

day: .venv/.installed-dev ## ten thousand calls on one simulated day, through the real processes
	@$(BIN)/python -m tests.day

failover: .venv/.installed-dev ## kill and hang the record's primary behind Sentinel; nothing that was told may be lost
	@$(BIN)/python -m tests.failover

lock: .venv/.installed-dev ## choose versions anew
	@$(LOCK) --group build --output-file requirements.lock
	@$(LOCK) --group build --group dev --output-file requirements-dev.lock

clean: ## remove everything that was made here, the demo's data included
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov var

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; none was found. Say which: make PYTHON=/path/to/python" >&2; exit 1; }
	@echo "Making .venv with $$($(PYTHON) --version)" >&2
	@$(PYTHON) -m venv .venv

.venv/.installed: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what the line needs (once)" >&2
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.installed-dev: requirements-dev.lock pyproject.toml | .venv/bin/python
	@echo "Installing what the line and its developers need (once)" >&2
	@$(PIP) --require-hashes -r requirements-dev.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@ .venv/.installed
