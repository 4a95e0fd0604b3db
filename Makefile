# Every target does its own set-up: a machine with Python 3.11 and make is enough.
# `make run` shows the product on a sample vault; `make test` proves it.

SHELL := bash
VENV := .venv
ifeq ($(OS),Windows_NT)
PYTHON ?= python
SCRIPTS := Scripts
else
PYTHON ?= python3
SCRIPTS := bin
endif
BIN := $(VENV)/$(SCRIPTS)
PIP_INSTALL := install --quiet --disable-pip-version-check
# A lock file names every package, so nothing is left to resolve; asked to all the same, an old
# pip takes `coverage[toml]` for another package than the locked one and fetches the newest.
PIP_LOCKED := $(PIP_INSTALL) --no-deps --require-hashes
SETUP := $(VENV)/.ready

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

# The lock file pins every package by version and hash; the project itself is
# installed without build isolation so that its build backend is pinned as well.
$(SETUP): requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	  "Python 3.11 or newer is needed; name one, as in: make $(or $(MAKECMDGOALS),setup) PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip $(PIP_LOCKED) -r requirements/dev.lock
	$(BIN)/python -m pip $(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	$(BIN)/python -m pip check
	@touch $@

.PHONY: setup
setup: $(SETUP) ## create .venv with the locked dependencies

.PHONY: system-tools
system-tools:
	@tools/system-packages

.PHONY: run
run: $(SETUP) ## play a move to a new laptop with a sample vault, and compare
	@$(BIN)/python -m tools.demo $(ARGS)

# One process more than there are cores: servers and browsers are waited for.
PYTEST := $(BIN)/python -m pytest -n $(or $(JOBS),$(shell $(PYTHON) -c "import os; print((os.cpu_count() or 1) + 1)")) --dist worksteal

# Coverage makes the tests slower by a third or so: CI always measures it.
COVERAGE := $(if $(CI)$(COVER),--cov --cov-report=term --cov-fail-under=90)
.PHONY: test
test: $(SETUP) system-tools ## run the tests, all but the slow ones: minutes (COVER=1: and measure coverage)
	$(PYTEST) -m "not slow and not exhaustive" $(COVERAGE) $(ARGS)

.PHONY: test-slow
test-slow: $(SETUP) system-tools ## run the slow tests: gigabytes, more faults, a fuzzed API
	$(PYTEST) -m "slow and not exhaustive" $(ARGS)

.PHONY: faults
faults: $(SETUP) system-tools ## a kill and an error at every file operation of every change (takes long)
	$(PYTEST) tests/faults -m "exhaustive or not exhaustive" -k "not sampled" $(ARGS)

FUZZ_SETUP := $(VENV)/.fuzzing
$(FUZZ_SETUP): $(SETUP) requirements/fuzz.lock
	@[ "$$(uname -sm)" = "Linux x86_64" ] || \
	  { echo "atheris, which fuzzes, is there for Linux on x86-64 only" >&2; exit 1; }
	$(BIN)/python -m pip $(PIP_LOCKED) -r requirements/fuzz.lock
	@touch $@

SECONDS ?= 60
.PHONY: fuzz
fuzz: $(FUZZ_SETUP) ## fuzz what reads other people's bytes (SECONDS=60 for all targets together)
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS) $(ARGS)

# In an environment of its own, where the package is what a user would install.
WHEEL_ENV := .cache/wheel
WHEEL_PYTHON := $(WHEEL_ENV)/$(SCRIPTS)/python
.PHONY: test-wheel
test-wheel: $(SETUP) system-tools ## build the wheel, install it and run the tests on it
	rm -rf dist $(WHEEL_ENV)
	$(BIN)/python -m hatchling build
	$(PYTHON) -m venv $(WHEEL_ENV)
	$(WHEEL_PYTHON) -m pip $(PIP_LOCKED) -r requirements/dev.lock
	$(WHEEL_PYTHON) -m pip $(PIP_INSTALL) --no-deps dist/*.whl
	$(WHEEL_PYTHON) -c 'import autoresumefiller as it; assert "site-packages" in it.__file__, it.__file__'
	$(WHEEL_PYTHON) -m pytest -n 2 --dist worksteal -m "not slow and not exhaustive" $(ARGS)

.PHONY: lint
lint: $(SETUP) ## format, lint, types and the import contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: format
format: $(SETUP) ## apply the formatter and the safe fixes
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: bench
bench: $(SETUP) system-tools ## measure beside zip, 7z, cp and others (SCALE=0.05 for a quick run)
	$(BIN)/python -m benchmarks $(ARGS)
	$(if $(SCALE),,$(BIN)/python -m benchmarks.encryption)

.PHONY: openapi
openapi: $(SETUP) ## write the API's description anew into docs/openapi.json
	$(BIN)/python -m tools.openapi docs/openapi.json

.PHONY: screenshots
screenshots: $(SETUP) system-tools ## take the pictures of the page anew into docs/images
	$(BIN)/python -m tools.screenshots docs/images

COMPILE := .cache/lock/bin/uv pip compile --quiet --universal --python-version 3.11 \
  --generate-hashes --no-emit-find-links --no-emit-index-url --custom-compile-command "make lock"
.PHONY: lock
lock: ## resolve the dependencies anew into requirements/
	$(PYTHON) -m venv .cache/lock && .cache/lock/bin/pip install --quiet uv
	$(COMPILE) --group dev pyproject.toml -o requirements/dev.lock $(ARGS)
	$(COMPILE) --group fuzz -o requirements/fuzz.lock $(ARGS)

.PHONY: clean
clean: ## remove what the targets made
	rm -rf $(VENV) .cache sample build dist htmlcov .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis
