/** Visits that go on, one after another, while something else is done: whether they are welcome all the while. */
import { setTimeout as delay } from "node:timers/promises";
import { add, type Tally } from "../clients/tally.ts";
import { createVisitor } from "../clients/visitor.ts";
import type { Introduction } from "./credentials.ts";

export interface VisitSettings extends Introduction {
  /** Each publishes an event, at a hub; else each opens a connection and closes it. */
  readonly publishes: boolean;
  readonly everyMs: number;
}

export interface Visits {
  readonly made: number;
  /** By what went wrong. */
  readonly failed: Tally;
}

export async function visitMeanwhile<T>(
  { url, headers, publishes, everyMs }: VisitSettings,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly visits: Visits }> {
  const visitor = createVisitor({ url, headers, events: publishes ? { count: 1, everyMs } : null });
  const failed: Record<string, number> = {};
  const over = new AbortController();
  let made = 0;
  const visiting = (async () => {
    while (!over.signal.aborted) {
      await visitor.visit().catch((error: Error) => add(failed, error.message));
      made++;
      await delay(everyMs, undefined, { signal: over.signal }).catch(() => {});
    }
  })();
  try {
    return { result: await work(), visits: { made, failed } };
  } finally {
    over.abort();
    await visiting;
    await visitor.close();
  }
}
