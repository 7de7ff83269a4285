# Each target does all of its own set-up, into .venv, from pinned constraints.
PYTHON ?= python3
VENV ?= .venv
PY := $(VENV)/bin/python
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: help demo test test-quick lint lab bench clean

help:
	@echo "make demo        run the quickstart notebook and show what Maestro recorded"
	@echo "make test        every check and every test"
	@echo "make test-quick  the tests without the slow groups"
	@echo "make lab         JupyterLab on the quickstart"
	@echo "make bench       the benchmarks beside the peers (BENCH=--quick for a short one)"

$(PY):
	$(PYTHON) -c 'import sys; sys.exit("Maestro needs Python 3.11 or later." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(PY) pyproject.toml constraints.txt
	$(INSTALL) --editable ".[demo]"
	@touch $@

$(VENV)/.dev: $(PY) pyproject.toml constraints.txt
	$(INSTALL) --editable ".[dev]"
	@touch $@

$(VENV)/.frameworks: $(VENV)/.dev
	$(INSTALL) --editable ".[frameworks]"
	@touch $@

$(VENV)/.lab: $(VENV)/.demo
	$(INSTALL) jupyterlab
	@touch $@

demo: $(VENV)/.demo
	$(PY) notebooks/demo.py

lab: $(VENV)/.lab
	MAESTRO_HOME="$(CURDIR)/build/lab" $(PY) -m jupyterlab notebooks/quickstart.ipynb

bench: $(VENV)/.dev
	$(PY) -m benchmarks $(BENCH)

lint: $(VENV)/.dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

test: lint $(VENV)/.frameworks
	$(PY) -m pytest

test-quick: $(VENV)/.dev
	$(PY) -m pytest -m "not slow and not frameworks"

clean:
	rm -rf build dist $(VENV)
