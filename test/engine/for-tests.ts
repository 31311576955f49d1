/** An engine for the tests of one file, which every command that they start finds by DOCKER_HOST. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { skipReason } from "../command.ts";
import { engineMissing, hostOf, startEngine, stopEngine, tellToEnd } from "./daemon.ts";

/** Up before the tests, and away after them. Where there can be none, scenarios skip themselves. */
export function useEngine(): void {
  if (skipReason(engineMissing())) return;
  const folder = mkdtempSync(join(tmpdir(), "proofload-test-engine-"));
  before(async () => {
    await startEngine(folder);
    process.env.DOCKER_HOST = hostOf(folder);
  });
  after(() => stopEngine(folder));
  // whoever is told to end has no time for what comes after
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      tellToEnd(folder);
      process.exit(1);
    });
}
