/** Interrupts a collection as a terminal does, and has the same tests listed again. */
import type { ChildProcess } from "node:child_process";
import { readdir } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { type Collected, collect, findCollector } from "./collect.ts";
import { layOut } from "./scale-collection.ts";
import { makePlainTests } from "./test-corpus.ts";

export interface InterruptOrder {
  readonly project: string;
  readonly collector: string | null;
  readonly files: number;
  readonly after: number;
  readonly grace: number;
  readonly within: number;
  readonly fault: string | null;
  readonly mark: string;
  readonly signal: AbortSignal;
}

export interface Interrupted {
  readonly collector: string;
  readonly because: string;
  /** Why it cannot be had, or null. */
  readonly missing: string | null;
  readonly expected: number;
  /** The list that nobody disturbed, and the one after the interruption. */
  readonly undisturbed: Collected | null;
  readonly afterwards: Collected | null;
  /** When SIGINT came, after the start; null where the collection had ended before. */
  readonly interruptedAfterMs: number | null;
  /** From SIGINT to the end; null where it did not end. */
  readonly endedWithinMs: number | null;
  /** It listed everything all the same, and ended as if nothing had been. */
  readonly wentOn: boolean;
  readonly left: readonly string[];
  /** Locks that were not there before, by name. */
  readonly locks: readonly string[];
}

/**
 * Of what the undisturbed one took: in the midst of it, where that is sooner than was asked for. That one was the first, and
 * may have taken longer than the next: who came too late comes earlier.
 */
const IN_THE_MIDST = [0.6, 0.3, 0.15] as const;

export async function interruptCollection(order: InterruptOrder, folder: string): Promise<Interrupted> {
  const { project, files, within: withinMs, signal } = order;
  const { collector, because } = findCollector(project, order.collector);
  const { corpus, tests } = makePlainTests(collector.dialect, files);
  await layOut(folder, corpus, order);
  const one = (name: string, more: object = {}) =>
    collect({ ...order, collector, folder, withinMs, name, ...more });
  const undisturbed = await one("undisturbed", { fault: null });
  const about = {
    ...{ collector: collector.name, because, expected: collector.lists === "tests" ? tests : files },
    ...{ missing: null, undisturbed: null, afterwards: null, interruptedAfterMs: null, endedWithinMs: null },
    ...{ wentOn: false, left: [], locks: [] },
  };
  if (typeof undisturbed === "string") return { ...about, missing: undisturbed };
  const before = new Set(await readdir(folder));
  async function interruptAt(afterMs: number) {
    let sentMs: number | null = null;
    const onStart = (child: ChildProcess) =>
      void delay(afterMs).then(() => {
        if (child.exitCode !== null || child.pid === undefined || signal.aborted) return;
        sentMs = performance.now();
        // a terminal sends it to the whole group
        process.kill(-child.pid, "SIGINT");
      });
    const startMs = performance.now();
    const interrupted = await one("interrupted", { onStart, withinMs: afterMs + order.grace });
    return { interrupted, startMs, sentMs };
  }

  // who has listed everything when it ends him was on his way out
  const cameTooLate = ({ interrupted, sentMs }: Awaited<ReturnType<typeof interruptAt>>) =>
    sentMs === null ||
    (typeof interrupted !== "string" &&
      interrupted.exitCode !== 0 &&
      interrupted.digest === undisturbed.digest);
  const [first, ...earlier] = IN_THE_MIDST.map((share) => Math.min(order.after, undisturbed.tookMs * share));
  let tried = await interruptAt(first ?? 0);
  for (const afterMs of earlier)
    if (cameTooLate(tried) && !signal.aborted) tried = await interruptAt(afterMs);
  const { interrupted, startMs, sentMs } = tried;
  if (typeof interrupted === "string") return { ...about, missing: interrupted };
  const endedMs = startMs + interrupted.tookMs;
  const locks = (await readdir(folder)).filter((name) => !before.has(name) && /lock|\.pid$/i.test(name));
  const afterwards = await one("afterwards");
  return {
    ...about,
    undisturbed,
    afterwards: typeof afterwards === "string" ? null : afterwards,
    interruptedAfterMs: sentMs === null ? null : sentMs - startMs,
    endedWithinMs: sentMs === null || interrupted.ended !== "by itself" ? null : endedMs - sentMs,
    wentOn: interrupted.exitCode === 0 && interrupted.digest === undisturbed.digest,
    left: interrupted.left,
    locks,
  };
}
