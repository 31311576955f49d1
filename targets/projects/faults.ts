/** What can be planted in a project that is made up: faults, which a scenario has to find, and what only looks like one. */
import type { PlantedCycle } from "../../lib/source/corpus.ts";
import type { Fault, Planted } from "../hub/faults.ts";

const cycles = (breaks: string, caughtBy: string) => ({ scenario: "import-cycles", breaks, caughtBy });
const noCycle = (breaks: string) => ({ scenario: "import-cycles", breaks });

export const PROJECT_FAULTS = {
  "import-cycle": cycles("three modules import each other in a ring", "cycles"),
  "re-export-cycle": cycles("a module imports from the index that re-exports it", "cycles"),
  "dynamic-cycle": cycles("a module is imported by import() of one that it imports", "cycles"),
  "require-cycle": cycles("a function requires the module that requires its own", "cycles"),
  "python-cycle": cycles("a package imports a module that imports the package", "cycles"),
  "long-cycle": cycles("a cycle leads through eight modules", "longer than"),
  "broken-file": cycles("a file is no TypeScript", "could be read and parsed"),
} as const satisfies Partial<Record<PlantedCycle, Fault>>;

export const PROJECT_BEHAVIOURS = {
  "type-only-cycle": noCycle("two modules import types of each other: nothing at run time"),
  "type-checking-cycle": noCycle("a Python module imports under TYPE_CHECKING what imports it"),
} as const satisfies Partial<Record<PlantedCycle, Planted>>;
