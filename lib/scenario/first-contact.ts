/** One try before the load: what fails already there is more likely a wrong address or missing credentials than a broken server. */
import { setTimeout as delay } from "node:timers/promises";
import { TargetError } from "../target/target.ts";
import type { TargetRun } from "./target-run.ts";

/** Its phase, between the baseline's readings and the load. */
export const FIRST_VISIT = { label: "with one visit", lastsMs: 100 };

/** A process that has closed its connections because it dies is seen to be dead by then. */
const DEATH_MS = 500;
/** The server's own errors are for the load to see and to judge. */
const ITS_OWN = /\bHTTP 5\d\d$/;

/**
 * `tryIt` does once what the load will do all the time. Where it fails, and the target lives on, rejects with a TargetError: the
 * run is inconclusive. Of the reference hub the address is ours, so whatever fails is its own failure.
 */
export async function tryFirst(
  { isHub, running }: Pick<TargetRun, "isHub" | "running">,
  tryIt: () => Promise<unknown>,
): Promise<void> {
  if (isHub) return;
  const failure = await tryIt().then(
    () => null,
    ({ message }: Error) => message,
  );
  if (failure === null || ITS_OWN.test(failure)) return;
  const over = new AbortController();
  await Promise.race([running.ended, delay(DEATH_MS, null, { signal: over.signal }).catch(() => {})]);
  over.abort();
  if (!running.alive) return;
  throw new TargetError(
    `The load cannot reach ${running.name}: expected an answer from ${withoutQuery(running.url)}, got ${failure}; see --target-url, --header and --token`,
  );
}

/** A token may stand there. */
function withoutQuery(url: string | null): string {
  return url?.replace(/\?.*$/s, "?…") ?? "nowhere";
}
