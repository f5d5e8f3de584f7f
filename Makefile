# Every target sets up what it needs; `make help` lists them.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Errors only: pip's warnings are about the machine, not about this project.
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check install

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

.PHONY: demo
demo: $(READY) ## translate the sample issue: no key, no network, no model
	@PATH="$(CURDIR)/$(BIN):$$PATH" bash samples/demo.sh

.PHONY: test
test: $(READY) ## lint, types and the tests, one of each kind of fault
	@$(MAKE) -j 3 lint types fast-tests

.PHONY: fast-tests
fast-tests: $(READY)
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal

.PHONY: test-slow
test-slow: $(READY) ## every fault, every place to be killed at, the whole newsletter (many minutes)
	@$(BIN)/python -m pytest -q -n 2 -m slow --timeout 1800

.PHONY: lint
lint: $(READY) ## the code's style and format
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff check --quiet --target-version py314 --select B012,F,UP035,W605  # what the newest Python deprecates
	@$(BIN)/ruff format --quiet --diff

.PHONY: format
format: $(READY) ## put the code into that style, as far as it can be done by machine
	@$(BIN)/ruff check --quiet --fix
	@$(BIN)/ruff format --quiet

.PHONY: types
types: $(READY) ## the code's types, here and as Windows and macOS have them
	@$(BIN)/mypy --no-error-summary
	@for system in win32 darwin; do \
		$(BIN)/mypy --no-error-summary --platform $$system --cache-dir .mypy_cache/$$system src || exit 1; done

.PHONY: bench
bench: $(READY) ## speed and quality, in numbers
	@$(BIN)/python -m benchmarks

.PHONY: docs
docs: $(READY) ## the pages of the checks and of the providers, the man page, the completion of shells
	@$(BIN)/python docs/make_checks_page.py >docs/checks.md.part
	@mv docs/checks.md.part docs/checks.md
	@$(BIN)/python docs/make_providers_page.py >docs/providers.md.part
	@mv docs/providers.md.part docs/providers.md
	@for what in 1 bash fish zsh; do $(BIN)/python docs/make_shell_files.py $$what >shell/weekly-translate.$$what || exit 1; done

.PHONY: site
site: $(READY) ## README and docs as a site, in site/: no dead link, no warning
	@$(BIN)/python docs/make_site.py site

.PHONY: generators
generators: ## the site generators of npm that tests/test_rendered_sites.py renders with
	@npm install --prefix .generators --no-audit --no-fund --silent markdown-it vitepress@1 @docusaurus/mdx-loader@3 react@18 react-dom@18

.PHONY: screenshots
screenshots: $(READY) ## the review page of the sample and its pictures (needs Chromium)
	@$(BIN)/python -m docs.make_screenshots

.PHONY: selftest
selftest: $(READY) ## sow faults into the samples: which ones do the checks find?
	@$(BIN)/weekly-translate selftest samples/full/source.md samples/full/en.md samples/odd/source.md samples/odd/en.md

.PHONY: coverage
coverage: $(READY) ## every branch of checks and repairs is taken by their own cases
	@$(BIN)/coverage run --data-file=.coverage.checks --source=src/weekly_translate/checks -m pytest -q \
		tests/test_checks.py tests/test_comparison.py tests/test_leftover.py tests/test_numerals.py tests/test_repair.py tests/test_settled.py tests/test_titles.py
	@$(BIN)/coverage report --data-file=.coverage.checks --fail-under=100

.PHONY: mutants
mutants: $(READY) ## no change to the checks of numbers, tags and leftovers goes unnoticed (a minute)
	@$(BIN)/python -m benchmarks.mutants

.PHONY: check
check: ## everything that CI checks: the tests, then the built wheel
	@bash .ci/run

.PHONY: lock
lock: ## choose the newest versions anew (needs uv on the PATH)
	@UV_PYTHON_DOWNLOADS=never uv pip compile --quiet pyproject.toml --upgrade --all-extras --group dev \
		--universal --generate-hashes --no-header --no-annotate --output-file requirements.lock

.PHONY: clean
clean: ## remove what the other targets made
	@rm -rf $(VENV) build dist site .coverage .coverage.checks .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || \
		{ echo "This needs Python 3.11 or newer; there is no $(PYTHON). Try: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "This needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.11" >&2; exit 1; }
	@echo "Setting up $(VENV) (once, about a minute) ..." >&2
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) --require-hashes --requirement requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@
