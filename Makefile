# make lab     set up, then open JupyterLab on the course
# make test    set up, then run all tests
# make build   lessons/ -> course/ and solutions/
# make book    the course as a static web site in book/_build
# make grade-demo   a made-up class of thirty, graded, with feedback and an overview
# make gpu     does a GPU answer as the CPU does, and what is it worth? (docs/gpu.md)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# In a container everybody is root, and Jupyter wants to be told that this is meant.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: lab test build book grade-demo bench gpu mutants

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

# MathJax comes from npm where there is npm, so that the site can be read without a network.
book: $(READY)
	mkdir -p book/_static
	test -f book/_static/tex-svg-full.js || ! command -v npm >/dev/null || (cd book/_static && \
	  npm pack --silent mathjax@3 && tar -xzf mathjax-3*.tgz --strip-components=2 package/es5/tex-svg-full.js; \
	  rm -f mathjax-3*.tgz)
	$(BIN)/sphinx-build -q -W --keep-going book book/_build
	@echo "open book/_build/index.html"

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
