# make run: the dashboard. make test: lint, types, tests. make test-all: those, and what takes long or needs other programs.
# make peers: the programs that only `make test-all` calls. make bench: the speed figures. make coverage: tests, traced.
# make ray: Ray, for the tests of that engine, beside what .venv holds. make bench-scale: what parts and clusters cost.
# make bench-browser: those of the figures that are felt.
# PYTHON=... names another Python than the one that is chosen.
PORT ?= 8501
ADDRESS ?= 127.0.0.1
PAGES := tests/app tests/architecture tests/browser tests/dataset tests/soak
# RERUNS=1 gives a test that failed a second try, and lists those that needed it. For CI: here a failure is to be seen.
AGAIN := $(if $(RERUNS),--reruns $(RERUNS) -rR)
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-peers
RAY := .venv-ray
AXE := .axe

.PHONY: run test test-all lint types tests tests-of-pages tests-of-the-rest more reliability soak peers ray coverage browser \
	bench bench-browser bench-scale mutants docs screenshots format clean

run: $(VENV)/.runtime
	$(BIN)/streamlit run app/server.py --server.port $(PORT) --server.address $(ADDRESS)

# The type checker beside the tests: it takes a minute of one core.
test: lint $(VENV)/.development browser
	$(MAKE) -j3 --output-sync=target types tests-of-pages tests-of-the-rest

# One after the other, whatever -j says: both want the whole machine.
test-all:
	$(MAKE) test
	$(MAKE) more

lint: $(VENV)/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.development
	$(BIN)/mypy

# In two halves beside each other: what drives pages waits for browsers most of its time, and takes the datasets with it
# (of `more` it has enough without them). Told when both have ended.
tests: $(VENV)/.development browser
	$(MAKE) -j2 --output-sync=target tests-of-pages tests-of-the-rest

more: $(VENV)/.development browser
	$(MAKE) -j2 --output-sync=target tests-of-pages tests-of-the-rest WHICH="-m more" PAGES="$(filter-out tests/dataset,$(PAGES))"

tests-of-pages:
	$(BIN)/pytest $(WHICH) $(AGAIN) -o cache_dir=.pytest_cache/pages $(PAGES)

tests-of-the-rest:
	$(BIN)/pytest $(WHICH) $(AGAIN) -o cache_dir=.pytest_cache/rest $(addprefix --ignore=,$(PAGES))

# What is ended in mid-work, more often than `make test-all` does it: kills of bulk edits, restarts of the server.
reliability: $(VENV)/.development browser
	TOOLKIT_RESTARTS=50 TOOLKIT_KILLS=20 $(BIN)/pytest -m kills

# Fifty visitors for ten minutes (SOAK="--seconds 60 --visitors 20"), and what the server holds meanwhile.
soak: $(VENV)/.development
	$(BIN)/python -m tests.soak $(SOAK)

peers: $(PEERS)/.made $(AXE)/.made

ray: $(RAY)/.made

coverage: $(VENV)/.development browser
	$(BIN)/pytest --cov --cov-report=term:skip-covered

browser: $(VENV)/.development
	@bash tests/browser/install_chromium.sh $(BIN)/playwright

bench: $(VENV)/.development
	$(BIN)/python -m benchmarks

# What a person waits for in Chromium with 8,091 pictures (two minutes on a quiet machine).
bench-browser: $(VENV)/.development browser
	$(BIN)/python -m benchmarks browser

# A sample of small mistakes in the code, and whether a test notices (about an hour; goes on where it was stopped).
mutants: $(VENV)/.development
	$(BIN)/python -m tests.mutation $(MUTANTS)

# What a part and a worker cost, by processes and by Ray (about ten minutes).
bench-scale: $(VENV)/.development $(RAY)/.made
	$(BIN)/python -m benchmarks parts

# The pictures of docs/guide, from the sample dataset, as Chromium shows it. Look at them before you commit them.
screenshots: $(VENV)/.development browser
	$(BIN)/python -m tests.browser.guide_pictures

# docs/cli.md, from the help texts. A test tells when it is not current.
docs: $(VENV)/.runtime
	$(BIN)/python -m lib.commands.manual > docs/cli.md

format: $(VENV)/.development
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) $(PEERS) $(RAY) $(AXE) .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage screenshots

# The command `captioner`: the checkout itself, and nothing is fetched for it.
$(VENV)/.runtime: requirements.txt constraints.txt pyproject.toml
	python=$$(./.ci/choose_python.sh) && "$$python" -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

$(PEERS)/.made: requirements-peers.txt
	python=$$(./.ci/choose_python.sh) && "$$python" -m venv $(PEERS)
	$(PEERS)/bin/pip install --quiet --disable-pip-version-check -r requirements-peers.txt
	touch $@

# Only Ray and its dashboard are installed there: all else is found where the toolkit itself has it.
$(RAY)/.made: requirements-ray.txt requirements-ray-dev.txt $(VENV)/.runtime
	$(BIN)/python -m venv $(RAY)
	$(RAY)/bin/python -c "import pathlib, sys, sysconfig; place = pathlib.Path(sysconfig.get_path('purelib'), 'rest.pth'); \
		place.write_text(sys.argv[1])" "$$($(BIN)/python -c "import sysconfig; print(sysconfig.get_path('purelib'))")"
	$(RAY)/bin/pip install --quiet --disable-pip-version-check -r requirements-ray-dev.txt
	touch $@

$(AXE)/.made:
	@command -v npm >/dev/null || { echo "axe-core needs npm, which is not installed." >&2; exit 1; }
	npm install --silent --no-audit --no-fund --no-save --prefix $(AXE) axe-core@4.14.1
	touch $@
