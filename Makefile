# One word a job; `make help` lists them.

UV := .tools/bin/uv
PY := .venv/bin/python
RASA := RASA_TELEMETRY_ENABLED=false engine/.venv/bin/python -m rasa
TRAINING := $(shell find data/nlu data/rules data/knowledge -name "*.yml" 2>/dev/null) $(wildcard data/places/*.csv) domain.yml config.yml $(wildcard engine/*.py)
REAL := $(if $(wildcard ../shared/nlu_dev/real_questions.jsonl),../shared/nlu_dev/real_questions.jsonl --labels evaluation/real_questions.labels.yml)
export RASA_TELEMETRY_ENABLED = false
export PYTHONWARNINGS = ignore

.DEFAULT_GOAL := help

help: ## these words
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: .venv/.ready engine/.venv/.ready ## both environments, from hashed requirement files

$(UV): requirements/uv.txt
	@echo "→ uv into .tools/"
	@python3 -m venv .tools && .tools/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt && touch $@

.venv/.ready: requirements/app.txt | $(UV)
	@echo "→ .venv (Python 3.11)"
	@test -d .venv || $(UV) venv -q --python 3.11 .venv
	@$(UV) pip install -q --require-hashes --python .venv -r requirements/app.txt && touch $@

.venv/.ready-test: requirements/test.txt .venv/.ready
	@echo "→ .venv (what the tests need)"
	@$(UV) pip install -q --require-hashes --python .venv -r requirements/test.txt && touch $@

engine/.venv/.ready: requirements/engine.txt | $(UV)
	@echo "→ engine/.venv (Python 3.10, Rasa and TensorFlow: about 2 GB, a few minutes the first time)"
	@test -d engine/.venv || $(UV) venv -q --python 3.10 engine/.venv
	@$(UV) pip install -q --require-hashes --python engine/.venv -r requirements/engine.txt && touch $@

train: setup models/current.tar.gz ## train the model if data, domain or config changed

models/current.tar.gz: $(TRAINING) | setup
	@echo "→ rasa train"
	@$(RASA) train --data data $(wildcard models/taught) --out models --fixed-model-name next
	@mv models/next.tar.gz $@

prepare: setup
	@$(PY) -m bot setup

run: train prepare ## everything, on http://127.0.0.1:8000/chat
	@$(PY) -m bot announce & exec .venv/bin/honcho start

check: .venv/.ready-test ## ruff, mypy --strict, that no answer lacks a source, that no dependency has a known hole
	@.venv/bin/ruff check bot actions engine tests bench migrations requirements
	@.venv/bin/ruff format --check bot actions engine tests bench migrations requirements
	@.venv/bin/mypy
	@$(PY) -m bot knowledge check
	@$(PY) requirements/audit.py

audit: .venv/.ready-test ## known holes in what the locked requirement files name
	@$(PY) requirements/audit.py

fuzz: .venv/.ready-test ## the parsers' property tests with a budget of half an hour instead of a minute
	@FUZZ=long PYTHONWARNINGS=default $(PY) -m pytest tests/fuzz --timeout 0

test: setup .venv/.ready-test train check ## style, types and every test
	@PYTHONWARNINGS=default .venv/bin/python -m pytest

evaluate: train ## how well it understands → docs/understanding.md and its picture
	@$(PY) -m bot evaluate $(REAL) --report docs

bench: train ## how fast it is
	@mkdir -p bench/results && $(PY) -m bench.nearest && $(PY) -m bench.appointments && $(PY) -m bench.turns

chaos: train ## kill everything again and again while women write; afterwards nothing may be lost
	@$(PY) -m bench.chaos

requirements: $(UV) ## lock the requirement files again
	@for name in app test; do $(UV) pip compile -q --generate-hashes --no-emit-index-url --python-version 3.11 requirements/$$name.in -o requirements/$$name.txt; done
	@$(UV) pip compile -q --generate-hashes --no-emit-index-url --python-version 3.10 requirements/engine.in -o requirements/engine.txt

.PHONY: help setup train prepare run check audit fuzz test evaluate bench chaos requirements
