# Needs a Rust toolchain, a C linker, make and Python 3.11 or later with venv.
# Everything else goes into .venv and target.

PYTHON ?= python3

# Nothing of the caller's Python set-up reaches the build; one interpreter for
# every cargo call, so that switching between them rebuilds nothing.
unexport PYTHONPATH PYTHONHOME CONDA_PREFIX
export VIRTUAL_ENV := $(CURDIR)/.venv
export PYO3_PYTHON := $(VIRTUAL_ENV)/bin/python

# Of the extension module; `quick` is built in less time.
PROFILE := release

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
# Exact versions for the interpreter that development happens on; `make lock`
# renews them. Other interpreters take what pyproject.toml allows.
PYTHON_VERSION = $(shell $(BIN)/python -c 'import sys; print("{}.{}".format(*sys.version_info))')
LOCKED = $(addprefix --constraint ,$(wildcard .ci/constraints-$(PYTHON_VERSION).txt))

# Folders are listed with their files, so that a deleted file counts as a change.
RUST_SOURCES := Cargo.toml Cargo.lock $(shell find src)

STUBS := python/driftline/_driftline
NEW_STUBS := target/stubs/driftline/_driftline
# Reads them out of the extension module that `build` made: nothing is compiled.
define generate_stubs
@rm -rf target/stubs
@$(BIN)/maturin generate-stubs --quiet --locked --profile $(PROFILE) --out target/stubs
@$(BIN)/python .ci/complete_stubs.py target/stubs
@$(BIN)/ruff check --quiet --no-respect-gitignore --select F401,I --fix target/stubs
@$(BIN)/ruff format --quiet --no-respect-gitignore target/stubs
endef

.PHONY: help demo test test-exits test-volume test-services test-integrations test-report test-models test-rust test-python test-free-threaded lint bench build bench-peers calibrate calibrate-streams docs stream-results stubs lock clean
.PHONY: tools lint-tools
.DEFAULT_GOAL := help

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 20

demo: build ## build, then run a service that predicts a year of flights and looks after itself
	@$(BIN)/python -m driftline demo

test: lint test-python test-rust ## build and test everything
	@echo 'make test: everything passed'

test-rust: | tools ## Rust tests and doctests; the core must not know Python
	cargo test --locked
	@if cargo tree --locked --edges normal --prefix none | grep -E '^(pyo3|numpy)'; then \
	    echo 'make: the core depends on Python without feature python' >&2; exit 1; fi

# tests/soak/exits.py --help tells how to run other interpreters.
test-exits: build ## end and fork processes in every way, many times
	$(BIN)/python tests/soak/exits.py

test-volume: build ## a million queued events, ten million emissions of a hundred thousand models
	$(BIN)/python tests/soak/volume.py

test-services: build .venv/dev.stamp ## a real Prometheus and gunicorn (apt-get install prometheus)
	$(PIP) --group services
	$(BIN)/python -m pytest tests/services

# XGBoost's wheel asks for a library of graphics cards, 300 MB, that is not used here.
# What needs PyTorch is skipped where that is not installed in .venv.
test-integrations: build .venv/dev.stamp ## Keras, XGBoost, CatBoost, MLflow (500 MB); PyTorch's where it is installed
	$(PIP) $(LOCKED) --group integrations-heavy
	$(PIP) $(LOCKED) --no-deps xgboost
	KERAS_BACKEND=jax $(BIN)/python -m pytest tests/integrations \
	    tests/python/test_integration_*.py tests/python/test_readme.py

# axe-core's rules of accessibility are checked as well where npm is there to fetch them.
AXE_CORE := target/axe/package/axe.min.js
test-report: build .venv/dev.stamp ## the report's page in headless Chromium (apt-get install chromium npm)
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(AXE_CORE); fi
	AXE_CORE="$$(ls $(AXE_CORE) 2>/dev/null)" $(BIN)/python -m pytest tests/report

$(AXE_CORE):
	@mkdir -p target/axe
	@cd target/axe && npm pack --silent axe-core@4 >/dev/null && tar xzf axe-core-*.tgz

test-models: | tools ## search every interleaving of the queue and the slot table (loom)
	RUSTFLAGS='--cfg loom' cargo test --locked --release --lib --target-dir target/loom models

test-python: build .venv/dev.stamp ## stubs, pytest, docstring and README examples
	$(generate_stubs)
	@diff -r $(STUBS) $(NEW_STUBS) || { \
	    echo 'make: the committed stubs are stale: run `make stubs`' >&2; exit 1; }
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest --mypy-config-file pyproject.toml driftline
	$(BIN)/python -m pytest

lint: .venv/dev.stamp | lint-tools ## rustfmt, clippy, ruff
	cargo fmt --check
	cargo clippy --locked -- -D warnings
	cargo clippy --locked --all-targets --features python -- -D warnings
	$(BIN)/ruff check
	$(BIN)/ruff format --check

# FREE_THREADED_PYTHON=path measures two threads as well, with an interpreter
# without the GIL.
bench: build .venv/bench.stamp .venv/floor.stamp ## measure driftline beside its peers
ifdef FREE_THREADED_PYTHON
	@$(MAKE) --no-print-directory $(FREE_THREADED)/driftline.stamp
endif
	@for script in hub native latency metrics queues two_sample tables binned multivariate alerts streams monitor middleware; do $(BIN)/python benches/$$script.py || exit 1; done
	@FREE_THREADED_PYTHON=$(if $(FREE_THREADED_PYTHON),$(FREE_THREADED)/venv/bin/python) \
	    $(BIN)/python benches/threads.py

bench-peers: build .venv/bench.stamp ## measure the peers' two-sample functions beside ours (5 GB of environments)
	@$(BIN)/python benches/peers.py --install
	@$(BIN)/python benches/streams.py --install
	@$(BIN)/python benches/peers.py
	@$(BIN)/python benches/streams.py

calibrate: build ## count the false alarms of every test, into docs/false_alarms.md
	$(BIN)/python benches/calibrate.py

calibrate-streams: build ## count the false alarms of calibrated streaming detectors, into docs/stream_false_alarms.md
	$(BIN)/python benches/calibrate_streams.py

docs: build ## write docs/tests.md and docs/streams.md, with its pictures, from the lists
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/stream_page.py
	$(BIN)/python docs/stream_pictures.py

stream-results: build ## measure every streaming detector, into docs/stream_results.md
	$(BIN)/python docs/stream_results.py

build: .venv/build.stamp ## build the extension module into .venv

stubs: build .venv/dev.stamp ## write the type stubs of the extension module anew
	$(generate_stubs)
	@rm -rf $(STUBS)
	@cp -r $(NEW_STUBS) $(STUBS)

lock: .venv/dev.stamp .venv/bench.stamp ## pin the development tools to what .venv holds
	@{ echo '# Written by `make lock`.'; \
	   $(BIN)/python -m pip freeze --all --exclude driftline --exclude driftline-floor --exclude setuptools; \
	} > .ci/constraints-$(PYTHON_VERSION).txt

# The suite again, from an installed wheel, on an interpreter without the GIL
# and on PARALLEL_THREADS threads at once. Hypothesis stops all threads for each example, so
# several at once only wait for each other; the demo is a process by itself, tested once.
FREE_THREADED := target/free-threaded
PARALLEL_THREADS := 4
test-free-threaded: $(FREE_THREADED)/driftline.stamp ## FREE_THREADED_PYTHON=path: pytest on a free-threaded interpreter
	$(FREE_THREADED)/venv/bin/python -m pytest tests/python --parallel-threads=$(PARALLEL_THREADS) \
	    --mark-hypothesis-as-unsafe --ignore=tests/python/test_demo.py

$(FREE_THREADED)/driftline.stamp: pyproject.toml $(RUST_SOURCES) $(shell find python -name '*.py') | tools
	@[ -n "$(FREE_THREADED_PYTHON)" ] || { \
	    echo 'make: say which interpreter: FREE_THREADED_PYTHON=path' >&2; exit 1; }
	@"$(FREE_THREADED_PYTHON)" -c 'import sys; sys.exit(sys._is_gil_enabled())' || { \
	    echo 'make: $(FREE_THREADED_PYTHON) is not free-threaded' >&2; exit 1; }
	rm -rf $(FREE_THREADED)/venv $(FREE_THREADED)/wheels
	"$(FREE_THREADED_PYTHON)" -m venv $(FREE_THREADED)/venv
	$(FREE_THREADED)/venv/bin/python -m pip install --quiet 'pip>=25.1'
	$(FREE_THREADED)/venv/bin/python -m pip install --quiet --group threads
	PYO3_PYTHON= $(FREE_THREADED)/venv/bin/maturin build --profile $(PROFILE) --locked \
	    --interpreter $(FREE_THREADED)/venv/bin/python \
	    --target-dir $(FREE_THREADED) --out $(FREE_THREADED)/wheels
	$(FREE_THREADED)/venv/bin/python -m pip install --quiet $(FREE_THREADED)/wheels/*.whl
	@touch $@

clean: ## remove everything that make made
	rm -rf target dist .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find python -name '*.so' -delete
	find python tests benches examples -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# --- the environment ---------------------------------------------------------

.venv/bin/python: | tools
	$(PYTHON) -m venv .venv

# The pip of Python 3.11 knows no dependency groups.
.venv/maturin.stamp: pyproject.toml $(wildcard .ci/constraints-*.txt) | .venv/bin/python
	$(PIP) $(LOCKED) 'pip>=25.1'
	$(PIP) $(LOCKED) --group build
	@touch $@

.venv/dev.stamp: .venv/maturin.stamp
	$(PIP) $(LOCKED) --group dev
	@touch $@

.venv/bench.stamp: .venv/maturin.stamp
	$(PIP) $(LOCKED) --group bench
	@touch $@

# An empty call into Rust, which benches/hub.py measures against.
.venv/floor.stamp: $(wildcard benches/floor/*.toml benches/floor/src/*) .venv/maturin.stamp | tools
	PIP_QUIET=1 $(BIN)/maturin develop --quiet --release --locked -m benches/floor/Cargo.toml \
	    --target-dir target/floor
	@touch $@

# Left to itself, maturin would install group `dev` too.
.venv/build.stamp: .venv/maturin.stamp $(RUST_SOURCES) | tools
	PIP_QUIET=1 $(BIN)/maturin develop --profile $(PROFILE) --locked --group build
	@touch $@

tools:
	@command -v cargo >/dev/null || { \
	    echo 'make: cargo is missing: install a Rust toolchain, 1.88 or later' >&2; exit 1; }
	@command -v cc >/dev/null || { \
	    echo 'make: cc is missing: install a C linker (Debian: apt-get install gcc libc6-dev)' >&2; exit 1; }
	@command -v $(PYTHON) >/dev/null || { \
	    echo 'make: $(PYTHON) is missing: install Python 3.11 or later, or say where it is: PYTHON=path' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo 'make: $(PYTHON) is older than Python 3.11: say where a newer one is: PYTHON=path' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo 'make: $(PYTHON) has no venv module (Debian: apt-get install python3-venv)' >&2; exit 1; }

lint-tools: | tools
	@cargo fmt --version >/dev/null 2>&1 || { \
	    echo 'make: rustfmt is missing: rustup component add rustfmt' >&2; exit 1; }
	@cargo clippy --version >/dev/null 2>&1 || { \
	    echo 'make: clippy is missing: rustup component add clippy' >&2; exit 1; }
