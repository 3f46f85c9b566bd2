PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
INSTALLE := $(VENV)/.installe

.DEFAULT_GOAL := aide
.PHONY: aide installe test demo annee ui bench lock propre

aide:  ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(INSTALLE): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

installe: $(INSTALLE)  ## environment from the lock file

test: $(INSTALLE)  ## every check: format, lint, types, import rules, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 --dist loadgroup

demo: $(INSTALLE)  ## the main job, on an invented network, from the calendar to a payment batch
	$(BIN)/python -m demonstration

annee: $(INSTALLE)  ## the whole calendar day by day, November 2025 to January 2027, checked each evening
	$(BIN)/python -m demonstration.annee

ui: $(INSTALLE)  ## the Prefect UI on what the demo did
	$(BIN)/python -m demonstration ui

bench: $(INSTALLE)  ## cost of each stage, as shares of one run
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench_filoue
	$(BIN)/python -m tests.bench_finance

lock:  ## renew requirements.lock (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --upgrade -o requirements.lock

propre:  ## forget everything the demo made
	rm -rf var
