#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Lets memory limits really strike: a control group's, a process's and a heap's. Only the victim may suffer. */
import { spawnSync } from "node:child_process";
import { type Cgroup, enterCgroup } from "../lib/host/cgroup.ts";
import { main } from "../lib/scenario/main.ts";
import { atMost, type Measure, none, skipped, unknown, within, worst } from "../lib/scenario/measure.ts";
import { bytes, share } from "../lib/scenario/number-options.ts";
import { type Context, defineScenario } from "../lib/scenario/scenario.ts";
import { some } from "../lib/scenario/text-options.ts";
import type { AnyLoad } from "../lib/stress/load.ts";
import {
  type CgroupMemoryRecord,
  countBoxOomKills,
  limitCgroupMemory,
  limitProcess,
  readCgroupMemoryRecord,
} from "../lib/target/limits.ts";
import { STRIKE_DEADLINE_MS, startVictim, type VictimEnd } from "../lib/target/victim.ts";
import { formatBytes, MIB } from "../lib/units.ts";
import type * as fillHeap from "../workers/fill-heap.ts";
import type * as holdMemory from "../workers/hold-memory.ts";

const CASES = ["cgroup", "data", "as", "heap"] as const;
type Case = (typeof CASES)[number];

/** What a victim takes between two words: a hundredth of the smallest sensible limit. */
const STEP_BYTES = 2 * MIB;

const options = {
  cases: some(CASES, {
    help: "which limits: of a control group, RLIMIT_DATA, RLIMIT_AS, a worker's V8 heap",
  }),
  limit: bytes({
    default: "256MiB",
    smoke: "128MiB",
    min: "32MiB",
    max: "4GiB",
    help: "where each limit strikes",
  }),
  tolerance: share({ default: "10%", help: "how far from its limit a victim may get" }),
};
type Run = Context<typeof options>;

/** How one case went; a case that cannot be had here says why. */
type Strike =
  | { readonly which: Case; readonly skipped: string }
  | {
      readonly which: Case;
      readonly takenBytes: number;
      readonly ended: "killed" | "refused" | "aborted" | "survived" | "died otherwise";
      readonly how: string;
      readonly kernel?: CgroupMemoryRecord;
      readonly bystanderLives?: boolean;
    };
type Struck = Extract<Strike, { ended: string }>;

/** How each limit ends its victim: a JavaScript engine that gets no memory for its own next collection aborts. */
const EXPECTED: Record<Case, readonly Struck["ended"][]> = {
  cgroup: ["killed"],
  data: ["refused", "aborted"],
  as: ["refused", "aborted"],
  heap: ["killed"],
};

export const scenario = defineScenario({
  summary: "Let memory limits strike: the victim dies or is refused at the limit, and nobody else.",
  group: "exhaustion",
  options,
  requires: ({ platform }) => (platform === "linux" ? null : "needs Linux: its limits are what is tested"),
  plan: ({ cases, limit }) => ({
    durationMs: 1000 + cases.length * 2500 + (limit / (256 * MIB)) * 1000,
    steps: cases.map(
      (which) => `${which}: a victim takes memory until a limit of ${formatBytes(limit)} strikes`,
    ),
    peak: { memoryBytes: limit * 1.5, processes: 2 },
  }),

  async run(run) {
    const { phase, stress, options } = run;
    await phase("baseline", { lastsMs: 500 });
    const killsBefore = countBoxOomKills();
    const pool = await stress<typeof holdMemory>("hold-memory", {
      unit: "bytes",
      tasks: [{ amount: MIB, chunkBytes: MIB }],
    });
    await phase("load", { label: "bystander", lastsMs: 500 }, () => pool.acquire());
    const strikes: Strike[] = [];
    for (const which of options.cases) {
      strikes.push(await phase("load", { label: which, lastsMs: 2500 }, () => strike(which, run)));
    }
    const boxKills = countBoxOomKills() - killsBefore;
    await phase("recovery", { lastsMs: 500 }, () => pool.release());
    return { strikes, boxKills, poolBefore: describeLoad(pool), poolAfter: await useThePool(run) };
  },

  invariants: {
    applied: {
      "each limit struck": ({ evidence }) =>
        judgeEach(evidence.strikes, ({ which, ended, how }) => {
          const expected = EXPECTED[which];
          return none(
            expected.includes(ended) ? [] : [`${ended}, not ${expected.join(" or ")}: ${how}`],
            1,
            "victims",
          );
        }),
    },
    held: {
      "each victim got as far as its limit of {limit}, within {tolerance}": ({ evidence, options }) =>
        judgeEach(evidence.strikes.filter(didStrike), ({ takenBytes, how }) =>
          within(takenBytes, options.limit, options.limit * options.tolerance, "bytes", [how]),
        ),
      "the kernel's own counters say so: one kill in the group": ({ evidence }) =>
        judgeEach(
          evidence.strikes.filter(({ which }) => which === "cgroup"),
          ({ kernel }) =>
            within(kernel?.oomKills, 1, 0, "count", [`peak ${formatBytes(kernel?.peakBytes ?? Number.NaN)}`]),
        ),
      "nobody else was killed": ({ evidence: { strikes, boxKills } }) => {
        const kills = strikes.map((one) => ("kernel" in one ? (one.kernel?.oomKills ?? 0) : 0));
        const ours = kills.reduce((sum, count) => sum + count, 0);
        const others = boxKills - ours;
        const bystanders = strikes.filter((one) => "bystanderLives" in one && !one.bystanderLives);
        // what is counted is the whole host's: in a container, a neighbour's too
        if (bystanders.length === 0 && others > 0)
          return unknown(
            `the OOM killer ended ${others} other processes on this box meanwhile, whose is not known`,
          );
        if (Number.isNaN(others)) return unknown("the kernel does not count what the OOM killer ends");
        return atMost(bystanders.length, 0, "count", [
          `the OOM killer ended ${boxKills} processes on this box, ${ours} of them ours (/proc/vmstat)`,
          ...bystanders.map(({ which }) => `the bystander of the ${which} case died`),
        ]);
      },
    },
    recovered: {
      "the worker pool went on working": ({ evidence: { poolBefore, poolAfter } }) =>
        none(
          [poolBefore, poolAfter].filter((ended) => ended !== "released"),
          2,
          "loads",
        ),
    },
  },
});

async function strike(which: Case, run: Run): Promise<Strike> {
  try {
    if (which === "cgroup") return await strikeCgroup(run);
    return await (which === "heap" ? strikeHeap(run) : strikeProcess(which, run));
  } catch (error) {
    // the victims are ended with the load
    if (run.signal.aborted) return { which, skipped: "the load was ended before the limit struck" };
    throw error;
  }
}

async function strikeCgroup({ options: { limit }, temporaryCgroup, signal }: Run): Promise<Strike> {
  const group = temporaryCgroup("memory");
  if ("refused" in group)
    return { which: "cgroup", skipped: `no control group can be made: ${group.refused}` };
  const victim = await startVictim(STEP_BYTES, 2 * limit, signal);
  const bystander = await startVictim(STEP_BYTES, STEP_BYTES, signal);
  const refused = confine([victim, bystander], group, limit);
  const end = refused === null ? await victim.strike() : null;
  const bystanderLives = bystander.alive;
  const kernel = readCgroupMemoryRecord(group);
  await Promise.all([victim.end(), bystander.end()]);
  if (!end) return { which: "cgroup", skipped: `a control group can be made, but not used: ${refused}` };
  const ended =
    end.overdue || !end.signal ? "survived" : end.signal === "SIGKILL" ? "killed" : "died otherwise";
  const how = end.overdue
    ? OVERDUE
    : `ended by ${end.signal ?? `exit code ${end.exitCode}`}, last word "${end.last.said}"`;
  return { which: "cgroup", takenBytes: end.last.takenBytes, ended, how, kernel, bystanderLives };
}

const OVERDUE = `nothing stopped it within ${STRIKE_DEADLINE_MS / 1000} s`;
/** What a group answers that was handed to us only in part. */
const NOT_OURS = ["EACCES", "EPERM", "EBUSY", "EROFS"];

/** Limits the group and moves them into it; what refuses that, or null. */
function confine(victims: readonly { readonly pid: number }[], group: Cgroup, bytes: number): string | null {
  try {
    limitCgroupMemory(group, bytes);
    // what they used before stays charged to where they come from (cgroup-v1/memory, cgroup-v2)
    for (const { pid } of victims) enterCgroup(group, pid);
    return null;
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (!NOT_OURS.includes(code)) throw error;
    return message;
  }
}

async function strikeProcess(which: "data" | "as", { options: { limit }, signal }: Run): Promise<Strike> {
  if (spawnSync("prlimit", ["--version"]).error)
    return { which, skipped: "prlimit of util-linux is not installed" };
  const victim = await startVictim(STEP_BYTES, 2 * limit, signal);
  const used = which === "data" ? victim.ready.dataBytes : victim.ready.virtualBytes;
  await limitProcess(victim.pid, which, used + limit);
  const end = await victim.strike();
  const lives = victim.alive;
  await victim.end();
  const how = end.overdue
    ? OVERDUE
    : `last word "${end.last.said}", ${lives ? "it lives on" : `ended by ${end.signal ?? end.exitCode}`}`;
  return { which, takenBytes: end.last.takenBytes, ended: nameEnd(end, lives), how };
}

function nameEnd({ last, complaint, overdue }: VictimEnd, lives: boolean): Struck["ended"] {
  if (last.said === "refused") return "refused";
  if (lives || overdue) return "survived";
  return /out of memory/i.test(complaint) ? "aborted" : "died otherwise";
}

async function strikeHeap({ options: { limit }, host, stress }: Run): Promise<Strike> {
  // the worker's promise would never settle
  if (host.runtime.name === "deno")
    return { which: "heap", skipped: "Deno does not end a worker at a heap limit" };
  const load = await stress<typeof fillHeap>("fill-heap", {
    unit: "bytes",
    heapLimitMib: limit / MIB,
    mayDie: true,
    tasks: [{ amount: 2 * limit }],
  });
  await load.acquire();
  const [outcome] = await load.release();
  const killed = outcome?.ended === "died" && /memory limit/.test(outcome.error);
  const how = outcome?.ended === "died" ? outcome.error : `the worker was ${outcome?.ended}`;
  return { which: "heap", takenBytes: outcome?.held ?? 0, ended: killed ? "killed" : "survived", how };
}

/** A new load on a new pool, after everything. */
async function useThePool({ stress }: Run): Promise<string> {
  const load = await stress<typeof holdMemory>("hold-memory", {
    unit: "bytes",
    tasks: [{ amount: MIB, chunkBytes: MIB }],
  });
  await load.acquire();
  await load.release();
  return describeLoad(load);
}

/** Whether the limit ended its victim as limits do; one that did not strike says nothing about where it lies. */
function didStrike(one: Strike): boolean {
  return "skipped" in one || EXPECTED[one.which].includes(one.ended);
}

function describeLoad({ outcomes }: AnyLoad): string {
  return outcomes[0]?.ended ?? "nothing";
}

function judgeEach(strikes: readonly Strike[], measure: (struck: Struck) => Measure): Measure {
  return worst(strikes.map((one) => [one.which, "skipped" in one ? skipped(one.skipped) : measure(one)]));
}

await main(import.meta, scenario);
