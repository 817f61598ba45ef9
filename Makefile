# Each target sets up what it needs, and prints no setup message if all is in place.
.DEFAULT_GOAL := help

.PHONY: help setup gate test coverage lint breaks lock

help:    ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

setup:   ## install the virtual environment, the locked dependencies and a browser
	@scripts/setup

gate: setup   ## build the reference system, start its PreProd, run the gate against it
	@.venv/bin/travel build
	@.venv/bin/gonogo run --env preprod

test: setup   ## run all tests; ARGS=tests/unit runs a part
	@.venv/bin/python -m tests $(ARGS)

coverage: setup   ## measure the engine's coverage by unit and component tests; fails below the minimum in pyproject.toml
	@.venv/bin/python -m pytest tests/unit tests/component --cov --cov-report= --cov-fail-under=0 --no-cov-on-fail
	@.venv/bin/coverage report

lint: setup   ## run ruff, mypy and the import contracts
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache

breaks: setup   ## run the catalogue of breaks: the gate must catch each
	@.venv/bin/python -m breaks $(ARGS)

lock: setup   ## update the lock files from pyproject.toml
	@CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/pip-compile -q --generate-hashes --strip-extras --allow-unsafe \
		--extra browser --extra load --extra probe --extra dev --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
		-o requirements.lock pyproject.toml travel/pyproject.toml
	@CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/pip-compile -q --generate-hashes --strip-extras --allow-unsafe \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links -o requirements-tap.lock requirements-tap.in
