/** Collects tests once: how many, what went wrong, how long it took and how much memory, and who is left of it. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { markedProcesses, markOfStart } from "../host/marked-processes.ts";
import { type ChildOrder, runChild } from "./child.ts";
import type { Collector } from "./collector.ts";
import { deno } from "./collectors/deno.ts";
import { jest } from "./collectors/jest.ts";
import { mocha } from "./collectors/mocha.ts";
import { nodeTest } from "./collectors/node-test.ts";
import { playwright } from "./collectors/playwright.ts";
import { pytest } from "./collectors/pytest.ts";
import { vitest } from "./collectors/vitest.ts";

/** In the order in which a project is asked for them: what runs node:test has no file of its own, and comes last. */
export const COLLECTORS: readonly Collector[] = [vitest, jest, playwright, mocha, pytest, deno, nodeTest];

/** The first that the project has and that can be run; else the one that comes with the runtime. */
export function findCollector(
  project: string,
  named: string | null,
): { readonly collector: Collector; readonly because: string } {
  const chosen = COLLECTORS.find(({ name }) => name === named);
  if (chosen) return { collector: chosen, because: "named by --collector" };
  for (const collector of COLLECTORS) {
    const because = collector.find(project);
    const isThere = !("missing" in collector.command({ project, folder: project }));
    if (because !== null && isThere) return { collector, because: `the project has ${because}` };
  }
  const own = "deno" in process.versions ? deno : nodeTest;
  return { collector: own, because: "the project has none that can be run here" };
}

export interface CollectOrder extends Pick<ChildOrder, "withinMs" | "mark" | "name" | "signal" | "onStart"> {
  readonly collector: Collector;
  /** Where its program is installed. */
  readonly project: string;
  /** Whose tests are listed. */
  readonly folder: string;
  /** What is planted in the list of node:test, or null. */
  readonly fault: string | null;
}

/** One collection. */
export interface Collected {
  readonly names: number;
  /** The same for the same names, in whatever order. */
  readonly digest: string;
  readonly errors: readonly string[];
  readonly ended: "by itself" | "late" | "aborted";
  readonly exitCode: number | null;
  readonly tookMs: number;
  /** Resident memory of all its processes together, at most; what they share counts once for each. Null off Linux. */
  readonly peakBytes: number | null;
  readonly left: readonly string[];
}

const LOOK_MS = 50;
const PAGE_BYTES = 4096;
const MOST_ERRORS = 10;

/** Answers why it cannot, as a text, where the collector is not there. */
export async function collect(order: CollectOrder): Promise<Collected | string> {
  const { collector, project, folder, fault, mark, name } = order;
  const command = collector.command({ project, folder });
  if ("missing" in command) return command.missing;
  let peakBytes: number | null = null;
  const look = setInterval(() => {
    const bytes = residentBytes(markOfStart(mark, name));
    if (bytes > 0) peakBytes = Math.max(peakBytes ?? 0, bytes);
  }, LOOK_MS);
  try {
    const end = await runChild({
      ...order,
      command: fault === null ? command : [...command, fault],
      cwd: folder,
      environment: { ...PLAIN, ...collector.environment?.(join(folder, `.cache-${name}`)) },
    });
    const plain = {
      stdout: stripVTControlCharacters(end.stdout),
      stderr: stripVTControlCharacters(end.stderr),
    };
    const { names, errors } = collector.read({ ...end, ...plain });
    const { ended, exitCode, tookMs, left } = end;
    return {
      ...{ names: names.length, digest: digestOf(names), errors: errors.slice(0, MOST_ERRORS) },
      ...{ ended, exitCode, tookMs, peakBytes, left },
    };
  } finally {
    clearInterval(look);
  }
}

/** Nothing of a runner around us, and no colours where it can be helped. */
const PLAIN = { NODE_TEST_CONTEXT: "", NO_COLOR: "1", CI: "1" };

function digestOf(names: readonly string[]): string {
  return createHash("sha256")
    .update([...names].sort().join("\n"))
    .digest("hex")
    .slice(0, 16);
}

function residentBytes(mark: string): number {
  return markedProcesses(mark).reduce((sum, pid) => sum + residentOf(pid), 0);
}

/** 0 for one that is gone. Field 2 of statm: proc_pid_statm(5). */
function residentOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * PAGE_BYTES;
  } catch {
    return 0;
  }
}
