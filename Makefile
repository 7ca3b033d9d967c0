# Two commands to learn: `make test` and `make check`. `make demo` shows what all this is for.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: help demo test check format venv hil soak bench memory clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | expand -t 12

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "soakbench needs Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

venv: $(STAMP)  ## create .venv with everything in it

demo: $(STAMP)  ## the study's protocol on the simulated bench: rehearsed, then live; two minutes
	$(BIN)/soakbench demo

test: $(STAMP)  ## all tests, on all cores; Mosquitto is used where it is installed
	$(BIN)/pytest -n auto

hil: $(STAMP)  ## hardware-in-loop tests only; make hil PORT=/dev/serial/by-id/... for a real board
	$(BIN)/pytest hil_tests $(if $(PORT),--port $(PORT))

soak: $(STAMP)  ## hostile wires, faults at random, days without a false trip: make soak SEEDS=100000 FAULTS=300 DAYS=100
	$(BIN)/python tests/soakwire/hostile/soak.py --seeds $(or $(SEEDS),20000)
	$(BIN)/python tests/rehearsal/soak.py --seeds $(or $(FAULTS),300)
	$(BIN)/python tests/rehearsal/soak.py --long
	$(BIN)/python tests/rehearsal/cuts.py paper-oc-thermal paper-fig4
	$(BIN)/python tests/safety/mutants.py
	$(BIN)/python tests/safety/calm_rehearsal.py --seeds $(or $(DAYS),100)

bench: $(STAMP)  ## speed of the link beside its peers: a table, and build/bench.json
	$(BIN)/python tests/bench/run.py

memory: $(STAMP)  ## what the firmware leaves of a board's heap, with 32-bit words; needs Node.js
	$(BIN)/python tests/firmware/memory_32bit.py

check: $(STAMP)  ## lint, formatting, types, import direction
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tests/firmware/typecheck.py
	PYTHONPATH=firmware $(BIN)/lint-imports

format: $(STAMP)  ## rewrite what ruff can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## remove what was built
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
