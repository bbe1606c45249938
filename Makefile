# The two commands of the README are `make run` and `make test`; `make help` explains the rest.

SHELL := /bin/sh
.DEFAULT_GOAL := help

cache := $(or $(PGINSTALL_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/pginstall)
# Outside the clone, so that a second clone builds only what is different.
export CARGO_TARGET_DIR ?= $(cache)/target
pginstall := $(CARGO_TARGET_DIR)/debug/pginstall

.PHONY: help
help: ## Show these explanations
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: setup
setup:
	@scripts/setup

.PHONY: site
site: setup
	@scripts/build-site

.PHONY: build
build: site
	@cargo build --quiet --locked --package server

.PHONY: run
run: build ## Serve http://localhost:8080 with the extensions of the PostgreSQL on this machine
	@$(pginstall) import local || echo "Some extensions could not be imported; serving the others."
	@$(pginstall) serve

.PHONY: test
test: setup ## Check everything and run all tests
	@scripts/test

.PHONY: check
check: setup ## Format, lints for server and browser, queries, licences
	@scripts/check

.PHONY: e2e
e2e: build ## Run the browser tests
	@scripts/end-to-end

.PHONY: release
release: site ## Build the release binary with the browser files inside
	@cargo build --locked --release --package server --features embedded-site
	@echo $(CARGO_TARGET_DIR)/release/pginstall

.PHONY: bench
bench: release ## Measure pages, projects and search against nginx and PostgreSQL, with up to 100,000 packages
	@scripts/bench

.PHONY: lighthouse
lighthouse: build ## Let Lighthouse judge home, search and a package
	@scripts/lighthouse

.PHONY: fuzz
fuzz: setup ## Feed every parser with mutated input for half a minute
	@scripts/fuzz

.PHONY: prepare
prepare: setup ## Write .sqlx anew after a query or the schema has changed
	@scripts/prepare

.PHONY: clean
clean: ## Remove what was built
	@rm -rf target style/node_modules end2end/node_modules end2end/results $(CARGO_TARGET_DIR) $(cache)/wasm-target $(cache)/prepare-target
