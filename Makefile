# Everything runs in .venv, made from requirements.lock on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

PAGE := src/ci_sim/browser/sources

.PHONY: demo test check bench performance docs evidence site explore web page lock clean

demo: $(VENV)/.ready  ## compare the four insights, on drawn organizations and on ten real ones
	$(BIN)/ci-sim compare
	$(BIN)/ci-sim compare population=knoke output_dir=results/four_insights_knoke

test: $(VENV)/.ready  ## run the whole test suite
	$(BIN)/python -m pytest -n auto --dist worksteal

check: $(VENV)/.ready  ## lint, check the format and the types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.ready  ## measure speed; ARGS="--short --json FILE" for a quick run, as JSON too
	$(BIN)/python benchmarks/speed.py $(ARGS)

performance: $(VENV)/.ready  ## measure speed, size, start-up, streams and the page, and remake docs/performance.md (a quarter of an hour; needs Chromium)
	mkdir -p results/performance
	$(BIN)/python benchmarks/speed.py --json results/performance/speed.json
	$(BIN)/python benchmarks/streams.py --csv results/performance/streams.csv
	$(BIN)/python benchmarks/page.py --json results/performance/page.json
	$(BIN)/python docs/performance.py results/performance/speed.json results/performance/streams.csv results/performance/page.json

docs: $(VENV)/.ready  ## remake what is generated: the table of parameters and the README's pictures (those of the page need Chromium)
	$(BIN)/python docs/generate.py --pictures
	$(BIN)/python docs/questions.py
	$(BIN)/python docs/screenshots.py

evidence: $(VENV)/.ready  ## match, validate, calibrate, study the insights, and remake docs/evidence.md with its pages (half an hour)
	$(BIN)/ci-sim match output_dir=results/evidence/match
	$(BIN)/ci-sim validate output_dir=results/evidence/validation
	$(BIN)/ci-sim validate settings_file=results/evidence/match/plausible.csv output_dir=results/evidence/plausible
	$(BIN)/ci-sim calibrate output_dir=results/evidence/calibration
	$(BIN)/ci-sim insights settings_file=results/evidence/match/plausible.csv output_dir=results/evidence/insights
	$(BIN)/python experiments/which_sector_first.py settings_file=results/evidence/match/plausible.csv output_dir=results/evidence/which_sector_first
	$(BIN)/python experiments/single_sector.py output_dir=results/evidence/single_sector
	$(BIN)/python experiments/real_cases.py output_dir=results/evidence/real_cases
	$(BIN)/python experiments/sources_of_luck.py settings_file=results/evidence/match/plausible.csv output_dir=results/evidence/sources_of_luck
	$(BIN)/python experiments/sixth_component.py output_dir=results/evidence/sixth_component
	$(BIN)/python experiments/ablations.py output_dir=results/evidence/ablations
	$(BIN)/python docs/evidence.py results/evidence

site: $(VENV)/.ready  ## build the documentation as a site, with the live page in it: build/site/index.html
	$(BIN)/sphinx-build -q -W --keep-going docs build/site
	@echo "The site, to open in a browser: build/site/index.html"

explore: $(VENV)/.ready  ## open the page in a browser: watch an initiative form, switch a lever, see why
	$(BIN)/ci-sim explore

web: $(VENV)/.ready page  ## rebuild all that runs in a browser: the rules as WebAssembly (two minutes; needs wasm-ld, Debian's package lld)
	$(BIN)/python -m ci_sim.browser.module

page: $(VENV)/.ready  ## rebuild the page's bundle and tables alone (needs node and npm)
	cd $(PAGE) && npm ci --silent --no-audit --no-fund && npm run --silent check && npm run --silent build
	$(BIN)/python -m ci_sim.browser.tables

lock: $(VENV)/.ready  ## resolve the dependencies anew
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --no-annotate --no-header \
		--no-emit-index-url --upgrade pyproject.toml --output-file requirements.lock

clean:  ## remove the environment and all results
	rm -rf $(VENV) $(filter-out results/reference/,$(wildcard results/*/))

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "ci_sim needs Python 3.11 or newer; name it with: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@echo "Compiling the rules, once (half a minute) …"
	@$(BIN)/ci-sim run replicates=2 quiet=true output_dir=$(VENV)/first_run
	@touch $@
