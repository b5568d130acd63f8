# make lab     set up, then open JupyterLab on the course
# make test    set up, then run all tests
# make build   lessons/ -> course/ and solutions/
# make site    the course as a web page in website/_build/site; ANSWERS=yes folds solutions into it
# make lite    the course in a browser with nothing installed, in website/_build/lite
# make wheel   the course as one file that pip installs, in dist/
# make grade-demo   a made-up class of thirty, graded, with feedback and an overview
# make gpu     does a GPU answer as the CPU does, and what is it worth? (docs/gpu.md)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# In a container everybody is root, and Jupyter wants to be told that this is meant.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: lab test build site lite wheel grade-demo bench gpu mutants

lab: $(READY)
	$(BIN)/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/README.md $(AS_ROOT)

test: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist loadfile

build: $(READY)
	$(BIN)/autograder build

grade-demo: $(READY)
	$(BIN)/autograder grade-demo

wheel: $(READY)
	$(BIN)/python -m coursekit.stored
	$(BIN)/uv build --quiet --wheel --out-dir dist .
	@ls dist/*.whl

# Pyodide's packages come from PYODIDE, a folder or an address; by default from where Pyodide publishes them.
lite: $(READY)
	$(BIN)/python -m website.lite
	@echo "serve it, for example: $(BIN)/python -m http.server --directory website/_build/lite"

site: $(READY)
	$(BIN)/python -m website $(if $(ANSWERS),--answers)

bench: $(READY)
	for file in benchmarks/bench_*.py; do $(BIN)/python $$file || exit 1; done

gpu: $(READY)
	@$(BIN)/python benchmarks/gpu.py

# Not part of the tests: thirty small changes of our own code, and which of them no fast test notices.
mutants: $(READY)
	$(BIN)/python benchmarks/mutants.py

# uv ignores pip's own find-links setting, so it is handed on. Where there is none, uv looks for a GPU and takes the
# PyTorch that fits: without one the small build, not two gigabytes of CUDA.
$(READY): pyproject.toml constraints.txt
	test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	links="$${UV_FIND_LINKS:-$$($(BIN)/python -m pip config get :env:.find-links 2>/dev/null || \
	  $(BIN)/python -m pip config get global.find-links 2>/dev/null)}"; \
	if test -n "$$links"; then export UV_FIND_LINKS="$$links"; \
	else export UV_TORCH_BACKEND="$${UV_TORCH_BACKEND:-auto}"; fi; \
	$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[dev]'
	touch $@
