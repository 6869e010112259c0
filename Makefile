# The commands of the project. Everything they need is set up by `.venv/.ready-*`, from hash-locked files.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export UV_SYSTEM_CERTS := 1
export UV_PYTHON_DOWNLOADS := never

.PHONY: help demo test deployment faults pictures effort conformance-reference check bench bench-oracle bench-lanes bench-relay bench-trust soak format lock translations clean
help:
	@echo "make demo   the whole service with four sample syndics, until Ctrl-C (PORT=8000, KEEP=1)"
	@echo "make test   the tests"
	@echo "make soak   two attackers and a victim at random, 10,000 steps (ATTACK_STEPS=10000, ATTACK_SEED to repeat one)"
	@echo "make deployment   image, compose file, upgrade and restore as plain processes, with pip itself (UPGRADE_FROM=revision)"
	@echo "make faults   every fault at length, and docs/reliability.md anew (FAULT_SECONDS=60, FAULT_SEED to repeat one)"
	@echo "make pictures   draw docs/pages anew, where a page has changed"
	@echo "make effort   measure docs/effort.md anew: what each journey asks of an owner"
	@echo "make conformance-reference   the conformance tests against a certified provider, on Node.js"
	@echo "make check  style, types, import rules, migrations, translations"
	@echo "make bench  our speed beside the reference provider's, bench-trust and bench-relay (ROUNDS=5, SECONDS=6, SYNDICS=5000, IDENTITIES=1000000)"
	@echo "make bench-oracle  whether the time of an answer tells which names exist (NAMES=2000)"
	@echo "make bench-relay  promises kept a second, how soon, and what a backlog costs who signs in"
	@echo "make bench-trust  what trust costs among 5,000 property managers, in two minutes (TRUST_SYNDICS=5000)"
	@echo "make bench-lanes  whether one dead extranet delays the others' retirements, in two minutes (LANES=50)"

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv is needed (Debian: apt install python3-venv)"; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.lock

$(VENV)/.ready-%: requirements/%.lock pyproject.toml | $(BIN)/uv
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements/$*.lock
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q -j 0 $(VENV)/lib >/dev/null || true  # else each of many processes compiles for itself
	@touch $@

demo: $(VENV)/.ready-demo
	@exec $(BIN)/python -m demo.launcher

test: $(VENV)/.ready-dev
	@exec $(BIN)/python -m tests.run

ATTACK_STEPS ?= 10000
soak: $(VENV)/.ready-dev
	@ATTACK_STEPS=$(ATTACK_STEPS) $(BIN)/pytest -n 0 -rP --show-capture=stdout tests/security/attackers

deployment: $(VENV)/.ready-dev
	@[ -x /usr/sbin/nginx ] || { echo "nginx is needed (Debian: apt install nginx-light)"; exit 1; }
	@DEPLOYMENT_PIP=1 $(BIN)/pytest -n 0 --durations=10 tests/deployment

FAULT_SECONDS ?= 60
FAULT_SEED ?= 20261122
faults: $(VENV)/.ready-dev
	@REWRITE=1 FAULT_SECONDS=$(FAULT_SECONDS) FAULT_SEED=$(FAULT_SEED) $(BIN)/pytest -n 0 tests/faults

pictures: $(VENV)/.ready-dev
	@command -v chromium >/dev/null || { echo "chromium is needed (Debian: apt install chromium)"; exit 1; }
	@REWRITE=1 $(BIN)/pytest -q -n 0 tests/broker/pages/test_pictures.py

effort: $(VENV)/.ready-dev
	@REWRITE=1 $(BIN)/pytest -q -n 0 tests/journeys/effort

conformance-reference: $(VENV)/.ready-dev
	@command -v npm >/dev/null || { echo "Node.js is needed (Debian: apt install nodejs npm)"; exit 1; }
	@cd tests/conformance/reference && npm ci --silent
	@CONFORMANCE_PROVIDER=reference $(BIN)/pytest -n 0 tests/conformance

check: $(VENV)/.ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/trousseau db check
	$(BIN)/python -m broker.translations.check

ROUNDS ?= 5
SECONDS ?= 6
SYNDICS ?= 5000
IDENTITIES ?= 1000000
bench: $(VENV)/.ready-base
	@$(BIN)/python -m bench --rounds $(ROUNDS) --seconds $(SECONDS) --syndics $(SYNDICS) --identities $(IDENTITIES)
	@$(BIN)/python -m bench.trust --syndics $(TRUST_SYNDICS)
	@exec $(BIN)/python -m bench.relay

NAMES ?= 2000
bench-oracle: $(VENV)/.ready-base
	@exec $(BIN)/python -m bench.oracle --names $(NAMES)

TRUST_SYNDICS ?= 5000
bench-trust: $(VENV)/.ready-base
	@exec $(BIN)/python -m bench.trust --syndics $(TRUST_SYNDICS)

LANES ?= 50
bench-lanes: $(VENV)/.ready-base
	@exec $(BIN)/python -m bench.lanes --syndics $(LANES)

bench-relay: $(VENV)/.ready-base
	@exec $(BIN)/python -m bench.relay

format: $(VENV)/.ready-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: | $(BIN)/uv
	@for f in base demo dev uv; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header requirements/$$f.in -o requirements/$$f.lock; done

clean:
	rm -rf $(VENV) var build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
