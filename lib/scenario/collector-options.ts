/** The options of scenarios that list tests: whose collector, and what to plant. */
import { optional } from "./option.ts";
import { namesFor, type Planted, plant } from "./planting.ts";
import { projectOption } from "./project-option.ts";
import { choice } from "./text-options.ts";

/** As `--collector` names them. Their adapters are loaded where one is run. */
export const COLLECTOR_NAMES = [
  "vitest",
  "jest",
  "playwright",
  "mocha",
  "pytest",
  "deno",
  "node-test",
] as const;

export function collectorOptions<const S extends string, const T extends Planted>(scenario: S, faults: T) {
  return {
    project: projectOption("whose collector it is: it lists tests that are made up"),
    collector: optional(
      choice(COLLECTOR_NAMES, { default: "node-test", help: "what lists tests without running them" }),
      "found by what the project has",
    ),
    fault: plant(
      namesFor(scenario, faults),
      "break the list of node:test on purpose: this scenario finds it",
    ),
  };
}

/** Nothing can be planted in a collector that is not ours. */
export function refuseForeignFault(values: {
  readonly fault: unknown;
  readonly collector: string | null;
}): string[] {
  return values.fault !== null && values.collector !== "node-test"
    ? [`Cannot plant anything in a collector that is not ours: expected --collector node-test with --fault`]
    : [];
}
