# Two commands on a fresh machine with Python 3.11 or later, a C++ compiler and make:
#   make demo    set everything up, then run the main job on the example co-op
#   make test    set everything up, then run all tests

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python
NATIVE := $(shell find . -path ./$(VENV) -prune -o -path ./build -prune -o \
            \( -name '*.cpp' -o -name '*.h' -o -name CMakeLists.txt \) -print)
CODE   := schemas encoder linkage server waylink benchmarks tests

.PHONY: demo picture test bench lint types wheelhouse constraints clean

demo: $(VENV)/ready
	$(BIN)/waylink demo

# The report of the demo as docs/report.png; needs chromium.
picture: demo
	chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1000,2500 \
	    --user-data-dir=$$(mktemp -d) --screenshot=docs/report.png file://$(CURDIR)/demo-out/release/report.html

# As many files of tests side by side as there are processors; a file's tests stay together and in order.
test: $(VENV)/ready
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

bench: $(VENV)/ready
	$(BIN)/python -m pytest benchmarks --benchmark-enable --benchmark-columns=min,median,max,rounds

lint: $(VENV)/ready
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)

types: $(VENV)/ready
	$(BIN)/mypy

# Everything in one environment, exact versions from constraints.txt, overrides from pyproject's [tool.uv].
$(VENV)/ready: pyproject.toml constraints.txt Makefile $(NATIVE)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv
	$(UV) --constraint constraints.txt --build-constraint constraints.txt --group dev --editable ".[server,postgres]"
	touch $@

# All that a member's computer of this kind installs, without a network there: docs/guides/laptop.md.
wheelhouse: $(VENV)/ready
	rm -rf $@
	$(BIN)/uv build --quiet --wheel --build-constraint constraints.txt --out-dir $@
	$(BIN)/uv pip compile --quiet --no-header --no-annotate --no-emit-index-url --constraint constraints.txt \
	    --output-file $@/packages.txt pyproject.toml >/dev/null
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --only-binary :all: --no-deps \
	    --requirement $@/packages.txt --dest $@
	cd $@ && ls waylink-*.whl | sed -E 's/^waylink-([^-]+)-.*/waylink==\1/' >>packages.txt
	cp $(BIN)/uv $@/

# Write constraints.txt anew: the newest versions that fit pyproject.toml, without any address.
constraints: $(VENV)/ready
	$(BIN)/uv pip compile --quiet --upgrade --universal --no-header --no-annotate --no-emit-index-url \
	    --group dev --group build --group peers --all-extras pyproject.toml --output-file constraints.txt

clean:
	rm -rf $(VENV) build demo-out wheelhouse
