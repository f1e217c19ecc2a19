# `make` lists the targets.
PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
CODE   := docker_magics tests tools

.DEFAULT_GOAL := help
.PHONY: help venv demo lab test test-fast test-users test-nightly fuzz coverage lint format graph bench driver bench-compare soak class images course-images course-archive site lock bundle init systrap matrix places docs release-check clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

venv: $(VENV)/.made  ## create the virtual environment from the locked requirements

$(VENV)/.made: requirements/dev.txt pyproject.toml
	$(PYTHON) tools/debian.py venv
	$(PYTHON) -m venv --clear $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: venv  ## run the quickstart notebook in this terminal
	@$(PY) -m tools.demo

lab: venv  ## open the notebooks in JupyterLab, with an engine
	@$(PY) -m tools.lab

# All tests of a file run on one worker. Files start in this order; the slowest are first.
WORKERS ?= 3
SPREAD  := -n $(WORKERS) --dist loadgroup --no-loadscope-reorder
FAST    := tests/wire tests/golden tests/fuzz tests/test_house.py
SLOW    := tests/systrap tests/embedded tests/notebooks tests/engine tests/browser tests/binder tests/hub tests/release

test: venv  ## run all tests, or those of TESTS=...
	$(PY) tools/debian.py
ifdef TESTS
	$(PY) -m pytest $(TESTS)
else
	$(PY) -m tools.npm --if-available test
	$(MAKE) --no-print-directory coverage
	$(PY) -m pytest $(SPREAD) $(SLOW) $(FAST)
endif

test-fast: venv  ## run the tests that need neither engine nor browser
	$(PY) -m pytest $(SPREAD) tests/unit $(FAST)

test-nightly: venv  ## run images of others on each driver, JupyterHubs, all of tests/engine in a pod, notebooks on each engine
	DOCKER_MAGICS_NIGHTLY=all $(PY) -m pytest tests/embedded/test_services.py tests/embedded/test_image_samples.py tests/hub
	DOCKER_MAGICS_NIGHTLY=all $(PY) -m pytest tests/engine tests/notebooks -k embedded-pod \
		--deselect tests/notebooks/test_course_matrix.py
	DOCKER_MAGICS_NIGHTLY=all $(PY) -m pytest tests/notebooks/test_course_matrix.py

FUZZ_CASES ?= 100000

fuzz: venv  ## check FUZZ_CASES random inputs of each parser (100000: hours)
	FUZZ_CASES=$(FUZZ_CASES) $(PY) -m pytest $(SPREAD) --timeout=0 tests/fuzz

# Lines that tests/unit alone runs, in percent: never lower than this.
FLOOR_EMBEDDED := 90
FLOOR_ALL      := 90

coverage: venv  ## run the unit tests and report the lines they execute
	$(PY) -m coverage run -m pytest tests/unit
	@echo "lines of docker_magics/embedded that tests/unit runs, in percent:"
	@$(PY) -m coverage report --format=total --fail-under=$(FLOOR_EMBEDDED) --include='docker_magics/embedded/*'
	@echo "of the whole package:"
	@$(PY) -m coverage report --format=total --fail-under=$(FLOOR_ALL)

test-users: venv  ## compare an ordinary user's engine with dockerd in all cases, not in some
	DOCKER_MAGICS_USERS=all $(PY) -m pytest $(SPREAD) tests/embedded/test_as_dockerd.py -k ordinary

lint: venv  ## run ruff and mypy; cppcheck for C; biome and tsc for the front end
	$(PY) -m ruff check $(CODE)
	$(PY) -m ruff format --check $(CODE)
	$(PY) -m mypy docker_magics tools
	$(PY) -m tools.systrap lint
	$(PY) -m tools.npm --if-available lint

format: venv  ## format the code and apply automatic fixes
	$(PY) -m ruff check --fix $(CODE)
	$(PY) -m ruff format $(CODE)
	$(PY) -m tools.npm --if-available format

graph: venv  ## print the import graph of the package by layers
	@$(PY) -m tools.graph

bench: venv  ## compare the speed; bench driver: in a pod; bench class: memory of LEARNERS=20
	@$(PY) tools/debian.py docker images
	@$(PY) -m tools.bench $(patsubst class,classroom,$(filter driver class,$(MAKECMDGOALS)))

driver class:  # what `make bench` measures
	@:

bench-compare: venv  ## compare the last run of make bench with the one before
	@$(PY) -m tools.bench.history

soak: venv  ## test the embedded engine's endurance (ten minutes; needs root)
	@$(PY) -m tools.bench soak

images: venv  ## load the images of the demo and the tests into the running engine
	@$(PY) -m tools.images

course-images: venv  ## save the course's images in one file, for rooms without internet
	@$(PY) -m tools.course images build/course-images.tar.gz

course-archive: venv  ## pack the course, its packages and images in one file, for laptops without internet
	@$(PY) -m tools.course offline build/course.tar

site: venv  ## run the notebooks and build pages and slides in build/site (slides need npm)
	@$(PY) -m tools.course site

COMPILE := $(VENV)/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 \
	--generate-hashes --no-annotate --upgrade --custom-compile-command "make lock"

lock: venv  ## resolve and lock requirements/*.txt
	$(COMPILE) pyproject.toml -o requirements/run.txt
	$(COMPILE) pyproject.toml requirements/dev.in -c requirements/run.txt -o requirements/dev.txt
	$(COMPILE) pyproject.toml requirements/binder.in -c requirements/dev.txt -o requirements/binder.txt
	$(COMPILE) requirements/hub.in -c requirements/dev.txt -o requirements/hub.txt

bundle: venv  ## build the widgets' front end and the JupyterLab extension (needs npm)
	$(PY) -m tools.npm build
	$(PY) -m tools.hover

init:  ## build the init process of `docker run --init` (needs gcc for both machines)
	$(PY) -m tools.docker_init

systrap:  ## build the program of the systrap driver (needs gcc for x86_64)
	$(PY) -m tools.systrap

matrix: venv  ## try old and new versions of Python, IPython, pandas ... that this machine has
	@$(PY) -m tools.matrix $(MATRIX)

places: venv  ## try the places where notebooks are; write the outcomes into README's table
	@$(PY) -m tools.places

docs: venv  ## build the documentation site in build/docs; runs the notebooks
	@$(PY) -m tools.docs

release-check: venv  ## build the release's archives and try them
	@$(PY) -m tools.release

clean:  ## remove everything that make created
	rm -rf $(VENV) build dist node_modules
