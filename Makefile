# The only door: every target is a line or two. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCALS := clients/python clients/console clients/demo plugins/sdk plugins/xero plugins/xero_simulator server
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation
FROM_SOURCE := xero-python
READY := $(VENV)/.ready
NOT_LOCKED := client console demo sdk server xero xero-simulator

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

$(READY): requirements.lock pyproject.toml $(LOCALS:%=%/pyproject.toml)
	@$(PYTHON) -c 'import sys; sys.exit("Syncline needs Python 3.11 or later, here is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the pinned dependencies (once, about a minute) ..."
	@# A package that comes as source is built by the setuptools of the lock, not by one that pip picks.
	@awk '/^[a-z]/ { wanted = /^setuptools==/ } wanted' requirements.lock > $(VENV)/builders.txt
	@$(PIP) --only-binary :all: --require-hashes -r $(VENV)/builders.txt
	@$(PIP) --only-binary :all: --no-binary $(FROM_SOURCE) --require-hashes -r requirements.lock
	@$(PIP) --no-deps $(LOCALS:%=-e %)
	@touch $@

.PHONY: install
install: $(READY) ## Set up the virtual environment

.PHONY: run
run: $(READY) ## Start the server, the Xero simulator and the console on embedded defaults
	@exec $(BIN)/python -m syncline_demo up

.PHONY: demo
demo: $(READY) ## Tell the whole story against a running `make run`
	@$(BIN)/python -m syncline_demo story

.PHONY: test
test: $(READY) ## Unit and contract tests: offline, both databases
	@$(BIN)/python -m pytest -n auto tests/unit tests/contract

.PHONY: e2e
e2e: $(READY) ## End-to-end tests over real processes
	@$(BIN)/python -m pytest -n 2 --dist loadfile tests/e2e

.PHONY: screenshots
screenshots: $(READY) ## Make the pictures of the README again, in Chromium
	@SYNCLINE_SCREENSHOTS=docs/images $(BIN)/python -m pytest tests/e2e/browser/test_pictures.py

.PHONY: bench
bench: $(READY) ## Measure beside the goals; BENCH="pull rpc" chooses (docs/benchmarks.md)
	@PYTHONPATH=tests/fakes $(BIN)/python tests/benchmarks $(BENCH)

.PHONY: lint
lint: $(READY) ## Style, formatting and import rules
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports

.PHONY: types
types: $(READY) ## Static types, strict
	@$(BIN)/mypy

.PHONY: fmt
fmt: $(READY) ## Format and fix what can be fixed
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

.PHONY: protos
protos: $(READY) ## Generate the Python stubs from protos/
	@$(BIN)/python protos/generate.py clients/python

.PHONY: lock
lock: $(READY) ## Pin every dependency again, with hashes
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 --upgrade \
	  --custom-compile-command "make lock" --extra dev pyproject.toml -o requirements.lock $(NOT_LOCKED:%=--no-emit-package syncline-%)

.PHONY: audit
audit: $(READY) ## Ask whether anything is known against a pinned dependency
	@$(BIN)/python .ci/audit.py $(AUDIT)

.PHONY: sbom
sbom: $(READY) ## Write the bill of materials of what ships to sbom.json
	@$(BIN)/python .ci/sbom.py sbom.json

.PHONY: check
check: lint types test e2e ## What CI runs, but for `make audit`, which asks the network
