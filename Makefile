# Everything a person types. `make` alone lists it. Recipes call the environment's Python with -m, or a script with it,
# never a script in .venv/bin by its first line: those lines hold a path, and break when the folder is moved.
PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
PY := .venv/bin/python
UV_COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header

export PORT HOST
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help run demo-env test check bench lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

run: .venv/.stamp-app ## the demo clinic on http://localhost:8000 (PORT=, HOST= choose; DATABASE_URL= for PostgreSQL)
	@$(PY) scripts/demo.py run

# Needs no environment, so that it also answers before the first `make run`.
demo-env: ## what `make run` serves with: env $(make -s demo-env) .venv/bin/python manage.py ...
	@$(PYTHON) scripts/demo.py env

test: .venv/.stamp-dev ## every check and test: SQLite, PostgreSQL, a browser (NOTHING_SKIPPED=1: all must run)
	@$(PY) scripts/run_tests.py

check: .venv/.stamp-dev ## the checks alone: style, types, layers, migrations, settings, locks
	@$(PY) scripts/run_tests.py --checks

bench: .venv/.stamp-dev ## how fast, on throw-away databases
	@$(PY) scripts/with_postgres.py $(PY) scripts/bench.py
	@$(PY) scripts/with_postgres.py $(PY) scripts/bench_figures.py
	@$(PY) scripts/bench_import.py
	@$(PY) scripts/with_postgres.py $(PY) scripts/bench_import.py
	@$(PY) scripts/bench_search.py
	@$(PY) scripts/with_postgres.py $(PY) scripts/bench_search.py

# The tests lock under the app's versions (--constraint), so that what is tested is what runs.
lock: var/uv/bin/uv ## requirements/*.txt anew from requirements/*.in (UPGRADE=1: to the newest versions)
	@PATH="$(CURDIR)/var/uv/bin:$$PATH" && export PATH && \
	$(UV_COMPILE) $(if $(UPGRADE),--upgrade) requirements/app.in --output-file requirements/app.txt && \
	$(UV_COMPILE) $(if $(UPGRADE),--upgrade) requirements/dev.in --constraint requirements/app.txt \
		--output-file requirements/dev.txt

clean: ## remove what can be made again; the demo clinic in var/ stays
	rm -rf .venv var/static var/static.sha256 var/tests var/uv .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache .coverage* htmlcov test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Two stamps in one environment: the app starts without waiting for the test tools, and neither is installed twice.
# A lock holds everything there is to install, so nothing is resolved (--no-deps): an older pip looks for the newest
# release of what another package asks for with an extra, and stumbles over it once there is a newer one.
.venv/.stamp-%: requirements/%.txt | .venv/bin/python
	@echo "Installing what requirements/$*.txt locks ..."
	@$(PY) -m pip install --quiet --quiet --disable-pip-version-check --no-input --no-deps --require-hashes -r $<
	@touch $@

# ensurepip is what Debian leaves out, and without it venv fails after making half an environment.
.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || \
		{ echo "Python 3.11 or newer is needed; on Debian: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv module is needed; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv --clear .venv

var/uv/bin/uv:
	@$(PYTHON) -m venv --clear var/uv
	@var/uv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --no-input uv
