# Two commands do all the set-up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SEEDS ?= 1000
SEED ?=

.PHONY: demo test check bench sim kill docs lock clean help

help:
	@echo "make demo   the whole job on pretend vendors: no account, no network"
	@echo "make test   linters, types, import contracts and all tests"
	@echo "make check  linters, types and import contracts only"
	@echo "make bench  the benchmarks; writes benchmarks/result.json"
	@echo "make sim    $(SEEDS) seeds of the simulator (SEEDS=10000 for more, SEED=7 for one, with all that happens)"
	@echo "make kill   a process killed at every failpoint, each commit, request and file write failing once"
	@echo "            both keep their figures, and write them into docs/promises.md"
	@echo "make docs   generates what is generated in docs/"
	@echo "make lock   resolves the dependencies anew"
	@echo "make clean  removes everything that can be made again"

# uv where there is one, else venv and pip; both install the same versions, checked by hash.
$(READY): requirements/dev.txt pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --allow-existing --python $(PYTHON) $(VENV) && \
		uv pip sync --quiet --require-hashes --python $(BIN)/python requirements/dev.txt && \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable . ; \
	else \
		$(PYTHON) -m venv $(VENV) && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/dev.txt && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . ; \
	fi
	@$(BIN)/python -m compileall -q src
	@touch $(READY)

demo: $(READY)
	@$(BIN)/syncctl demo

check: $(READY)
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

# The checks run beside the tests, in the time in which a test waits for a process; they speak when they fail.
AGAIN = $(MAKE)  # by another name, or `make -n test` would run it
test: $(READY)
	@$(AGAIN) --no-print-directory check >$(VENV)/.checks 2>&1 & checks=$$!; \
	$(BIN)/pytest -q -n 2 --dist worksteal; tested=$$?; \
	wait $$checks; checked=$$?; \
	test $$checked -eq 0 || cat $(VENV)/.checks; \
	test $$tested -eq 0 && test $$checked -eq 0

bench: $(READY)
	@$(BIN)/python -m benchmarks

sim: $(READY)
	@$(BIN)/python -m simulation $(if $(SEED),--seed $(SEED),--seeds $(SEEDS) --json simulation/figures.json)
	@$(if $(SEED),,$(BIN)/python docs/generate.py figures)

kill: $(READY)
	@$(BIN)/python tests/kill_matrix.py
	@PYTHONPATH=. $(BIN)/python tests/nth_failures.py
	@PYTHONPATH=. $(BIN)/python tests/deeds_on_disk.py
	@$(BIN)/python docs/generate.py figures

docs: $(READY)
	@$(BIN)/python docs/generate.py

lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
		--no-emit-find-links --all-extras --group dev --group bench --output-file requirements/dev.txt pyproject.toml

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis benchmarks/data
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
