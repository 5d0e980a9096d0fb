# Every target does its own set-up; `make` alone tells what there is.
.DEFAULT_GOAL := help
SHELL := /bin/sh
RUN := .venv/bin/
PORT ?= 8000
TESTS ?= tests
WORKERS ?= 2

.PHONY: help demo serve test check lint types layers format bench crash-mail fuzz migration setup setup-tests

help: ## what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F '\t' '{ printf "  make %-11s %s\n", $$1, $$2 }'

setup:
	@tools/setup

setup-tests:
	@tools/setup tests

demo: setup ## play the bundled wire: portal, readers and letters on http://127.0.0.1:$(PORT)
	@$(RUN)depesche demo --port $(PORT)

serve: setup ## run portal and worker with the settings of depesche.toml
	@$(RUN)depesche serve

test: setup-tests lint types layers ## everything that must hold: lint, types, layers, all tests (this is CI)
	@$(RUN)pytest -q -n $(WORKERS) --dist loadgroup $(TESTS)

check: setup-tests lint types layers ## the part to run every few minutes: fast tests on SQLite
	@$(RUN)pytest -q -n $(WORKERS) --dist loadgroup -m "not slow and not browser and not postgres" --db sqlite $(TESTS)

lint: setup-tests ## ruff: rules and format
	@$(RUN)ruff check .
	@$(RUN)ruff format --check .

format: setup-tests ## let ruff put the format right
	@$(RUN)ruff check --fix .
	@$(RUN)ruff format .

types: setup-tests ## mypy, strict
	@$(RUN)mypy

layers: setup-tests ## import-linter: who may import whom
	@$(RUN)lint-imports --no-cache | tail -n 8

bench: setup ## measure: make bench NAME=intake
	@$(RUN)depesche bench $(or $(NAME),intake)

crash-mail: setup ## kill couriers and mail servers amid 30,000 letters (needs Postfix's smtp-sink): make crash-mail N=3000
	@$(RUN)python bench/crash_mail.py --n $(or $(N),30000) $(if $(JSON),--json $(JSON))

fuzz: setup-tests ## feed every format mutated items: make fuzz SECONDS=600
	@.uv/bin/uv sync --quiet --frozen --group dev --group fuzz
	@$(RUN)python tools/fuzz.py --seconds $(or $(SECONDS),600) $(FORMAT)

migration: setup-tests ## write a migration from the schema's changes: make migration NAME="add a column"
	@$(RUN)python tools/migration.py "$(NAME)"
