/** stress-ng as a peer: whether it is here, how it is started, and what it says of itself. */
import { spawnSync } from "node:child_process";
import type { Child, Workbench } from "./workbench.ts";

export interface StressNg {
  /** Why it cannot be a peer here. */
  readonly missing: string | null;
  start(words: readonly string[]): Child;
  /** Runs it to its end and answers how long it says that its work took, by its own clock. */
  realSeconds(words: readonly string[]): Promise<number>;
}

/** "metrc: [12071] hdd  32768  4.75  0.82 …": the stressor, its bogo operations, the seconds that passed. */
const METRICS = /metrc: \[\d+\] \S+ +\d+ +(\d+\.\d+) +\d+\.\d+ /;

export function stressNg(bench: Workbench): StressNg {
  const missing =
    spawnSync("stress-ng", ["--version"]).status === 0 ? null : "no stress-ng (Debian package stress-ng)";
  // its own end of a run that the bench forgot
  const common = ["--timeout", "60", "--temp-path", bench.folder];
  return {
    missing,
    start: (words) => bench.start("stress-ng", [...words, ...common]),
    async realSeconds(words) {
      const { output } = await bench.run("stress-ng", [...words, ...common, "--metrics"]);
      const seconds = Number(METRICS.exec(output)?.[1]);
      if (seconds > 0) return seconds;
      throw new Error(`Cannot read stress-ng's metrics: expected ${METRICS}, got "${output.trim()}"`);
    },
  };
}
