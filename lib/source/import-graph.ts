/** The graph of who imports whom in a project: its files are read on worker threads, where there are enough of them. */
import { realpathSync } from "node:fs";
import { availableParallelism } from "node:os";
import { relative } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { toAdjacency } from "./components.ts";
import type { When } from "./import.ts";
import { findProjectFiles } from "./project-files.ts";
import {
  type Batch,
  createReader,
  type FileRead,
  isSource,
  type Link,
  type ReadBatch,
} from "./read-files.ts";
import { runOnThreads } from "./threads.ts";

/** One import, between modules by their numbers. */
export interface Arrow extends Omit<Link, "to"> {
  readonly from: number;
  readonly to: number;
}

export interface ImportGraph {
  /** Paths from the project's folder, ascending. */
  readonly modules: readonly string[];
  /** In the order of modules and lines. */
  readonly arrows: readonly Arrow[];
  /** Files and folders that could not be read, and why, a line each. */
  readonly unread: readonly string[];
  /** Imports that lead nowhere, a line each. */
  readonly missing: readonly string[];
  /** What was passed over on purpose, and how often. */
  readonly passedOver: Readonly<Record<string, number>>;
  /** Threads that read files: 1 where it was this one. */
  readonly threads: number;
}

/** A thread has to load the parsers, and has memory of its own: measured, so much work makes up for it. */
const WORK_WORTH_A_THREAD = 8000;
/** The parser of Python is written in JavaScript, that of JavaScript in Rust. */
const WORK_OF_PYTHON = 10;
/** Small enough that no thread is left alone with the last one, large enough that each knows its neighbours. */
const FILES_AT_A_TIME = 250;

export interface Reading {
  readonly exclude?: readonly string[];
}

/** `project`: an existing folder. */
export async function readImportGraph(project: string, { exclude = [] }: Reading = {}): Promise<ImportGraph> {
  const root = realpathSync(project);
  const { files, amiss, passedOver } = findProjectFiles(root, isSource, exclude);
  const work = files.reduce((sum, path) => sum + (path.endsWith(".py") ? WORK_OF_PYTHON : 1), 0);
  const threads = Math.max(1, Math.min(availableParallelism(), Math.floor(work / WORK_WORTH_A_THREAD)));
  const batches = toBatches(files, root);
  const reads = threads > 1 ? await readOnThreads(batches, threads) : await readHere(batches, root);
  const shorten = createShortener(root);
  return {
    modules: files.map(shorten),
    arrows: connect(files, reads),
    unread: [
      ...amiss.map((line) => line.replace(`${root}/`, "")),
      ...reads.flatMap(({ path, wrong }) => (wrong === null ? [] : [`${shorten(path)}: ${wrong}`])),
    ],
    missing: reads.flatMap(({ path, missing }) => missing.map((line) => `${shorten(path)}, ${line}`)),
    passedOver,
    threads,
  };
}

function toBatches(files: readonly string[], root: string): Batch[] {
  return Array.from({ length: Math.ceil(files.length / FILES_AT_A_TIME) }, (_, index) => ({
    root,
    files: files.slice(index * FILES_AT_A_TIME, (index + 1) * FILES_AT_A_TIME),
  }));
}

async function readOnThreads(batches: readonly Batch[], threads: number): Promise<FileRead[]> {
  return (await runOnThreads<ReadBatch>("read-imports", batches, { threads })).flat();
}

async function readHere(batches: readonly Batch[], root: string): Promise<FileRead[]> {
  const read = createReader(root);
  const reads: FileRead[] = [];
  for (const { files } of batches) {
    reads.push(...(await read(files)));
    // what a parser holds outside of JavaScript's heap is freed between two turns of the event loop
    await nextTurn();
  }
  return reads;
}

/** Answers the path from a folder: of nearly all files it is the rest of their own. */
function createShortener(folder: string): (path: string) => string {
  const before = `${folder}/`;
  return (path) => (path.startsWith(before) ? path.slice(before.length) : relative(folder, path));
}

/** What lies outside the project is nobody in its graph. */
function connect(files: readonly string[], reads: readonly FileRead[]): Arrow[] {
  const numbers = new Map(files.map((path, number) => [path, number]));
  const arrows: Arrow[] = [];
  for (const [from, { links }] of reads.entries())
    for (const { to: path, specifier, line, when, conditional } of links) {
      const to = numbers.get(path);
      if (to !== undefined && to !== from) arrows.push({ from, to, specifier, line, when, conditional });
    }
  return arrows;
}

/** The graph of the imports that are carried out at these times. */
export function followersOf({ modules, arrows }: ImportGraph, when: ReadonlySet<When>) {
  const followed = arrows.filter((arrow) => when.has(arrow.when));
  return toAdjacency(
    modules.length,
    followed.map(({ from, to }) => [from, to] as const),
  );
}
