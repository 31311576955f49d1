/** Opening files up to 20 000 descriptors, beside stress-ng --open and a loop in C. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type * as holdDescriptors from "../workers/hold-descriptors.ts";
import { compile } from "./c-program.ts";
import type { Contest } from "./contest.ts";
import { runOwn } from "./own-load.ts";
import { descriptors } from "./processes.ts";
import { stressNg } from "./stress-ng.ts";
import type { Workbench } from "./workbench.ts";

const CEILING = 20_000;
/** Left to the bench itself. */
const SPARE = 100;
const AMOUNT = CEILING - SPARE;

/** What hold-descriptors opens: the loop in C opens the same, as a longer path takes longer. */
const OPENED = fileURLToPath(new URL("../workers/hold-descriptors.ts", import.meta.url));

export function contestDescriptors(bench: Workbench): Contest {
  const ng = stressNg(bench);
  const peerOpen = compile("peer-open", bench);
  const limit = Number(/^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1]);
  const short = limit < CEILING ? `needs a limit of ${CEILING} open files (ulimit -n), has ${limit}` : null;
  const ours = "hold-descriptors, 1 thread";
  const open = "stress-ng --open 1";
  const loop = "C open loop, 1 thread";
  return {
    name: "descriptors",
    contestants: {
      [ours]: { missing: short, measure: () => openOwn(bench) },
      [loop]: {
        missing: short ?? peerOpen.missing,
        measure: async () => ({ rate: AMOUNT / (await peerOpen.run(AMOUNT, OPENED)) }),
      },
      [open]: {
        missing: short ?? ng.missing,
        // its bogo operation is an open; it closes them all in the end, which takes it no hundredth of its time
        measure: async () => ({
          rate: AMOUNT / (await ng.realSeconds(["--open", "1", "--open-ops", `${AMOUNT}`])),
        }),
      },
    },
    rows: [
      {
        ...{ work: "descriptors to 20 000", figure: "rate", unit: "/s", ours, peers: [open] },
        target: { of: "ratio", atLeast: 30 },
      },
      {
        ...{ work: "— per thread", figure: "rate", unit: "/s", ours, peers: [loop] },
        target: { of: "ratio", atLeast: 0.35 },
      },
    ],
  };
}

async function openOwn({ folder }: Workbench) {
  const before = descriptors("self") ?? 0;
  const { applied, seen, tookMs } = await runOwn<typeof holdDescriptors, number | null>({
    worker: "hold-descriptors",
    demand: { unit: "count", tasks: [{ amount: AMOUNT, ceiling: CEILING, kind: "file", folder }] },
    look: () => descriptors("self"),
  });
  const opened = applied.reduce((sum, each) => sum + each.descriptors, 0);
  const truly = (seen ?? 0) - before;
  // a new thread has a few of its own
  if (opened < AMOUNT || truly < AMOUNT) {
    throw new Error(
      `Cannot count hold-descriptors: expected ${AMOUNT}, it says ${opened} and the kernel ${truly}`,
    );
  }
  return { rate: opened / (tookMs / 1000) };
}
