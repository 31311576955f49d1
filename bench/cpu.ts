/** Keeping processors busy, all of the time and 70 % of it, beside stress-ng --cpu: how much, and how evenly. */
import { setTimeout as delay } from "node:timers/promises";
import type * as burnCpu from "../workers/burn-cpu.ts";
import type { Contest, Figures } from "./contest.ts";
import { CORES } from "./cores.ts";
import { runOwn } from "./own-load.ts";
import { boxTicks, descendants, type ThreadTimes, threadTimes, workerTimes } from "./processes.ts";
import { stressNg } from "./stress-ng.ts";
import type { Workbench } from "./workbench.ts";

/** Threads start and compile: not yet the load that was asked for. */
const RAMP_MS = 600;
const WINDOW_MS = 100;
/** Share of a window that threads may wait before it is left out: more than the bench's own meter makes them. */
const DISTURBED = 0.03;
/** So many times the windows wanted are looked at, lest a busy box keep the bench for ever. */
const LONGEST = 2;

export function contestFullCpu(bench: Workbench): Contest {
  const ours = "burn-cpu 100 %";
  const peer = `stress-ng --cpu ${CORES}`;
  return {
    name: "cpu-full",
    contestants: contestants(bench, { ours, peer, share: 1, words: ["--cpu", `${CORES}`], windows: 12 }),
    rows: [
      {
        ...{
          work: `full CPU, ${CORES} cores: threads' run time`,
          figure: "mean",
          unit: "%",
          ours,
          peers: [peer],
        },
        target: { of: "ratio", atLeast: 0.99 },
      },
      { work: "— box busy, by /proc/stat", figure: "box", unit: "%", ours, peers: [peer] },
      { work: "— windows left out, as others ran", figure: "disturbed", unit: "%", ours, peers: [peer] },
    ],
  };
}

export function contestPartialCpu(bench: Workbench): Contest {
  const share = 0.7;
  const ours = "burn-cpu 70 %";
  const peer = `stress-ng --cpu ${CORES} --cpu-load 70`;
  const words = ["--cpu", `${CORES}`, "--cpu-load", "70"];
  return {
    name: "cpu-partial",
    contestants: contestants(bench, { ours, peer, share, words, windows: 24 }),
    rows: [
      {
        ...{ work: "70 % CPU: how far the mean is off", figure: "off", unit: "points", ours, peers: [peer] },
        target: { of: "own", atMost: 0.5 },
      },
      {
        ...{
          work: "— standard deviation over 100 ms windows",
          figure: "deviation",
          unit: "points",
          ours,
          peers: [peer],
        },
        target: { of: "ratio", atMost: 1 },
      },
      { work: "— mean", figure: "mean", unit: "%", ours, peers: [peer] },
      { work: "— box busy, by /proc/stat", figure: "box", unit: "%", ours, peers: [peer] },
      { work: "— windows left out, as others ran", figure: "disturbed", unit: "%", ours, peers: [peer] },
    ],
  };
}

interface Both {
  readonly ours: string;
  readonly peer: string;
  readonly share: number;
  readonly words: readonly string[];
  readonly windows: number;
}

/** Both by the same meter: the run time of the threads that work, over the same windows. */
function contestants(bench: Workbench, { ours, peer, share, words, windows }: Both): Contest["contestants"] {
  const { missing, start } = stressNg(bench);
  return {
    [ours]: {
      async measure() {
        const tasks = Array.from({ length: CORES }, () => ({ amount: share }));
        const look = () => meter(workerTimes, share, windows);
        return (
          await runOwn<typeof burnCpu, Figures>({
            worker: "burn-cpu",
            demand: { unit: "share", tasks },
            look,
          })
        ).seen;
      },
    },
    [peer]: {
      missing,
      async measure() {
        const child = start(words);
        try {
          return await meter(() => threadTimes(descendants(child.pid)), share, windows);
        } finally {
          await child.stop();
        }
      },
    },
  };
}

/** All in percent of the cores, and percentage points. */
async function meter(readTimes: () => ThreadTimes, share: number, wanted: number): Promise<Figures> {
  await delay(RAMP_MS);
  const start = look(readTimes);
  const windows: Window[] = [];
  let last = start;
  while (windows.filter(undisturbed).length < wanted && windows.length < wanted * LONGEST) {
    await delay(Math.max(0, start.atMs + (windows.length + 1) * WINDOW_MS - performance.now()));
    const now = look(readTimes);
    const cpuMs = (now.atMs - last.atMs) * CORES;
    windows.push({ ran: (now.ranMs - last.ranMs) / cpuMs, waited: (now.waitedMs - last.waitedMs) / cpuMs });
    last = now;
  }
  const calm = windows.filter(undisturbed);
  const shares = (calm.length >= wanted / 3 ? calm : windows).map(({ ran }) => ran);
  const mean = shares.reduce((sum, each) => sum + each, 0) / shares.length;
  const variance = shares.reduce((sum, each) => sum + (each - mean) ** 2, 0) / shares.length;
  return {
    mean: mean * 100,
    off: Math.abs(mean - share) * 100,
    deviation: Math.sqrt(variance) * 100,
    box: ((last.box.busy - start.box.busy) / (last.box.total - start.box.total)) * 100,
    disturbed: (1 - calm.length / windows.length) * 100,
  };
}

/** Shares of all cores. */
interface Window {
  readonly ran: number;
  readonly waited: number;
}

/** Where threads had to wait as others had the processors, nobody can keep a share: such windows count for neither side. */
function undisturbed({ waited }: Window): boolean {
  return waited < DISTURBED;
}

function look(readTimes: () => ThreadTimes) {
  return { atMs: performance.now(), ...readTimes(), box: boxTicks() };
}
