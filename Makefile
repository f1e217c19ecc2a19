# One target a habit; `make` alone lists them.
PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
CODE   := docker_magics tests tools

.DEFAULT_GOAL := help
.PHONY: help venv demo lab test test-fast coverage lint format graph bench images course-images site lock bundle clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

venv: $(VENV)/.made  ## the environment, from the locked requirements

$(VENV)/.made: requirements/dev.txt pyproject.toml
	$(PYTHON) tools/debian.py venv
	$(PYTHON) -m venv --clear $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: venv  ## the quickstart notebook, end to end, in this terminal
	@$(PY) -m tools.demo

lab: venv  ## JupyterLab on the notebooks, with an engine
	@$(PY) -m tools.lab

# A file's tests stay on one of the workers. Files start in this order, so what takes long is first.
WORKERS ?= 2
SPREAD  := -n $(WORKERS) --dist loadgroup --no-loadscope-reorder
FAST    := tests/wire tests/golden tests/test_house.py
SLOW    := tests/embedded tests/notebooks tests/engine tests/browser tests/binder

test: venv  ## all tests, or those of TESTS=...
	$(PY) tools/debian.py
ifdef TESTS
	$(PY) -m pytest $(TESTS)
else
	$(PY) -m tools.npm --if-available test
	$(MAKE) --no-print-directory coverage
	$(PY) -m pytest $(SPREAD) $(SLOW) $(FAST)
endif

test-fast: venv  ## the tests that need no engine and no browser
	$(PY) -m pytest $(SPREAD) tests/unit $(FAST)

# Lines that tests/unit alone runs, in percent: never lower than this.
FLOOR_EMBEDDED := 14
FLOOR_ALL      := 44

coverage: venv  ## the unit tests, and which lines they run
	$(PY) -m coverage run -m pytest tests/unit
	@echo "lines of docker_magics/embedded that tests/unit runs, in percent:"
	@$(PY) -m coverage report --format=total --fail-under=$(FLOOR_EMBEDDED) --include='docker_magics/embedded/*'
	@echo "of the whole package:"
	@$(PY) -m coverage report --format=total --fail-under=$(FLOOR_ALL)

lint: venv  ## ruff and mypy; biome and tsc for the front end
	$(PY) -m ruff check $(CODE)
	$(PY) -m ruff format --check $(CODE)
	$(PY) -m mypy docker_magics tools
	$(PY) -m tools.npm --if-available lint

format: venv  ## what lint can mend by itself
	$(PY) -m ruff check --fix $(CODE)
	$(PY) -m ruff format $(CODE)
	$(PY) -m tools.npm --if-available format

graph: venv  ## the import graph of the package, layer by layer
	@$(PY) -m tools.graph

bench: venv  ## speed, side by side with the docker CLI and others
	@$(PY) tools/debian.py docker images
	@$(PY) -m tools.bench

images: venv  ## the images of demo and tests, into the engine that is there
	@$(PY) -m tools.images

course-images: venv  ## the course's images in one file, for a room without internet
	@$(PY) -m tools.course images build/course-images.tar.gz

site: venv  ## the notebooks, run, as pages and slides in build/site (slides need npm)
	@$(PY) -m tools.course site

COMPILE := $(VENV)/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 \
	--generate-hashes --no-annotate --upgrade --custom-compile-command "make lock"

lock: venv  ## requirements/*.txt anew
	$(COMPILE) pyproject.toml -o requirements/run.txt
	$(COMPILE) pyproject.toml requirements/dev.in -c requirements/run.txt -o requirements/dev.txt
	$(COMPILE) pyproject.toml requirements/binder.in -c requirements/dev.txt -o requirements/binder.txt

bundle:  ## the widgets' front end, from docker_magics/widgets/src (needs npm)
	$(PYTHON) -m tools.npm build

clean:  ## what make made
	rm -rf $(VENV) build dist node_modules
