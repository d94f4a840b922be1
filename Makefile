PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test test-long tour pictures doctor lint format lock clean

run: $(VENV)/run.stamp
	@exec $(BIN)/python -m runtime run

doctor: $(VENV)/run.stamp
	@exec $(BIN)/python -m runtime manage doctor

tour: $(VENV)/run.stamp
	@exec $(BIN)/python -m runtime.tour

# The pictures of the docs, taken anew; smaller where Pillow is installed.
pictures: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.browser.pictures

test: lint
	$(BIN)/python -m runtime.checks $(TESTS)

test-long: lint
	$(BIN)/python -m runtime.checks --long $(TESTS)

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy --no-error-summary .
	$(BIN)/lint-imports --no-cache | tail -n 1
	$(BIN)/python manage.py makemigrations --check --dry-run

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format --quiet .

# Pins for every platform and Python that Isthmus supports.
lock: $(VENV)/dev.stamp
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --quiet --no-header --no-annotate pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --quiet --no-header --no-annotate --extra dev pyproject.toml -o requirements-dev.txt

# What can be made again. The data folder stays.
clean:
	rm -rf .mypy_cache .ruff_cache .import_linter_cache .pytest_cache .hypothesis test-results staticfiles $(VENV)/*.stamp
	find . -name __pycache__ -not -path './$(VENV)/*' -type d -prune -exec rm -rf {} +

$(VENV)/run.stamp: requirements.txt
	@$(PYTHON) runtime/bootstrap.py $(VENV) requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	@$(PYTHON) runtime/bootstrap.py $(VENV) requirements-dev.txt
	@touch $@
