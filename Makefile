# make run: the dashboard. make test: lint, types, all tests. make bench: the speed figures. make coverage: tests, traced.
# make reliability: 500 kills in the middle of bulk edits (about 8 minutes).
PYTHON ?= python3
PORT ?= 8501
ADDRESS ?= 127.0.0.1
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test lint types tests coverage browser bench reliability format clean

run: $(VENV)/.runtime
	$(BIN)/streamlit run app/server.py --server.port $(PORT) --server.address $(ADDRESS)

test: lint types tests

lint: $(VENV)/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.development
	$(BIN)/mypy

tests: $(VENV)/.development browser
	$(BIN)/pytest

coverage: $(VENV)/.development browser
	$(BIN)/pytest --cov --cov-report=term:skip-covered

browser: $(VENV)/.development
	@bash tests/browser/install_chromium.sh $(BIN)/playwright

bench: $(VENV)/.development
	$(BIN)/python -m benchmarks

reliability: $(VENV)/.development
	TOOLKIT_KILLS=500 $(BIN)/pytest tests/dataset/test_reliability.py tests/dataset/test_operation_histories.py

# A sample of small mistakes in the code, and whether a test notices (under an hour, and goes on where it was stopped).
.PHONY: mutants
mutants: $(VENV)/.development
	$(BIN)/python -m tests.mutation $(MUTANTS)

format: $(VENV)/.development
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage screenshots

$(VENV)/.runtime: requirements.txt constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@
