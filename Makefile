# The front door: `make` lists what there is.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help test test-repeat check bench smoke stress-all soak fault-matrix runtimes packages peers engine-up engine-down docs format new install-cron screenshots

SCENARIOS := $(patsubst scripts/%.ts,%,$(shell grep -l '^export const scenario' scripts/*.ts))
.PHONY: $(SCENARIOS)

# those that can be run
BENCHES := $(shell grep -l '^#!' bench/*.ts)

# npm's own mark of a finished installation
READY := node_modules/.package-lock.json
TESTS := $(shell find lib targets test -name '*.test.ts' 2>/dev/null | sort)
# those that exhaust the box, or measure what exhausting it does, say so in their first line
ALONE := $(shell grep -l 'Needs the box to itself' $(TESTS))

help: ## list targets and scenarios
	@printf 'Targets (options: make TARGET ARGS="--help"):\n'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 26
	@printf '\nScenarios (make SCENARIO, or scripts/SCENARIO.ts):\n'
	@for name in $(SCENARIOS); do sed -n "2s|^/\*\* \(.*\) \*/$$|  $$name\t\1|p" "scripts/$$name.ts"; done | expand -t 26

stress-all: $(READY) ## exhaust this box with every scenario, within safe limits, in at most 5 minutes
	@scripts/stress-all.ts $(ARGS)

smoke: $(READY) ## every scenario in its smallest size: a first look in two or three minutes
	@scripts/stress-all.ts --smoke $(ARGS)

soak: $(READY) ## the long one: idle-soak for two hours, or for SOAK_TEST_DURATION
	@SOAK_TEST_DURATION="$${SOAK_TEST_DURATION:-2h}" scripts/idle-soak.ts $(ARGS)

fault-matrix: $(READY) ## every scenario against each fault that it claims to catch, and against health
	@scripts/fault-matrix.ts $(ARGS)

$(SCENARIOS): $(READY)
	@scripts/$@.ts $(ARGS)

# Node 22 and later start programs faster with what they compiled before; Node 20 does not know of it
test: export NODE_COMPILE_CACHE := $(CURDIR)/node_modules/.cache/compiled
test: $(READY) ## run all tests; parts that need root or another runtime say so and are skipped
	@node --import tsx --test --test-concurrency=3 $(filter-out $(ALONE),$(TESTS))
	@node --import tsx --test --test-concurrency=1 $(ALONE)

test-repeat: $(READY) ## the socket tests 50 times over, in random order: no flake, nothing left
	@node --import tsx test/repeat.ts $(ARGS)

check: $(READY) ## the gate: types, lint, dead code, generated docs, tests
	@npx tsc -p .
	@npx biome check .
	@npx knip
	@scripts/generate-docs.ts --check
	@$(MAKE) --no-print-directory test

# one after another, as each wants the machine for itself; ARGS go to all of them
bench: $(READY) ## every bench: stressors and clients beside their peers, the trend verdict on recordings
	@status=0; for bench in $(BENCHES); do printf '%s\n' "$$bench" >&2; "$$bench" $(ARGS) || status=1; done; exit $$status

install-cron: $(READY) ## have cron run stress-all every night; ARGS='--with systemd' for a timer, --remove to take it away
	@scripts/schedule.ts $(ARGS)

screenshots: $(READY) ## pictures of every kind of report, at three widths, by chromium: reports/screenshots
	@node --import tsx test/screenshots.ts $(ARGS)

runtimes: .runtimes/node_modules/.package-lock.json ## Node 24 and Deno 2 from npm, for the tests

peers: .peers/node_modules/.package-lock.json ## Artillery, autocannon and a very large package from npm, for the benches: 700 MB

packages: .packages/node_modules/.package-lock.json ## public packages, madge and dependency-cruiser from npm, for the tests of imports: 500 MB

engine-up: $(READY) ## a container engine (dockerd) of ours in a temporary folder, and where it listens
	@node --import tsx test/engine/up.ts

engine-down: $(READY) ## take it away, with its containers and images
	@node --import tsx test/engine/down.ts

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

# no scripts: one of them would fetch a browser
.peers/node_modules/.package-lock.json:
	@npm install --prefix .peers --ignore-scripts --no-save --legacy-peer-deps --no-audit --no-fund --loglevel=error artillery@2 autocannon@8 \
	  @mui/icons-material@9 >/dev/null
	@touch $@

# no scripts: what is only read needs none
.packages/node_modules/.package-lock.json:
	@npm install --prefix .packages --ignore-scripts --no-save --no-audit --no-fund --loglevel=error \
	  madge@8 dependency-cruiser@18 skott@0.35 three@0.170 antd@5 rxjs@7 lodash@4 express@4 webpack@5 eslint@9 \
	  mathjs@14 core-js@3 ajv@8 mocha@11 jest@30 @playwright/test@1 vitest@3 moment@2 @babel/core@7 @babel/traverse@7 @babel/types@7 jsdom@26 redux@5 \
	  handlebars@4 >/dev/null
	@touch $@
