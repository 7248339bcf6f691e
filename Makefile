# Needs python3 >= 3.11 with venv, and make. Everything else is put into .venv from the lock files.
# PYTHON=/path/to/python3.12 picks the interpreter; COVERAGE=1 makes test runs measure coverage.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=
WORKERS ?= auto
SYNAPSE_VENV ?= .venv-synapse
AXE := tests/browser/node_modules/.package-lock.json
# One release of the resolver writes every lock file, so that two people get the same one.
UV := uv==0.13.9

# Python keeps what it has compiled, tests included: else each test process would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PYTEST := $(BIN)/python -m pytest -p xdist -n $(WORKERS) --dist=worksteal
ifdef COVERAGE
PYTEST += --cov --cov-append --cov-report=
endif

ifdef FULL
promises: export TEST_ENTRIES = 5000
promises: export TEST_KILLS = 20
promises: export TEST_RANDOM_KILLS = 500
promises: export TEST_ENDS = 100
promises: export TEST_ROUNDS = 20
promises: export TEST_LEAVES = 50
endif

PURE := service/errors.py,service/domain/*,service/text/*,service/schedule.py,service/hours.py,service/signup.py,service/tokens.py,service/notify/pacing.py,service/notify/plan.py,service/notify/roll.py,service/health.py,service/circuit.py,service/roles.py,service/websub.py,service/parse/*,service/match/*,service/dialects/*,service/group/*,service/bursts.py,service/marking.py,service/wording/*,service/notify/chatkinds.py,service/notify/chatform.py,service/notify/chatwords.py,service/notify/routes.py,service/notify/alert.py,service/notify/digest.py,service/notify/receipt.py,service/notify/foot.py,service/notify/holding.py,service/notify/news.py,service/notify/parts.py,service/notify/letters.py,service/notify/facts.py,service/notify/why.py,service/notify/spike.py,service/notify/webhook.py,service/notify/program.py

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run dev test test-slow test-kills test-real test-all promises coverage lint format bench bench-parse bench-poll bench-rematch bench-hostile bench-match bench-events bench-deliver bench-pages bench-topics fuzz lock vendor partners clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.run ## Set up and start the service on http://127.0.0.1:8080
	$(BIN)/avizor run $(ARGS)

dev: $(VENV)/.dev ## Set up everything a developer needs

test: $(VENV)/.dev ## Set up and run the fast tests (ARGS="-k name" picks some)
	$(PYTEST) $(ARGS)

test-slow: $(VENV)/.dev ## Run the slow tests: kill -9 campaigns, large numbers, many examples
	$(PYTEST) -m slow $(ARGS)

test-kills: $(VENV)/.dev ## Kill it KILLS times at each step (20) and RANDOM_KILLS times at random moments (500), amid 5,000 entries
	TEST_ENTRIES=5000 TEST_KILLS=$(or $(KILLS),20) TEST_RANDOM_KILLS=$(or $(RANDOM_KILLS),500) $(PYTEST) -m slow tests/test_crash.py $(ARGS)

test-real: $(VENV)/.dev $(SYNAPSE_VENV)/.made partners $(AXE) ## Run the tests that talk to real Postfix, Dovecot, Synapse and Chromium
	TEST_SYNAPSE_PYTHON=$(abspath $(SYNAPSE_VENV))/bin/python $(PYTEST) -n 2 --dist=loadfile -m real $(ARGS)

promises: $(VENV)/.dev $(SYNAPSE_VENV)/.made partners $(AXE) ## Run the tests that show what is promised, and write docs/promises.md (FULL=1: large sizes)
	PROMISES=1 $(PYTEST) -m "promise and not real" $(ARGS)
	PROMISES=1 TEST_SYNAPSE_PYTHON=$(abspath $(SYNAPSE_VENV))/bin/python $(PYTEST) -n 0 -m "promise and real" $(ARGS)

test-all: test test-slow test-real ## Run every test

coverage: $(VENV)/.dev ## Judge the coverage that runs with COVERAGE=1 have left behind
	$(BIN)/coverage report --fail-under=95
	$(BIN)/coverage report --include='$(PURE)' --fail-under=100

lint: $(VENV)/.dev ## Style, format, types, who imports whom, Dockerfile, addresses in the tree
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy service tests
	$(BIN)/lint-imports
	.ci/container-files $(BIN)
	.ci/addresses

format: $(VENV)/.dev ## Let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: bench-parse bench-poll bench-rematch bench-hostile bench-match bench-events bench-deliver bench-pages ## Run the programs that print figures

bench-rematch: $(VENV)/.dev
	$(BIN)/python bench/rematch.py $(ARGS)

bench-poll: $(VENV)/.bench ## Whole pollers beside each other (ARGS="--many" has 10,000 feeds polled)
	$(BIN)/python bench/poll.py $(ARGS)

bench-parse: $(VENV)/.dev ## Speed of parsing, and agreement with feedparser (FEEDS=folder of feed files)
	PYTHONPATH=. $(BIN)/python bench/parse.py $(FEEDS) $(ARGS)

bench-hostile: $(VENV)/.dev ## Good feeds among all hostile ones, beside the same without them
	PYTHONPATH=. $(BIN)/python bench/hostile.py $(ARGS)

bench-events: $(VENV)/.bench ## How well reports are put into events, and how fast (SETS=folder of sets with known events)
	PYTHONPATH=.:bench $(BIN)/python bench/events.py $(SETS) $(ARGS)

bench-deliver: $(VENV)/.dev ## One event told to 10,000 readers, and chats beside black holes (ARGS="READERS ROUNDS")
	PYTHONPATH=. $(BIN)/python bench/deliver.py $(ARGS)

bench-pages: $(VENV)/.dev ## Every page over an archive of 1,000,000 entries (ARGS="--folder FOLDER" keeps the archive)
	PYTHONPATH=.:bench $(BIN)/python bench/pages.py $(ARGS)

bench-match: $(VENV)/.bench ## Speed of matching beside other engines (ARGS="--full" takes all sizes)
	$(BIN)/python bench/match.py $(ARGS)

bench-topics: $(VENV)/.dev ## Hold the watchlists against labelled headlines (FILE=headlines.jsonl)
	$(BIN)/avizor classify $(FILE) --gold labels $(ARGS)

fuzz: $(VENV)/.fuzz ## Look for bytes that break what reads strangers' bytes (ARGS="--seconds 600")
	$(BIN)/python -m tests.fuzz.campaign $(ARGS)

partners: ## Install the mail server and browser of the real tests, where they are missing
	@.ci/partners

vendor: ## Make the programs of the watchlist editor and its timeline anew, from the packages a lock file names
	folder=$$(mktemp -d) && cp -r service/web/static/vendor/src/. $$folder && cd $$folder \
	  && npm ci --no-audit --no-fund --silent && node build.js "$(CURDIR)/service/web/static/vendor" && rm -r $$folder

lock: ## Resolve the lock files anew (UPGRADE=1 takes newer releases)
	.ci/lock $(PYTHON) $(UV) $(if $(UPGRADE),--upgrade)

clean: ## Remove what the other targets have made, but no data
	rm -rf .venv .venv-synapse tests/browser/node_modules .fuzz dist build .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp file says which lock an environment was made from: the second call does nothing.

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Avizor needs Python 3.11 or newer, but '$(PYTHON)' is: $$($(PYTHON) --version 2>&1)."; \
	  echo "Name a newer one, for example: make PYTHON=python3.12 run"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  echo "'$(PYTHON)' cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.lock requirements/build.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements/run.lock -r requirements/build.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.lock $(VENV)/.run
	$(PIP) install --require-hashes -r requirements/dev.lock
	@touch $@

$(VENV)/.fuzz: requirements/fuzz.lock $(VENV)/.dev
	$(PIP) install --require-hashes -r requirements/fuzz.lock
	@touch $@

$(VENV)/.bench: requirements/bench.lock $(VENV)/.dev
	$(PIP) install --require-hashes -r requirements/bench.lock
	@touch $@

$(SYNAPSE_VENV)/.made: requirements/synapse.lock | $(VENV)/bin/python
	$(PYTHON) -m venv $(SYNAPSE_VENV)
	$(SYNAPSE_VENV)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/synapse.lock
	@touch $@

# Needs npm, of which `partners` makes sure; nothing that the package brings along is run.
$(AXE): tests/browser/package-lock.json | partners
	cd tests/browser && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@
