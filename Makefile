# 睦邻集市. `make` alone lists the targets; each line behind `##` is its help.

.DEFAULT_GOAL := help
.PHONY: help setup run test clocks soak cover mutants check format bench messages lock
SHELL := /bin/sh

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
WORKERS ?= 2
ARGS ?=
ONLY ?=
EXAMPLES ?= 3000

# What must change before anything is installed again.
PROJECT := setup.cfg pyproject.toml
APT_PACKAGES := chromium poppler-utils fonts-noto-cjk systemd nginx-light caddy

# An environment whose Python is gone (upgraded, moved) counts as none.
$(shell test -x $(BIN)/python || rm -f $(VENV)/.run-ready $(VENV)/.test-ready)

# 1: the lock file. uv is quicker where it is present; pip needs nothing else.
define install
if command -v uv >/dev/null 2>&1; then \
  uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) && \
  uv pip install --quiet --python $(BIN)/python --no-deps -e .; \
else \
  $(BIN)/python -m pip install -qq --no-input --disable-pip-version-check --require-hashes -r $(1) && \
  $(BIN)/python -m pip install -qq --no-input --disable-pip-version-check --no-deps -e .; \
fi
endef

# 1: Debian packages. As root they are installed; without them, tests that need them are skipped.
define install_debian
missing=; \
for name in $(1); do \
  dpkg-query -W -f '$${Status}' $$name 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$name"; \
done; \
if [ -n "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
  echo "Installing Debian packages for the tests:$$missing"; \
  export DEBIAN_FRONTEND=noninteractive; \
  { apt-get update -q && apt-get install -q -y --no-install-recommends $$missing; } >$(VENV)/apt.log 2>&1 \
    || echo "That failed (see $(VENV)/apt.log); tests that need these packages are skipped:$$missing"; \
elif [ -n "$$missing" ]; then \
  echo "Not installed, and not root with apt-get; tests that need these packages are skipped:$$missing"; \
fi
endef

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup ## everything from nothing: libraries, database, demo, server on 127.0.0.1:$PORT (8000)
	@PORT=$(PORT) MARKET_DEMO=1 exec $(BIN)/market serve --demo

setup: $(VENV)/.run-ready ## the environment in .venv with the locked libraries

test: $(VENV)/.test-ready ## the whole suite but the benches (ARGS="tests/gate -k scan" chooses, WORKERS=2)
	@$(call install_debian,$(APT_PACKAGES))
	@exec $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: $(VENV)/.test-ready ## lint, format and types (also part of `make test`)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: $(VENV)/.test-ready ## put the code into the agreed format
	@$(BIN)/ruff check --fix-only --quiet . && $(BIN)/ruff format .

soak: $(VENV)/.test-ready ## what takes too long for every change: power cuts, slow phones, 100 kills of the server, 30 of PostgreSQL, an hour at the gate on each, long lives of a market and of its money
	@$(BIN)/python -m tests.soak.power_cuts
	@for name in ledger.verify.1m ledger.post.growth pages.fund.growth pages.growth tick.growth; do $(BIN)/python -m tests.bench.run $$name; done
	@$(BIN)/python -m tests.soak.slow_clients
	@$(BIN)/python -m tests.soak.kills --engine sqlite
	@$(BIN)/python -m tests.soak.kills --engine postgresql
	@$(BIN)/python -m tests.soak.outbox --engine sqlite
	@$(BIN)/python -m tests.soak.outbox --engine postgresql
	@$(BIN)/python -m tests.soak.interface --minutes $(or $(MINUTES),20)
	@$(BIN)/python -m tests.soak.gate --engine sqlite --minutes $(or $(MINUTES),60)
	@$(BIN)/python -m tests.soak.gate --engine postgresql --minutes $(or $(MINUTES),60)
	@SOAK=$(or $(SOAK),500) $(BIN)/python -m pytest tests/machine -k whatever -o faulthandler_timeout=0 $(ARGS)
	@MARKET_SOAK=$(EXAMPLES) $(BIN)/python -m pytest -o faulthandler_timeout=0 tests/fund/test_money_machine.py $(ARGS)

clocks: $(VENV)/.test-ready ## the quick tests at 42 other hours and dates, for hours (ARGS="--at 2027-12-31T23:30" chooses)
	@$(call install_debian,libfaketime)
	@exec $(BIN)/python -m tests.clocks -n $(WORKERS) $(ARGS)

cover: $(VENV)/.test-ready ## which lines and branches the tests reach, against the goals in tests/cover.py
	@$(call install_debian,$(APT_PACKAGES))
	@exec $(BIN)/python -m tests.cover -n $(WORKERS) --dist worksteal $(ARGS)

mutants: $(VENV)/.test-ready ## put small errors into money, ledger rules, shares and tokens; a test must notice each
	@exec $(BIN)/python -m tests.mutants $(ARGS)

bench: $(VENV)/.test-ready ## measure into instance/bench.json (ONLY=name for one)
	@exec $(BIN)/python -m tests.bench.run $(ONLY)

messages: setup ## find new Chinese sentences for the English catalogue, and compile it
	$(BIN)/pybabel -q extract --add-location=file -F market/translations/babel.cfg -o instance/messages.pot .
	$(BIN)/pybabel -q update -i instance/messages.pot -d market/translations -l en --no-fuzzy-matching --ignore-obsolete
	$(BIN)/pybabel -q compile -d market/translations

lock: ## renew both lock files from setup.cfg (needs uv on the PATH)
	@command -v uv >/dev/null 2>&1 || { echo 'make lock needs uv: pipx install uv' >&2; exit 1; }
	uv pip compile setup.cfg --extra postgres --universal --generate-hashes --python-version 3.11 \
	  --upgrade --quiet -o requirements.lock
	uv pip compile setup.cfg --extra test --universal --generate-hashes --python-version 3.11 \
	  --upgrade --quiet -c requirements.lock -o requirements-test.lock

$(BIN)/python:
	@python=; \
	for name in python3.13 python3.12 python3.11 python3 python; do \
	  if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo 'Python 3.11 or newer is needed and none was found on the PATH.' >&2; exit 1; \
	fi; \
	rm -rf $(VENV); \
	if command -v uv >/dev/null 2>&1; then uv venv --quiet --python "$$python" $(VENV); exit; fi; \
	if ! $$python -c 'import ensurepip, venv' >/dev/null 2>&1; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	    echo 'Installing the Debian package python3-venv'; \
	    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y python3-venv; } >/dev/null; \
	  else \
	    echo "$$python lacks its venv module. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; \
	  fi; \
	fi; \
	$$python -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.run-ready: requirements.lock $(PROJECT) | $(BIN)/python
	@echo 'Installing the libraries (once; about half a minute)'
	@$(call install,requirements.lock)
	@touch $@

# The test lock holds everything of the first one at the same versions.
$(VENV)/.test-ready: requirements-test.lock requirements.lock $(PROJECT) | $(BIN)/python
	@echo 'Installing the libraries and the test tools (once; about a minute)'
	@$(call install,requirements-test.lock)
	@touch $@ $(VENV)/.run-ready
