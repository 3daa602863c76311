# make explore | make test: all that a fresh machine needs (Python 3.11 or newer with venv, and make).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# nothing is written outside this folder: neither font lists nor downloaded packages
export MPLCONFIGDIR := $(CURDIR)/$(VENV)/matplotlib
export PIP_NO_CACHE_DIR := 1

.PHONY: explore test test-cells test-slow check format benchmarks clean

explore: $(INSTALLED)
	$(BIN)/trackmac explore examples/digits.yaml

test: $(INSTALLED)
	$(BIN)/python -m pytest -n 2 -m "not slow"

# every cell in ngspice against its shipped figures
test-cells: $(INSTALLED)
	$(BIN)/python -m pytest tests/cells/test_characterize.py -k every_cell

test-slow: $(INSTALLED)
	$(BIN)/python -m pytest -n 2 -m slow

check: $(INSTALLED)
	$(BIN)/ruff format --check src tests benchmarks examples
	$(BIN)/ruff check src tests benchmarks examples
	$(BIN)/mypy

format: $(INSTALLED)
	$(BIN)/ruff format src tests benchmarks examples
	$(BIN)/ruff check --fix src tests benchmarks examples

benchmarks: $(INSTALLED)
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

# torch first and pinned: a plain `torch` would bring several GB of CUDA packages.
$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "trackmac needs Python 3.11 or newer; run make with PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV) || { echo "Python has no venv; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "installing into $(VENV): about 2 GB, some minutes the first time"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[train,dev]'
	@touch $(INSTALLED)
