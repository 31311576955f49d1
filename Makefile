# The front door: `make` lists what there is.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help test check bench smoke stress-all runtimes docs format new

SCENARIOS := $(patsubst scripts/%.ts,%,$(shell grep -l '^export const scenario' scripts/*.ts))
.PHONY: $(SCENARIOS)

# npm's own mark of a finished installation
READY := node_modules/.package-lock.json
TESTS := $(shell find lib targets test -name '*.test.ts' 2>/dev/null | sort)

help: ## list targets and scenarios
	@printf 'Targets (options: make TARGET ARGS="--help"):\n'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 26
	@printf '\nScenarios (make SCENARIO, or scripts/SCENARIO.ts):\n'
	@for name in $(SCENARIOS); do sed -n "2s|^/\*\* \(.*\) \*/$$|  $$name\t\1|p" "scripts/$$name.ts"; done | expand -t 26

stress-all: $(READY) ## exhaust this box with every scenario, within safe limits, in at most 5 minutes
	@scripts/stress-all.ts $(ARGS)

smoke: $(READY) ## every scenario in its smallest size: a first look in about a minute
	@scripts/stress-all.ts --smoke $(ARGS)

$(SCENARIOS): $(READY)
	@scripts/$@.ts $(ARGS)

test: $(READY) ## run all tests; parts that need root or another runtime say so and are skipped
	@node --import tsx --test --test-concurrency=1 $(TESTS)

check: $(READY) ## the gate: types, lint, dead code, generated docs, tests
	@npx tsc -p .
	@npx biome check .
	@npx knip
	@scripts/generate-docs.ts --check
	@$(MAKE) --no-print-directory test

bench: $(READY) ## Proofload's stressors beside stress-ng, dd and C, in one run
	@bench/exhaustion.ts $(ARGS)

runtimes: .runtimes/node_modules/.package-lock.json ## Node 24 and Deno 2 from npm, for the tests

docs: $(READY) ## write what is generated: README tables, JSON Schemas, Deno tasks
	@scripts/generate-docs.ts

format: $(READY) ## format and sort imports
	@npx biome check --write .

new: $(READY) ## start a scenario: make new scenario=thing-effect
	@scripts/new-scenario.ts $(scenario)

# not npm ci, which refuses a registry that lacks optional packages for other platforms
$(READY): package.json package-lock.json
	@npm install --no-save --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

.runtimes/node_modules/.package-lock.json:
	@npm install --prefix .runtimes --no-save --no-audit --no-fund --loglevel=error node@24 deno@2 >/dev/null
	@touch $@
