# Everything a person does here. Each target sets up what it needs, once: Python 3.11, make and git are enough.
PYTHON ?= python3
PORT ?= 8000
UV_VERSION = 0.13.9

PY = .venv/bin/python
COMPILE = .venv/bin/uv pip compile --quiet --universal --no-header --generate-hashes --python-version 3.11
NPM = cd frontend && PATH="$$(../scripts/node-folder):$$PATH" npm
PAGES = $(shell find frontend -name node_modules -prune -o -name dist -prune -o -name generated -prune -o -name __pycache__ -prune -o -type f -print)
# For tools that read the settings and connect to nothing.
UNCONNECTED = DATABASE_URL=postgres:///none REDIS_URL=redis:///0 SECRET_KEY=none

.PHONY: help demo up test lint fmt bench bench-main-job bench-ranking bench-consensus bench-frontend build browser messages lock

help:
	@echo "make demo    run MLfix with a dataset to try it on (PORT=8000, DATA=manifest.csv IMAGES=images.zip)"
	@echo "make up      run MLfix with your own data"
	@echo "make test    run all tests"
	@echo "make lint    check style, types, imports and migrations"
	@echo "make bench   measure speed and size (imports drawn signs, or DATA=manifest.csv IMAGES=images.zip; lending and"
	@echo "             the board take ITEMS='20000 1000000')"
	@echo "make bench-main-job   measure how well the main job does (the same, and TRUTH=truth.csv; GROUP=column of items that"
	@echo "                      belong together)"
	@echo "make bench-ranking    measure the ranking (the same; encoders want the column track in TRUTH; suspicion wants"
	@echo "                      PLANTED=folder of a planting script, PLANTINGS=10; scale takes ITEMS=1000000)"
	@echo "make bench-consensus  measure the looks that a crowd needs, labels out of votes, audits and copies (PLOTS=folder;"
	@echo "                      CROWD=crowd.py, VOTES=folder of sets of votes, CROWDKIT=a Python that has crowd-kit)"
	@echo "make bench-frontend   measure how long a reviewer waits, and how explore scrolls, in a real Chromium"
	@echo "make fmt     format the Python code"
	@echo "make messages   gather the texts to translate, and compile those that are (needs GNU gettext)"
	@echo "make lock    lock the newest versions that pyproject.toml allows"

demo: build
	@exec $(PY) manage.py demo --port $(PORT) $(if $(DATA),--data "$(DATA)") $(if $(IMAGES),--images "$(IMAGES)")

up: build
	@exec $(PY) manage.py up --port $(PORT)

test: build browser
	@$(NPM) test
	@$(PY) -m pytest

lint: .venv/.installed frontend/node_modules/.installed
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@$(UNCONNECTED) .venv/bin/mypy
	@.venv/bin/lint-imports
	@$(NPM) run --silent check
	@$(PY) manage.py makemigrations --check --dry-run

fmt: .venv/.installed
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format .

# Texts of components lie in frontend/locales, all others in mlfix_site/locale.
messages: .venv/.installed frontend/node_modules/.installed
	@$(NPM) run --silent messages
	@$(UNCONNECTED) $(PY) -m django makemessages --settings mlfix_site.settings --all --no-location --no-wrap \
		--ignore .venv --ignore "frontend/node_modules/*" --ignore var --ignore tests --ignore benchmarks
	@$(UNCONNECTED) $(PY) -m django compilemessages --settings mlfix_site.settings --ignore .venv --ignore frontend

bench: build $(if $(DATA),,var/bench/images.zip)
	@$(PY) -m benchmarks.import_rate $(if $(DATA),"$(DATA)" "$(IMAGES)",var/bench/manifest.csv var/bench/images.zip)
	@$(PY) -m benchmarks.encoding $(if $(DATA),"$(DATA)" "$(IMAGES)")
	@$(PY) -m benchmarks.lending --items $(or $(ITEMS),20000)
	@$(PY) -m benchmarks.board --items $(or $(ITEMS),20000)
	@$(PY) -m benchmarks.crops
	@$(PY) -m benchmarks.footprint

bench-main-job: build $(if $(DATA),,var/bench/images.zip)
	@$(PY) benchmarks/main_job.py $(if $(DATA),"$(DATA)" "$(IMAGES)" "$(TRUTH)",var/bench/manifest.csv var/bench/images.zip var/bench/truth.csv)
	@$(PY) -m benchmarks.desk $(if $(DATA),"$(DATA)" "$(IMAGES)" "$(TRUTH)",var/bench/manifest.csv var/bench/images.zip var/bench/truth.csv)
	@$(if $(GROUP),$(PY) -m benchmarks.consensus_groups "$(DATA)" "$(IMAGES)" "$(TRUTH)" --group-by "$(GROUP)")

bench-ranking: build $(if $(DATA),,var/bench/images.zip)
	@$(PY) -m benchmarks.orders $(if $(DATA),"$(DATA)" "$(IMAGES)" "$(TRUTH)",var/bench/manifest.csv var/bench/images.zip var/bench/truth.csv)
	@$(PY) -m benchmarks.pairwise
	@$(if $(DATA),$(PY) -m benchmarks.encoders "$(DATA)" "$(IMAGES)" "$(TRUTH)")
	@$(PY) -m benchmarks.suspicion $(if $(PLANTED),"$(PLANTED)") --plantings $(or $(PLANTINGS),2)
	@$(PY) -m benchmarks.scale --items $(or $(ITEMS),20000 50000)
	@$(PY) -m benchmarks.scale_site --items $(or $(ITEMS),20000 50000)
	@$(PY) -m benchmarks.encoding_memory

bench-consensus: .venv/.installed
	@$(PY) -m benchmarks.consensus $(if $(CROWD),--crowd "$(CROWD)") $(if $(PLOTS),--plots "$(PLOTS)")
	@$(PY) -m benchmarks.consensus_budget $(if $(CROWD),--crowd "$(CROWD)")
	@$(PY) -m benchmarks.consensus_alone
	@$(PY) -m benchmarks.consensus_votes $(if $(VOTES),"$(VOTES)") $(if $(CROWDKIT),--crowdkit "$(CROWDKIT)")
	@$(PY) -m benchmarks.consensus_audit
	@$(PY) -m benchmarks.consensus_copies

bench-frontend: build browser
	@$(PY) -m benchmarks.frontend
	@$(PY) -m benchmarks.explore

build: frontend/dist/.built

lock: .venv/.installed
	@$(COMPILE) --upgrade --extra embedded --extra s3 pyproject.toml -o requirements/web.lock
	@$(COMPILE) --upgrade --extra embedded --extra s3 --extra ranking -c requirements/web.lock \
		pyproject.toml -o requirements/worker.lock
	@$(COMPILE) --upgrade --extra embedded --extra s3 --extra ranking --group dev -c requirements/worker.lock \
		pyproject.toml -o requirements/all.lock

.venv/.installed: requirements/all.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "MLfix needs Python 3.11 or newer. Name one: make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv is missing. Run: apt-get update && apt-get install -y python3-venv"; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@test -x .venv/bin/uv || $(PY) -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@echo "Installing what requirements/all.lock names"
	@.venv/bin/uv pip install --quiet --python $(PY) --require-hashes -r requirements/all.lock
	@touch $@

frontend/node_modules/.installed: frontend/package-lock.json .venv/.installed
	@$(NPM) ci --silent
	@touch $@

frontend/dist/.built: frontend/node_modules/.installed $(PAGES)
	@$(NPM) run --silent build -- --logLevel warn
	@touch $@

var/bench/images.zip:
	@$(PY) -c "import pathlib, ranking.demo_signs as signs; signs.draw(pathlib.Path('var/bench'))"
	@cd var/bench && $(abspath $(PY)) -m zipfile -c images.zip images

# A real browser for the tests: one that is there, else Debian's, else Playwright's. A Firefox beside it where one can be
# had; without one, its tests say so.
browser: .venv/.installed
	@command -v chromium chromium-browser google-chrome >/dev/null || \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
		else .venv/bin/playwright install chromium; fi
	@command -v firefox firefox-esr >/dev/null || \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq firefox-esr >/dev/null || true; fi
