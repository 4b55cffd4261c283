# `make help` lists what a developer needs; nothing else is supported.

PYTHON  ?= $(shell command -v python3 || echo /usr/bin/python3)
HOSTS   ?= 1
BACKEND ?= auto

VENV    := .venv
BIN     := $(VENV)/bin
READY   := $(VENV)/.ready
TOOLED  := $(VENV)/.tooled
CLIENTS := tests/clients/node_modules/.ready
DAEMONS := xapi xenopsd rrdd networkd sm perfmon mpathalert snapwatchd
SOURCES := common $(DAEMONS) tests
TOOLS   := common/development
LISTS   := $(TOOLS)/debian-packages.txt $(shell grep -qs control_d /proc/xen/capabilities && echo $(TOOLS)/debian-packages-xen.txt)
# A development host needs root for its network namespace; without root and sudo it does without the namespace.
SUDO    := $(shell [ $$(id -u) = 0 ] || { command -v sudo >/dev/null && echo sudo; })

.DEFAULT_GOAL := help
.NOTPARALLEL:

.PHONY: help
help: ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- a host -----------------------------------------------------------------------------------------------------------

.PHONY: run
run: $(READY) ## Start a host, make a VM and show it boot. BACKEND=auto|libxl|libvirt|simulator
	@$(SUDO) $(BIN)/python -m common.development.run --hosts '$(HOSTS)' --backend '$(BACKEND)' </dev/null

.PHONY: status
status: ## What runs and whether it is well, as JSON
	@$(SUDO) $(PYTHON) -B -m common.development.status

.PHONY: stop
stop: ## Stop the host and its guests; state stays
	@$(SUDO) $(PYTHON) -B -m common.development.stop

.PHONY: clean
clean: ## Stop the host and remove its state
	@$(SUDO) $(PYTHON) -B -m common.development.stop --clean

.PHONY: packages
packages:
	@$(TOOLS)/install-packages $(LISTS)

# --- checks -----------------------------------------------------------------------------------------------------------

PIP := $(BIN)/pip install --quiet --quiet --disable-pip-version-check --no-input

$(READY): requirements.txt pyproject.toml | packages
	@echo "Making the virtual environment in $(VENV)"
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes --requirement requirements.txt
	@$(PIP) --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(TOOLED): $(READY) requirements-dev.txt
	@echo "Adding the development tools to $(VENV)"
	@$(PIP) --require-hashes --requirement requirements-dev.txt
	@touch $@

.PHONY: check
check: format-check lint types imports unit ## What every commit passes, the fastest first

.PHONY: format
format: $(TOOLED) ## Rewrite the sources in house style
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

.PHONY: format-check
format-check: $(TOOLED)
	$(BIN)/ruff format --check --quiet $(SOURCES)

.PHONY: lint
lint: $(TOOLED)
	$(BIN)/ruff check --output-format concise $(SOURCES)

.PHONY: types
types: $(TOOLED)
	$(BIN)/mypy $(SOURCES)

.PHONY: imports
imports: $(TOOLED)
	$(BIN)/lint-imports

.PHONY: unit
unit: $(TOOLED)
	$(BIN)/pytest -q

.PHONY: integration
integration: test-packages $(TOOLED) $(CLIENTS) ## Real daemons, real guests, real clients
	@$(SUDO) env PATH="$$PATH" CI='$(CI)' $(BIN)/pytest -q -p no:cacheprovider -m '(integration or root) and not soak' </dev/null

.PHONY: test
test: test-packages check integration ## What CI runs
	@$(MAKE) --no-print-directory test-xen PART=smoke

PART ?= smoke
.PHONY: test-xen
test-xen: bed-packages $(TOOLED) ## On real Xen, emulated. PART=smoke|guests|storage|pool|network|metrics|install
	@$(SUDO) env CI='$(CI)' $(BIN)/python -m tests.bed.run --part '$(PART)' </dev/null

.PHONY: soak
soak: bed-packages $(TOOLED) ## What takes longer than anybody waits for, without a time limit
	@$(SUDO) env CI='$(CI)' $(BIN)/python -m tests.bed.run --part guests --soak </dev/null

.PHONY: bed-packages
bed-packages:
	@$(TOOLS)/install-packages tests/bed/debian-packages.txt

.PHONY: bench
bench: $(TOOLED) ## Measure; one JSON object a line
	@$(SUDO) $(BIN)/python -m tests.bench </dev/null

.PHONY: test-packages
test-packages:
	@$(TOOLS)/install-packages $(TOOLS)/debian-packages-test.txt

$(CLIENTS): tests/clients/package-lock.json
	@cd tests/clients && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error </dev/null
	@touch $@

# --- what is derived --------------------------------------------------------------------------------------------------

.PHONY: generate
generate: $(READY) ## Refresh the code derived from the datamodel
	$(BIN)/python -m xapi.datamodel.generate

.PHONY: docs
docs: generate ## Refresh docs/coverage.md; the description of the API goes to build/xenapi.json
	@mkdir -p build
	$(BIN)/python -m xapi.datamodel.describe >build/xenapi.json

.PHONY: lock
lock: $(TOOLED) ## Pin the newest releases that fit pyproject.toml
	$(BIN)/pip-compile $(LOCK) --output-file requirements.txt pyproject.toml
	$(BIN)/pip-compile $(LOCK) --extra dev --output-file requirements-dev.txt pyproject.toml
LOCK := --quiet --upgrade --all-build-deps --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links
