/** The invariants of container-limits on made-up evidence. */
import { describe } from "node:test";
import { scenario as containerLimits } from "../scripts/container-limits.ts";
import { judgeEach } from "./judge-each.ts";
import { MEBI } from "./made-up-containers.ts";

describe("container-limits", () => {
  const limits = { memoryBytes: 256 * MEBI, cores: 0.25, processes: 32 };
  const one = { name: "one", declared: limits, kernel: limits };
  const twin = {
    ...{ ...one, name: "twin-1", names: ["one"], why: null },
    proof: {
      memory: { peakBytes: 256 * MEBI, kills: 1 },
      quota: { cores: 0.25, throttledMs: 4000 },
      processes: { most: 32, refusals: 1 },
    },
  };
  const ofMemory = (memoryBytes: number) => ({
    evidence: { containers: [{ ...one, declared: { ...limits, memoryBytes } }] },
  });
  const proven = (proof: Partial<typeof twin.proof>) => ({
    evidence: { twins: [{ ...twin, proof: { ...twin.proof, ...proof } }] },
  });
  const untried = [{ evidence: { twins: [{ ...twin, kernel: null, proof: null, why: "it is elsewhere" }] } }];
  judgeEach(
    containerLimits,
    {
      evidence: { missing: [], containers: [one], twins: [twin], left: [] },
      ...{ named: [], stayed: [] },
    },
    {
      "every container that was named is there": { broken: [{ evidence: { missing: ["two"] } }] },
      "their limits were tried in a container of ours": {
        unknown: [...untried, { evidence: { containers: [] } }],
      },
      "each has limits of its memory, its processors and its processes": {
        broken: [{ memoryBytes: null }, { cores: null }, { processes: null }].map((change) => ({
          evidence: { containers: [{ ...one, declared: { ...limits, ...change } }] },
        })),
      },
      "each memory limit lies between {minMemory} and {maxMemory}": {
        broken: [ofMemory(255e6), ofMemory(8.1e9)],
        held: [ofMemory(256e6), ofMemory(8e9)],
      },
      "the kernel has each limit as the engine tells it": {
        broken: [
          { evidence: { containers: [{ ...one, kernel: { ...limits, memoryBytes: null } }] } },
          { evidence: { containers: [{ ...one, kernel: { ...limits, processes: 64 } }] } },
          { evidence: { twins: [{ ...twin, kernel: { ...limits, cores: 0.5 } }] } },
        ],
        // a group above may be tighter
        held: [{ evidence: { containers: [{ ...one, kernel: { ...limits, memoryBytes: 128 * MEBI } }] } }],
        skipped: [{ evidence: { containers: [{ ...one, kernel: null }], twins: [] } }],
      },
      "a probe is killed when it wants more memory than the limit": {
        broken: [
          proven({ memory: { peakBytes: 300 * MEBI, kills: 1 } }),
          proven({ memory: { peakBytes: 320 * MEBI, kills: 0 } }),
        ],
        unknown: [proven({ memory: { peakBytes: 200 * MEBI, kills: 0 } })],
        skipped: untried,
      },
      "a probe is kept to its quota of processors": {
        broken: [proven({ quota: { cores: 0.3, throttledMs: 10 } })],
        unknown: [proven({ quota: { cores: 0.2, throttledMs: 0 } })],
        skipped: untried,
      },
      "a probe is refused one more process than the limit": {
        broken: [proven({ processes: { most: 33, refusals: 0 } })],
        unknown: [proven({ processes: { most: 20, refusals: 0 } })],
        skipped: untried,
      },
      "no probe is left": { broken: [{ evidence: { left: ["a1b2"] } }] },
    },
  );
});
