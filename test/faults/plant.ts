/**
 * Runs a scenario with a fault planted: `plant.ts SCENARIO FAULT [options of the scenario]`.
 *
 * idle, deaf: another worker file in the place of every stressor's. stall: the main thread hears nothing for a while during
 * the load. keep: this process holds on to some of each resource as the load is over.
 */
import { mkdtempSync, openSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { runCommand } from "../../lib/scenario/command.ts";
import type { Options } from "../../lib/scenario/option.ts";
import type { PhaseKind, PhaseSettings } from "../../lib/scenario/phase.ts";
import type { Context, Scenario } from "../../lib/scenario/scenario.ts";
import { MIB } from "../../lib/units.ts";

const [name = "", fault = "", ...words] = process.argv.slice(2);
const script = new URL(`../../scripts/${name}.ts`, import.meta.url);
const { scenario } = (await import(script.href)) as { scenario: Scenario<Options, unknown> };

const workerFile = (worker: string) =>
  fault === "idle" || fault === "deaf"
    ? new URL(`./${fault}.ts`, import.meta.url)
    : new URL(`../../workers/${worker}.ts`, import.meta.url);

/** What is kept until the process ends. */
const kept: unknown[] = [];

const onPhase: Record<string, (kind: PhaseKind, context: Context<Options>) => void> = {
  stall(kind) {
    if (kind === "load") setImmediate(stall);
  },
  keep(kind, { options }) {
    if (kind === "recovery" && kept.length === 0) keep(options);
  },
};

process.exit(
  await runCommand({ name, file: fileURLToPath(script), scenario: planted(scenario), workerFile, words }),
);

function planted(whole: typeof scenario): typeof scenario {
  const hook = onPhase[fault];
  if (!hook) return whole;
  const run = (context: Context<Options>) => {
    const phase = (kind: PhaseKind, settings: PhaseSettings, work?: () => Promise<unknown>) => {
      hook(kind, context);
      return work ? context.phase(kind, settings, work) : context.phase(kind, settings);
    };
    return whole.run({ ...context, phase: phase as typeof context.phase });
  };
  return { ...whole, run };
}

/** Longer than any limit on the event loop's delay. */
function stall(): void {
  const untilMs = performance.now() + 1500;
  while (performance.now() < untilMs);
}

function keep({ dir }: Record<string, unknown>): void {
  kept.push(Buffer.alloc(256 * MIB, 0xa5));
  for (let opened = 0; opened < 50; opened++) kept.push(openSync("/dev/null", "r"));
  if (typeof dir === "string")
    writeFileSync(join(mkdtempSync(join(dir, "kept-")), "kept"), Buffer.alloc(32 * MIB, 1));
  if (name === "cpu-saturation")
    for (const _cpu of cpus()) kept.push(new Worker("for (;;);", { eval: true }));
}
