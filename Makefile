# The project's one task runner. `make` alone lists what it can do.
# Environments are built from hashed lock files and again only when those change.

PYTHON ?= python3
# The browser that tests drive, by name or path; tests read it from the environment.
export CHROMIUM ?= chromium
# Every start would compile every module again.
unexport PYTHONDONTWRITEBYTECODE
ARGS ?=
# How many tests run side by side.
JOBS ?= 2
# What `make torture` does: the mode, its first seed, and how many payments it makes.
MODE ?= sim
SEED ?= 1
PAYMENTS ?= 1000

PIP_INSTALL := -m pip install --quiet --disable-pip-version-check --require-hashes
SETUP_DONE := .venv/setup.done
DEVELOPMENT_DONE := .venv/development.done
GENERATION_DONE := .venv-generate/setup.done

GENERATED ?= generated
REFERENCE ?= docs/contract-reference.md
PROTOC := PATH="$(CURDIR)/.venv-generate/bin:$$PATH" .venv-generate/bin/python -m grpc_tools.protoc \
	-Iprotos -Iprotos/vendored
CONTRACT := $(sort $(wildcard protos/ovo/payments/v1/*.proto))
# Fails where the contract breaks what was released. Images are compared, since buf compares no two modules by folder.
RELEASED := $(lastword $(sort $(wildcard protos/released/*.binpb)))
GATE := .venv/bin/buf build protos -o - | .venv/bin/buf breaking - --against $(RELEASED) --config protos/released/gate.yaml
# Where the plugins of other languages are built: generators/ says which.
GENERATORS := .generators
# Says what is missing, and where it is needed.
needs = command -v $(1) >/dev/null || { echo "$@ needs $(2)."; exit 1; }

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run cluster test check torture bench sbom generate generate-python generate-go generate-typescript \
	generate-java generate-reference cookbook polyglot debian lock setup browser clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: setup ## Run the service with the sandbox providers and print what to try
	@.venv/bin/ovo-payments dev $(ARGS)

cluster: $(DEVELOPMENT_DONE) ## Run two nodes on a PostgreSQL with the sandbox; ARGS="--nodes 3"
	@.venv/bin/python -W ignore -m deploy.cluster $(ARGS)

test: $(DEVELOPMENT_DONE) $(GENERATION_DONE) browser ## Run the tests; ARGS="tests/unit -x" for some of them
	.venv/bin/python -m pytest --numprocesses $(JOBS) --dist worksteal $(ARGS)

check: $(DEVELOPMENT_DONE) $(GENERATION_DONE) ## Check format, lint, types, the contract and the generated code
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/buf lint protos
	.venv/bin/buf format --diff --exit-code protos
	$(GATE)
	.venv/bin/python -m pytest --quiet tests/unit/test_generated.py

# GENERATED names another place to generate into, for comparing.
generate: generate-python generate-go generate-typescript generate-java generate-reference ## Rebuild generated/ and the contract's reference from protos/

generate-python: $(GENERATION_DONE)
	@rm -rf $(GENERATED)/python $(GENERATED)/ovo_payments.binpb
	@mkdir -p $(GENERATED)/python
	@$(PROTOC) --python_out=$(GENERATED)/python --mypy_out=quiet:$(GENERATED)/python \
		--descriptor_set_out=$(GENERATED)/ovo_payments.binpb --include_imports --include_source_info \
		$(CONTRACT)
	@$(PROTOC) --grpc_python_out=$(GENERATED)/python --mypy_grpc_out=quiet:$(GENERATED)/python \
		protos/ovo/payments/v1/ovo_payments.proto
	@touch $(GENERATED)/python/ovo/payments/v1/py.typed

generate-go: $(GENERATION_DONE) $(GENERATORS)/go.done
	@rm -rf $(GENERATED)/go/ovo
	@mkdir -p $(GENERATED)/go
	@$(PROTOC) --plugin=$(GENERATORS)/go/protoc-gen-go --plugin=$(GENERATORS)/go/protoc-gen-go-grpc \
		--go_out=$(GENERATED)/go --go_opt=module=ovo.payments/contract \
		--go-grpc_out=$(GENERATED)/go --go-grpc_opt=module=ovo.payments/contract $(CONTRACT)

# What Google's types are in Python, Go and Java comes from Google's packages; npm has none, so they are made too.
generate-typescript: $(GENERATION_DONE) $(GENERATORS)/typescript.done
	@rm -rf $(GENERATED)/typescript/ovo $(GENERATED)/typescript/google
	@mkdir -p $(GENERATED)/typescript
	@$(PROTOC) --plugin=generators/typescript/node_modules/.bin/protoc-gen-es \
		--es_out=$(GENERATED)/typescript --es_opt=target=js+dts,import_extension=js $(CONTRACT) \
		google/type/money.proto google/rpc/status.proto google/rpc/error_details.proto

# From the descriptor set, which has the comments too: this compiler comes without Google's own .proto files.
generate-java: generate-python $(GENERATORS)/java.done
	@rm -rf $(GENERATED)/java
	@mkdir -p $(GENERATED)/java
	@$(GENERATORS)/java/protoc-[0-9]*.exe --descriptor_set_in=$(GENERATED)/ovo_payments.binpb \
		--plugin=protoc-gen-grpc-java=$$(echo $(GENERATORS)/java/protoc-gen-grpc-java-*.exe) \
		--java_out=$(GENERATED)/java --grpc-java_out=@generated=omit:$(GENERATED)/java \
		$(CONTRACT:protos/%=%)

generate-reference: generate-python
	@.venv-generate/bin/python generators/reference.py $(GENERATED)/ovo_payments.binpb $(REFERENCE)

$(GENERATORS)/go.done: generators/go/go.mod generators/go/go.sum
	@$(call needs,go,Go 1.24 or newer)
	@mkdir -p $(GENERATORS)
	@cd generators/go && GOBIN=$(CURDIR)/$(GENERATORS)/go go install tool
	@touch $@

cookbook: $(GENERATORS)/cookbook.done ## Build the grpcurl and the ghz of docs/grpcurl.md

$(GENERATORS)/cookbook.done: tests/cookbook/go.mod tests/cookbook/go.sum
	@$(call needs,go,Go 1.24 or newer)
	@mkdir -p $(GENERATORS)
	@cd tests/cookbook && GOBIN=$(CURDIR)/$(GENERATORS)/cookbook go install tool
	@touch $@

$(GENERATORS)/typescript.done: generators/typescript/package-lock.json
	@$(call needs,npm,Node.js 20 or newer with npm)
	@mkdir -p $(GENERATORS)
	@npm ci --prefix generators/typescript --silent --no-audit --no-fund
	@touch $@

$(GENERATORS)/java.done: generators/java/pom.xml generators/java/SHA256SUMS
	@$(call needs,mvn,Maven and a Java 17 or newer)
	@rm -rf $(GENERATORS)/java
	@mkdir -p $(GENERATORS)/java
	@mvn --quiet --batch-mode -Dstyle.color=never --file generators/java/pom.xml package \
		-Ddirectory=$(CURDIR)/$(GENERATORS)/java
	@cd $(GENERATORS)/java && sha256sum --check --quiet --ignore-missing $(CURDIR)/generators/java/SHA256SUMS
	@chmod +x $(GENERATORS)/java/*.exe
	@touch $@

torture: $(DEVELOPMENT_DONE) ## Break everything and check the money; MODE=sim SEED=1 PAYMENTS=1000
	.venv/bin/python -m tests.torture $(MODE) --seed $(SEED) $(if $(filter-out crashes,$(MODE)),--payments $(PAYMENTS)) $(ARGS)

bench: $(DEVELOPMENT_DONE) ## Measure against bare servers; ARGS="reads" for one group, ARGS=--write for the docs
	.venv/bin/python -m tests.benchmarks $(ARGS)

polyglot: $(DEVELOPMENT_DONE) debian ## Run every language's client against a live service; ARGS="go java" for some of them
	@$(call needs,go,Go 1.24 or newer)
	@$(call needs,npm,Node.js 20 or newer with npm)
	@$(call needs,mvn,Maven and a Java 17 or newer)
	@.venv/bin/python -m tests.polyglot $(ARGS)

# Runtimes older than the clients ask for, tried on plain stubs; other systems do without.
OLD_RUNTIMES := ruby-grpc golang-google-grpc-dev golang-google-genproto-dev golang-github-golang-protobuf-1-5-dev \
	golang-google-protobuf-dev protoc-gen-go-grpc protobuf-compiler libgrpc-java libprotobuf-java libnetty-java \
	libgoogle-common-protos-java libperfmark-java libgoogle-gson-java

debian:
	@if dpkg-query --show $(OLD_RUNTIMES) >/dev/null 2>&1; then exit 0; fi; \
	if ! command -v apt-get >/dev/null || [ "$$(id -u)" != 0 ]; then \
		echo "Debian's old runtimes are not tried. To try them, as root on Debian: apt-get install $(OLD_RUNTIMES)"; \
		exit 0; \
	fi; \
	echo "Installing Debian's old gRPC for Ruby, Go and Java."; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		apt-get install -qq -y --no-install-recommends $(OLD_RUNTIMES) >/dev/null

sbom: $(DEVELOPMENT_DONE) ## Write what the service is made of as CycloneDX, from requirements.lock
	@mkdir -p dist
	.venv/bin/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml \
		--output-reproducible --output-file dist/sbom.cdx.json

setup: $(SETUP_DONE) ## Build .venv with all that the service needs

# Debian's Chromium, which the browser tests drive.
browser: ## Install Chromium for the browser tests where it is missing
	@if command -v $(CHROMIUM) >/dev/null; then exit 0; fi; \
	if ! command -v apt-get >/dev/null || [ "$$(id -u)" != 0 ]; then \
		echo "The browser tests need Chromium. Install it, as root on Debian: apt-get install chromium"; \
		echo "Where it stands elsewhere: make test CHROMIUM=/path/to/chromium"; exit 1; \
	fi; \
	echo "Installing Chromium for the browser tests."; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		apt-get install -qq -y --no-install-recommends chromium >/dev/null

clean: ## Remove the environments and all that tools left behind
	rm -rf .venv .venv-generate .generators .polyglot .bench dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	rm -rf clients/typescript/build clients/java/target tests/polyglot/oldest/typescript/build
	find . -name node_modules -type d -prune -exec rm -rf {} +
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

UV_COMPILE := .venv-generate/bin/uv pip compile --quiet --universal --generate-hashes \
	--python-version 3.11 --no-header --no-emit-index-url --no-emit-find-links \
	--no-emit-package ovo-payments-client

lock: $(GENERATION_DONE) ## Refresh the lock files from pyproject.toml; ARGS=--upgrade for newer versions
	$(UV_COMPILE) $(ARGS) pyproject.toml -o requirements.lock
	$(UV_COMPILE) $(ARGS) --group build -o requirements-build.lock
	$(UV_COMPILE) $(ARGS) --group dev -c requirements.lock -c requirements-build.lock \
		-o requirements-dev.lock
	$(UV_COMPILE) $(ARGS) --group sdk -c requirements.lock -c requirements-dev.lock \
		-o requirements-sdk.lock
	$(UV_COMPILE) $(ARGS) --group generate -c requirements.lock -o requirements-generate.lock

$(SETUP_DONE): pyproject.toml clients/python/pyproject.toml requirements.lock requirements-build.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one: make PYTHON=/path/to/python3"; exit 1; }
	@echo "Setting up .venv from requirements.lock."
	@$(PYTHON) -m venv .venv || { echo "Install venv, on Debian: apt-get install python3-venv"; exit 1; }
	@.venv/bin/python $(PIP_INSTALL) --no-compile -r requirements.lock -r requirements-build.lock
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-index \
		--no-build-isolation --no-deps --editable clients/python --editable .
	@touch $@

$(DEVELOPMENT_DONE): $(SETUP_DONE) requirements-dev.lock requirements-sdk.lock
	@echo "Adding what tests and checks need, from requirements-dev.lock and requirements-sdk.lock."
	@.venv/bin/python $(PIP_INSTALL) --no-compile -r requirements-dev.lock
	@# Compiled at once, because DOKU's warns when it is compiled, and in the tests warnings are errors.
	@.venv/bin/python $(PIP_INSTALL) --no-build-isolation -r requirements-sdk.lock
	@touch $@

$(GENERATION_DONE): requirements-generate.lock
	@echo "Setting up .venv-generate from requirements-generate.lock."
	@$(PYTHON) -m venv .venv-generate
	@.venv-generate/bin/python $(PIP_INSTALL) --no-compile -r requirements-generate.lock
	@touch $@
