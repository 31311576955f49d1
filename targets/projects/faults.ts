/** What can be planted in a project that is made up: faults, which a scenario has to find, and what only looks like one. */
import type { Fault, Planted } from "../hub/faults.ts";

const cost = (breaks: string) => ({ scenario: "import-cost" as const, breaks, caughtBy: "times as long" });
const reload = (breaks: string) => ({
  scenario: "import-reload" as const,
  breaks,
  caughtBy: "grows by less",
});
const deadlock = (breaks: string) => ({
  scenario: "import-deadlock" as const,
  breaks,
  caughtBy: "nobody waits for somebody",
});
const scale = (breaks: string, caughtBy: string) => ({
  scenario: "collection-scale" as const,
  breaks,
  caughtBy,
});
const parallel = (breaks: string, caughtBy: string) => ({
  ...{ scenario: "collection-parallel" as const, breaks, caughtBy },
});
const interrupted = (breaks: string, caughtBy: string) => ({
  ...{ scenario: "collection-interruption" as const, breaks, caughtBy },
});
const cycles = (breaks: string, caughtBy: string) => ({
  scenario: "import-cycles" as const,
  breaks,
  caughtBy,
});
const noCycle = (breaks: string) => ({ scenario: "import-cycles" as const, breaks });

export const PROJECT_FAULTS = {
  "import-cycle": cycles("three modules import each other in a ring", "cycles"),
  "re-export-cycle": cycles("a module imports from the index that re-exports it", "cycles"),
  "dynamic-cycle": cycles("a module is imported by import() of one that it imports", "cycles"),
  "require-cycle": cycles("a function requires the module that requires its own", "cycles"),
  "python-cycle": cycles("a package imports a module that imports the package", "cycles"),
  "long-cycle": cycles("a cycle leads through eight modules", "longer than"),
  "broken-file": cycles("a file is no TypeScript", "could be read and parsed"),

  "slow-esm-circle": cost("an ES module in a circle keeps busy for 20 ms while it is imported"),
  "slow-cjs-circle": cost("a CommonJS module in a circle does"),
  "slow-python-circle": cost("a Python module in a circle does"),

  "cjs-kept": reload("64 KiB of each load of CommonJS modules stay"),
  "esm-kept": reload("64 KiB of each thread with ES modules stay"),

  "threads-deadlock": deadlock("each module takes its own lock, then its neighbour's"),
  "awaits-deadlock": deadlock("three ES modules await the import() of each other"),
  "python-deadlock": deadlock("a Python module imports under a lock that the imported one takes"),

  "misses-files": scale("the collector leaves out one file in fifty", "every test is listed"),
  "counts-twice": scale("the collector lists every test twice", "every test is listed"),
  hangs: scale("the collector never ends", "every collection ends"),
  "leaves-process": scale("the collector leaves a process behind", "no process of it is left"),
  "keeps-memory": scale("the collector keeps 1 MiB for each file", "each file more takes"),
  "locks-others-out": parallel("a collector fails where another is at work", "all succeed"),
  "counts-by-chance": parallel("a collector beside others leaves out files", "each lists the same"),
  "waits-for-others": parallel("a collector beside others takes much longer", "no slower than"),

  "ignores-sigint": interrupted("SIGINT does not end the collector", "SIGINT ends it"),
  "orphan-on-sigint": interrupted(
    "SIGINT ends the collector, and leaves a process",
    "no process of it is left",
  ),
  "breaks-cache": interrupted(
    "an interrupted collection leaves half a cache, which the next one believes",
    "is complete",
  ),
  "lock-on-sigint": interrupted("an interrupted collection leaves its lock file", "no lock is left"),
  "slows-down": scale("each file takes as long as there are files", "at most in step"),
} as const satisfies Record<string, Fault>;

export const PROJECT_BEHAVIOURS = {
  "type-only-cycle": noCycle("two modules import types of each other: nothing at run time"),
  "type-checking-cycle": noCycle("a Python module imports under TYPE_CHECKING what imports it"),
} as const satisfies Record<string, Planted>;
