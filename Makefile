# Everything is set up by the targets themselves; each is silent where all is in place.
.DEFAULT_GOAL := help

.PHONY: help setup gate test coverage lint breaks lock

help:    ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

setup:   ## virtual environment, locked dependencies, a browser
	@scripts/setup

gate: setup   ## build the reference system, start its PreProd, run the gate against it
	@.venv/bin/travel build
	@.venv/bin/gonogo run --env preprod

test: setup   ## all tests: unit, component, end to end; ARGS=tests/unit for a part
	@.venv/bin/python -m pytest $(ARGS)

coverage: setup   ## what unit and component tests reach of the engine; fails below the floor in pyproject.toml
	@.venv/bin/python -m pytest tests/unit tests/component --cov --cov-report= --cov-fail-under=0 --no-cov-on-fail
	@.venv/bin/coverage report

lint: setup   ## ruff, mypy and the contract of imports
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache

breaks: setup   ## the catalogue of breaks: each must be caught
	@.venv/bin/python -m breaks $(ARGS)

lock: setup   ## pin the dependencies of pyproject.toml anew
	@CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/pip-compile -q --generate-hashes --strip-extras --allow-unsafe \
		--extra browser --extra load --extra dev --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
		-o requirements.lock pyproject.toml travel/pyproject.toml
	@CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/pip-compile -q --generate-hashes --strip-extras --allow-unsafe \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links -o requirements-tap.lock requirements-tap.in
