/** Filling and holding 4 GiB, beside stress-ng --vm and a memset in C with huge pages. */
import { freemem } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { formatBytes, GIB, MIB } from "../lib/units.ts";
import type * as holdMemory from "../workers/hold-memory.ts";
import { compile } from "./c-program.ts";
import type { Contest } from "./contest.ts";
import { CORES } from "./cores.ts";
import { runOwn } from "./own-load.ts";
import { anonymousBytes, descendants, threadTimes } from "./processes.ts";
import { type StressNg, stressNg } from "./stress-ng.ts";
import type { Workbench } from "./workbench.ts";

const AMOUNT = 4 * GIB;
/** As memory-exhaustion writes by default. */
const CHUNK_BYTES = 10 * MIB;
/** What the bench, its peers and everything else on the box may need beside. */
const SPARE_BYTES = GIB;
/** A stressor that holds less than it says has no rate. */
const TRUE_SHARE = 0.98;
const HOLD_MS = 700;
/** Within so long a virtual machine begins to give free pages back to its host. */
const COOL_MS = 4000;

export function contestMemory(bench: Workbench): Contest {
  const ng = stressNg(bench);
  const peerFill = compile("peer-fill", bench);
  const short =
    freemem() < AMOUNT + SPARE_BYTES ? `needs ${formatBytes(AMOUNT + SPARE_BYTES)} of free memory` : null;
  const ours = "hold-memory";
  const cold = "hold-memory, cold";
  const limit = "C memset, huge pages";
  const vm = `stress-ng --vm ${CORES} --vm-bytes 4g --vm-populate --vm-keep`;
  const threads = `${CORES} threads`;
  return {
    name: "memory",
    warmsItself: true,
    contestants: {
      [cold]: { missing: short, once: true, measure: async () => ({ all: await fillOwn(CORES, COOL_MS) }) },
      [ours]: {
        missing: short,
        measure: async () => ({ ...(await fillBoth(fillOwn)), held: await holdOwn() }),
      },
      [limit]: {
        missing: short ?? peerFill.missing,
        measure: () => fillBoth(async (number) => AMOUNT / GIB / (await peerFill.run(AMOUNT, number))),
      },
      [vm]: { missing: short ?? ng.missing, measure: () => fillStressNg(ng) },
    },
    rows: [
      {
        ...{ work: `fill 4 GiB, warm, ${threads}`, figure: "all", unit: "GiB/s", ours, peers: [vm] },
        target: { of: "ratio", atLeast: 4 },
      },
      {
        ...{ work: `— ${threads}`, figure: "all", unit: "GiB/s", ours, peers: [limit] },
        target: { of: "ratio", atLeast: 0.9 },
      },
      {
        ...{ work: "— 1 thread", figure: "one", unit: "GiB/s", ours, peers: [limit] },
        target: { of: "ratio", atLeast: 0.9 },
      },
      { work: `— after a pause, cold, beside warm`, figure: "all", unit: "GiB/s", ours: cold, peers: [ours] },
      {
        ...{ work: "hold 4 GiB: share of a core", figure: "held", unit: "%", ours, peers: [vm] },
        target: { of: "own", atMost: 1 },
      },
    ],
  };
}

function demand(threads: number) {
  return {
    unit: "bytes" as const,
    tasks: Array.from({ length: threads }, () => ({ amount: AMOUNT / threads, chunkBytes: CHUNK_BYTES })),
  };
}

function warmUp(): Promise<unknown> {
  return runOwn<typeof holdMemory, void>({ worker: "hold-memory", demand: demand(CORES), look: () => {} });
}

/**
 * After one fill that does not count, the better of two of each kind, the same for both sides. The first fetches pages from the
 * host; but every 2 s the kernel gives some back to it (free page reporting), and may do so between any two fills.
 */
async function fillBoth(fill: (threads: number) => Promise<number>) {
  await warmUp();
  const first = { all: await fill(CORES), one: await fill(1) };
  const second = { all: await fill(CORES), one: await fill(1) };
  return { all: Math.max(first.all, second.all), one: Math.max(first.one, second.one) };
}

/** GiB/s, once the kernel has confirmed the bytes. */
async function fillOwn(threads: number, pauseMs = 0): Promise<number> {
  let emptyBytes = 0;
  const { seen, tookMs } = await runOwn<typeof holdMemory, number>({
    worker: "hold-memory",
    demand: demand(threads),
    async before() {
      await delay(pauseMs);
      emptyBytes = anonymousBytes("self") ?? 0;
    },
    look: () => (anonymousBytes("self") ?? 0) - emptyBytes,
  });
  if (seen >= AMOUNT * TRUE_SHARE) return AMOUNT / GIB / (tookMs / 1000);
  throw new Error(
    `Cannot count hold-memory: expected ${formatBytes(AMOUNT)} in the kernel's books, got ${formatBytes(seen)}`,
  );
}

/** What this whole process takes while its workers hold the memory, the bench's own main thread included. */
async function holdOwn(): Promise<number> {
  const look = () => shareOfCore(["self"]);
  const { seen } = await runOwn<typeof holdMemory, number>({
    worker: "hold-memory",
    demand: demand(CORES),
    look,
  });
  return seen;
}

/**
 * stress-ng does not say when it has filled its memory, and bogo operations are passes over it: the kernel's books tell,
 * looked at every 2 ms from the first growth to the last, so that its start is not counted.
 */
async function fillStressNg(ng: StressNg) {
  await warmUp();
  const first = await fillStressNgOnce(ng);
  const second = await fillStressNgOnce(ng);
  return { all: Math.max(first.rate, second.rate), held: second.held };
}

async function fillStressNgOnce(ng: StressNg) {
  const child = ng.start(["--vm", `${CORES}`, "--vm-bytes", "4g", "--vm-populate", "--vm-keep"]);
  try {
    const startedMs = performance.now();
    const look = () => ({
      atMs: performance.now(),
      bytes: descendants(child.pid).reduce((sum, pid) => sum + (anonymousBytes(pid) ?? 0), 0),
    });
    let first = look();
    let last = first;
    while (last.bytes < AMOUNT * TRUE_SHARE) {
      if (last.bytes < AMOUNT * (1 - TRUE_SHARE)) first = last;
      if (last.atMs - startedMs > 60_000)
        throw new Error("Cannot fill memory with stress-ng: not full after a minute");
      await delay(2);
      last = look();
    }
    const rate = (last.bytes - first.bytes) / GIB / ((last.atMs - first.atMs) / 1000);
    return { rate, held: await shareOfCore(descendants(child.pid)) };
  } finally {
    await child.stop();
  }
}

async function shareOfCore(pids: readonly (number | "self")[]): Promise<number> {
  const start = { atMs: performance.now(), ...threadTimes(pids) };
  await delay(HOLD_MS);
  return ((threadTimes(pids).ranMs - start.ranMs) / (performance.now() - start.atMs)) * 100;
}
