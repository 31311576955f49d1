/** Several collectors at once over the same tests, and as many one after another. */
import { type Collected, collect, findCollector } from "./collect.ts";
import { layOut } from "./scale-collection.ts";
import { makePlainTests } from "./test-corpus.ts";

export interface ParallelOrder {
  readonly project: string;
  readonly collector: string | null;
  readonly files: number;
  readonly atOnce: number;
  readonly within: number;
  readonly fault: string | null;
  readonly mark: string;
  readonly signal: AbortSignal;
}

export interface Paralleled {
  readonly collector: string;
  readonly because: string;
  /** Why it cannot be had, or null. */
  readonly missing: string | null;
  readonly expected: number;
  readonly alone: readonly Collected[];
  readonly together: readonly Collected[];
  /** From the start of the first to the end of the last. */
  readonly aloneMs: number;
  readonly togetherMs: number;
}

export async function collectInParallel(order: ParallelOrder, makeFolder: () => string): Promise<Paralleled> {
  const { project, files, atOnce, within: withinMs } = order;
  const { collector, because } = findCollector(project, order.collector);
  const { corpus, tests } = makePlainTests(collector.dialect, files);
  const folder = await layOut(makeFolder(), corpus, order);
  const one = (name: string) => collect({ ...order, collector, folder, withinMs, name });
  const numbers = Array.from({ length: atOnce }, (_, number) => number);
  const nothing = {
    collector: collector.name,
    because,
    expected: collector.lists === "tests" ? tests : files,
  };
  // the first reads what no disk has in memory yet: it is not counted
  const first = await one("first");
  if (typeof first === "string")
    return { ...nothing, missing: first, alone: [], together: [], aloneMs: 0, togetherMs: 0 };
  const startMs = performance.now();
  const alone: (Collected | string)[] = [];
  for (const number of numbers) if (!order.signal.aborted) alone.push(await one(`alone-${number}`));
  const middleMs = performance.now();
  const together = await Promise.all(numbers.map((number) => one(`together-${number}`)));
  // one that was cut short says nothing
  const there = (some: readonly (Collected | string)[]) =>
    some.flatMap((each) => (typeof each === "string" || each.ended === "aborted" ? [] : [each]));
  return {
    ...nothing,
    missing: null,
    alone: there(alone),
    together: there(together),
    aloneMs: middleMs - startMs,
    togetherMs: performance.now() - middleMs,
  };
}
