# `./kindelpost test` calls `make check BIN=…`; by hand the tools are those of the same environment.
BIN ?= $(patsubst %/,%,$(dir $(shell ./kindelpost test --python)))
export PYTHONPATH := src
export DJANGO_SETTINGS_MODULE := kindelpost.config.settings
CODE := src tools e2e
COMPILE := $(BIN)/uv pip compile --quiet --no-config --universal --generate-hashes --python-version 3.11 \
	--only-binary :all: --no-binary dkimpy --custom-compile-command "make lock"

.PHONY: check format shell lint types floors sizes stale migrations unit postgresql generated lock
check: format shell lint types floors sizes stale migrations unit postgresql

format:
	$(BIN)/ruff format --check $(CODE)
shell:
	shellcheck --external-sources kindelpost .ci/run tools/with-postgresql tools/debian13
lint:
	$(BIN)/ruff check $(CODE)
types:
	$(BIN)/mypy
floors:
	$(BIN)/lint-imports
sizes:
	$(BIN)/python tools/sizes.py
stale:
	$(BIN)/python tools/generate.py --check
	$(BIN)/python tools/messages.py --check
migrations:
	$(BIN)/python -m django makemigrations --check --dry-run
unit:
	$(BIN)/python -m pytest -n 2
postgresql:
	tools/with-postgresql $(BIN)/python -m pytest -n 2

generated:
	$(BIN)/python tools/generate.py
	$(BIN)/python tools/messages.py
lock:
	for name in requirements-build requirements requirements-dev; do $(COMPILE) $(UPGRADE) $$name.in --output-file $$name.lock || exit 1; done
