# `make demo` needs Python 3.11 or later and make; nothing else. Everything is kept in .venv.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTHONS = $(shell sed -n 's/.*"Programming Language :: Python :: \(3\.[0-9]*\)".*/\1/p' pyproject.toml)
# `make lock UPGRADE=` keeps the versions that a lock file has, and adds what it lacks
UPGRADE := --upgrade
LOCK = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 $(UPGRADE) pyproject.toml

# From a lock file alone: with --no-deps pip takes what the file lists and chooses nothing. Its messages are shown only when it
# fails, and then without the line that it repeats for each package and each missing folder of the local pip configuration.
define install
	@{ $(PIP) install --quiet --no-deps --require-hashes -r $(1) && \
		$(PIP) install --quiet --no-deps --no-build-isolation --editable . && \
		$(PIP) check; } >$(VENV)/pip.log 2>&1 || { \
		grep -v '^WARNING: Location ' $(VENV)/pip.log >&2; \
		echo "Nothing was run: the packages of $(1) could not be installed; pip says why above. If two packages that are" >&2; \
		echo "installed do not fit each other, remove the folder $(VENV) and try again." >&2; \
		exit 1; }
endef

# dozens of processes are started: each would compile the project anew
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test cover check format bench chaos transfers proof day failover lock clean

help: ## show this
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 16

demo: $(VENV)/.installed ## play a whole story: a caller, a promise, an agent; no account needed
	@$(BIN)/ivr demo

test: $(VENV)/.installed-dev ## run the tests
	@$(BIN)/pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder

cover: $(VENV)/.installed-dev ## run the tests and report which branches they have seen
	@$(BIN)/pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder --cov --cov-report=term:skip-covered

check: $(VENV)/.installed-dev ## format, lint, types, import contracts, flows
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@for folder in flows flows/examples/*/; do $(BIN)/ivr flows check $$folder || exit 1; done

format: $(VENV)/.installed-dev ## put the code into shape
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

bench: $(VENV)/.installed-dev ## measure what docs/operations.md states
	@$(BIN)/python -m tests.bench

chaos: $(VENV)/.installed-dev ## kill, stop and lose things; no promise may be lost
	@$(BIN)/python -m tests.endurance.chaos

transfers: $(VENV)/.installed-dev ## two thousand random schedules of transfers; nobody may be stranded
	@$(BIN)/pytest --numprocesses 2 tests/stories/agents/test_transfer_schedules.py --schedules 2000

proof: $(VENV)/.installed-dev ## five thousand random flows; what the check passes may trap nobody
	@$(BIN)/pytest --numprocesses 2 tests/flow/checker/test_random_flows.py --flows 5000

day: $(VENV)/.installed-dev ## ten thousand calls on one simulated day, through the real processes
	@$(BIN)/python -m tests.endurance.day

failover: $(VENV)/.installed-dev ## kill and hang the record's primary behind Sentinel; nothing that was told may be lost
	@$(BIN)/python -m tests.endurance.failover

lock: $(BIN)/uv ## choose versions anew, and check the lock files for each Python
	@$(LOCK) --group build --output-file requirements.lock
	@$(LOCK) --group build --group dev --output-file requirements-dev.lock
	@for lock in requirements.lock requirements-dev.lock; do for python in $(PYTHONS); do for system in linux macos aarch64-unknown-linux-gnu; do \
		echo "Checking $$lock for Python $$python on $$system" >&2; \
		$(BIN)/uv pip install --quiet --dry-run --target $(VENV)/dry-run --python-version $$python --python-platform $$system \
			--require-hashes -r $$lock || exit 1; \
	done; done; done

clean: ## remove everything that was made here, the demo's data included
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov var

# A folder that is only half made would be taken for a whole one the next time.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed; none was found. Say which: make PYTHON=/path/to/python" >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)" >&2
	@$(PYTHON) -m venv $(VENV) >&2 || { rm -rf $(VENV); exit 1; }

# Of the locked version, and without the other packages: they do not fit a pyproject.toml that has just been changed.
$(BIN)/uv: | $(BIN)/python
	@awk '/^[^ ]/ { wanted = /^uv==/ } wanted' requirements-dev.lock >$(VENV)/uv.lock
	@$(PIP) install --quiet --no-deps --require-hashes -r $(VENV)/uv.lock

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing the packages of requirements.lock into $(VENV) (once, about a minute)" >&2
	$(call install,requirements.lock)
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing the packages of requirements-dev.lock into $(VENV) (once, about a minute)" >&2
	$(call install,requirements-dev.lock)
	@touch $@ $(VENV)/.installed
