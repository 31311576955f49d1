/** Has a collector list made-up tests: plain ones in several sizes, deep ones, circular ones. */
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { type Collected, collect, findCollector } from "./collect.ts";
import type { Collector } from "./collector.ts";
import { writeCorpus } from "./corpus.ts";
import { makeCircularTests, makeDeepTests, makePlainTests, type TestCorpus } from "./test-corpus.ts";

export interface ScaleOrder {
  readonly project: string;
  readonly collector: string | null;
  readonly files: readonly number[];
  readonly repeats: number;
  readonly folders: number;
  readonly circular: number;
  /** The project's own tests as well. */
  readonly own: boolean;
  readonly within: number;
  readonly deepWithin: number;
  readonly fault: string | null;
  readonly mark: string;
  readonly signal: AbortSignal;
}

export interface Scaled {
  readonly collector: string;
  readonly because: string;
  readonly lists: "tests" | "files";
  /** Why it cannot be had, or null. */
  readonly missing: string | null;
  readonly runs: readonly Run[];
}

export interface Run extends Omit<Collected, "names"> {
  readonly kind: "plain" | "deep" | "circular" | "own";
  readonly files: number;
  /** How many there are (of the project's own: were listed before), and how many it listed: of tests, or of files where it lists those. */
  readonly expected: number;
  readonly listed: number;
}

export async function scaleCollection(order: ScaleOrder, makeFolder: () => string): Promise<Scaled> {
  const { collector, because } = findCollector(order.project, order.collector);
  const { dialect, lists, name } = collector;
  const sizes = Array.from({ length: order.repeats }, () => order.files).flat();
  const todo: (readonly [Run["kind"], () => TestCorpus])[] = [
    ...sizes.map((size) => ["plain", () => makePlainTests(dialect, size)] as const),
    ["deep", () => makeDeepTests(dialect, order.folders)],
    ["circular", () => makeCircularTests(dialect, order.circular)],
  ];
  const runs: Run[] = [];
  for (const [index, [kind, make]] of todo.entries()) {
    const { corpus, files, tests } = make();
    const folder = await layOut(makeFolder(), corpus, order);
    const withinMs = kind === "deep" ? order.deepWithin : order.within;
    const collected = await collect({ ...order, collector, folder, withinMs, name: `${kind}-${index}` });
    if (typeof collected === "string") return { collector: name, because, lists, missing: collected, runs };
    // one that was cut short says nothing
    if (collected.ended === "aborted") return { collector: name, because, lists, missing: null, runs };
    const { names: listed, ...rest } = collected;
    runs.push({ kind, files, expected: lists === "tests" ? tests : files, listed, ...rest });
    if (collected.ended === "late") return { collector: name, because, lists, missing: null, runs };
  }
  if (order.own) runs.push(...(await listOwn(order, collector)));
  return { collector: name, because, lists, missing: null, runs };
}

/** Twice: nobody knows how many there are, but it is the same number both times. */
async function listOwn(order: ScaleOrder, collector: Collector): Promise<Run[]> {
  const runs: Run[] = [];
  for (const name of ["own-first", "own-second"]) {
    const { project, within: withinMs } = order;
    const collected = await collect({ ...order, collector, folder: project, withinMs, name });
    if (typeof collected === "string" || collected.ended === "aborted") break;
    const { names: listed, ...rest } = collected;
    runs.push({ kind: "own", files: 0, expected: runs[0]?.listed ?? listed, listed, ...rest });
  }
  return runs;
}

/** The project's packages are seen from there, too: a runner is imported by its tests. */
export async function layOut(
  folder: string,
  corpus: TestCorpus["corpus"],
  { project, signal }: { readonly project: string; readonly signal: AbortSignal },
): Promise<string> {
  await writeCorpus(folder, corpus, signal);
  if (!signal.aborted) await symlink(join(project, "node_modules"), join(folder, "node_modules"));
  return folder;
}
