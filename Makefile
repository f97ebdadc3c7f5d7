# make app    serves the chat on http://127.0.0.1:7860
# make test   runs the suite; needs nothing but Python and pip
# make check  everything that continuous integration does: linters, types, layers, the suite, browser and model tests
# make soak   the long ones
# make bench  prints the measurements of docs/lab/performance.md

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
MARKED := browser or kills or package or readme or root or weights
# Arbitrary bytes through every format: 2,000 inputs each in `make check`.
FUZZ := tests/sources/test_arbitrary_bytes.py
# Debian's browser; the browser tests fail where it is missing.
CHROMIUM ?= /usr/bin/chromium

.PHONY: app test lint check soak bench clean

app: $(VENV)/.app
	$(BIN)/python app.py

test: $(VENV)/.test
	$(BIN)/python -m pytest -q -m "not soak and not ($(MARKED))"

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test
	$(BIN)/python -m pytest -q -m "($(MARKED)) and not soak"
	$(BIN)/python -m eval gate
	HYPOTHESIS_PROFILE=check $(BIN)/python -m pytest -q $(FUZZ)

soak: $(VENV)/.dev
	HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -q -m "soak"
	HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -q $(FUZZ)

bench: $(VENV)/.dev
	$(BIN)/python -m bench

clean:
	rm -rf $(VENV) demo-library dist build

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.app: $(BIN)/python pyproject.toml constraints.txt
	$(PIP) --editable ".[chat]"
	touch $@

$(VENV)/.test: $(VENV)/.app
	$(PIP) --editable ".[test]"
	touch $@

$(VENV)/.dev: $(VENV)/.test
	$(PIP) --editable ".[dev]"
	touch $@
