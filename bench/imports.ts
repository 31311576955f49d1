#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Reads the imports of large public packages with Proofload and its peers in turn, whole processes: exit 0 when every target is reached, else 1. */
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Contest, Contestant, Figures } from "./contest.ts";
import { descendants } from "./processes.ts";
import { runBench } from "./program.ts";
import type { Workbench } from "./workbench.ts";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const PACKAGES = join(ROOT, ".packages/node_modules");
const ICONS = join(ROOT, ".peers/node_modules/@mui/icons-material");
const NODE_24 = join(ROOT, ".runtimes/node_modules/.bin/node");

const program = {
  file: "bench/imports.ts",
  about: [
    "Reads who imports whom in large public packages: Proofload's scripts/import-graph.ts as npm packs it, beside madge,",
    "dependency-cruiser and skott, and beside the limit: reading, parsing and resolving every file once on one thread.",
    "Whole processes, from their start to their end; a peer that did not find the imports is not compared with.",
  ],
  contests: {
    three: contestOf("three", join(PACKAGES, "three/src"), { least: 1500 }),
    antd: contestOf("antd", join(PACKAGES, "antd/es"), { least: 1500 }),
    icons: contestOf("icons", ICONS, { least: 43_000, isLarge: true }),
    "icons-esm": contestOf("icons-esm", ICONS, { least: 21_000, isLarge: true, leaveOut: /\.js$/ }),
  },
  folderHelp: "where copies of the packages are made, in a private folder",
};

interface Size {
  /** So many imports between its modules are there at least; who tells fewer has not read them. */
  readonly least: number;
  /** 10 000 files and more: a factor beside the peers is asked for. */
  readonly isLarge?: boolean;
  /** Files that are not copied, beside declarations of types. */
  readonly leaveOut?: RegExp;
}

function contestOf(name: string, source: string, size: Size) {
  return (bench: Workbench) => contestImports(bench, name, source, size);
}

function contestImports(
  bench: Workbench,
  name: string,
  source: string,
  { least, isLarge = false, leaveOut }: Size,
): Contest {
  const missing = existsSync(source) ? null : `no ${source}: make packages peers`;
  const project = join(bench.folder, name);
  const isRead = (path: string) => !/\.d\.[cm]?ts$/.test(path) && leaveOut?.test(path) !== true;
  if (missing === null)
    // madge reads nothing whose path holds node_modules
    cpSync(source, project, { recursive: true, filter: isRead });
  const program = (
    command: string,
    words: () => readonly string[] | Promise<readonly string[]>,
    count: (output: string) => number,
  ): Contestant => ({
    missing: missing ?? (existsSync(command) ? null : `no ${command}: make runtimes packages`),
    measure: async () => measure(bench, command, await words(), (output) => assertRead(count(output), least)),
  });
  const arrows = (output: string) => parse(output).arrows.length;
  const ofLists = (lists: Readonly<Record<string, readonly unknown[]>>) =>
    Object.values(lists).reduce((sum, { length }) => sum + length, 0);
  const ofModules = (output: string) =>
    (parse(output).modules as { dependencies: unknown[] }[]).reduce(
      (sum, one) => sum + one.dependencies.length,
      0,
    );
  const row = (figure: string, unit: string, peer: string, atMost?: number) => ({
    ...{
      work: `${name}: ${unit} beside ${peer}`,
      figure,
      unit,
      ours: "proofload",
      peers: [peer],
    },
    ...(atMost !== undefined && { target: { of: "ratio", atMost } as const }),
  });
  return {
    name,
    contestants: {
      proofload: program(
        process.execPath,
        async () => [await ours(bench), "--project", project, "--as", "json"],
        arrows,
      ),
      limit: program(process.execPath, () => [join(ROOT, "bench/import-limit.mjs"), project], Number),
      // it ends before a pipe has taken all that it says: a file takes it at once
      madge: program(
        "/bin/sh",
        () => [
          ...["-c", 'out="$0"; "$@" > "$out" && cat "$out"', join(bench.folder, "madge.json")],
          ...[process.execPath, join(PACKAGES, "madge/bin/cli.js")],
          ...["--extensions", "js,mjs", "--json", project],
        ],
        (output) => ofLists(parse(output)),
      ),
      "dependency-cruiser": program(
        NODE_24,
        () => [
          ...[join(PACKAGES, "dependency-cruiser/bin/dependency-cruiser.mjs"), "--config"],
          ...[join(ROOT, "test/fixtures/circular-rule.cjs"), "--output-type", "json", project],
        ],
        ofModules,
      ),
      skott: program(
        NODE_24,
        () => [join(ROOT, "bench/import-skott.mjs"), project, join(PACKAGES, "skott/dist/index.js")],
        Number,
      ),
    },
    rows: [
      row("ms", "ms", "limit", 1.5),
      row("ms", "ms", "madge", isLarge ? 0.5 : undefined),
      row("ms", "ms", "dependency-cruiser", isLarge ? 1 / 8 : undefined),
      row("ms", "ms", "skott"),
      row("peakBytes", "bytes", "madge", 1),
      row("peakBytes", "bytes", "dependency-cruiser", 1),
      row("peakBytes", "bytes", "skott", 1),
    ],
  };
}

/** From the first brace on: some say hello before. */
function parse(output: string) {
  return JSON.parse(output.slice(output.indexOf("{"), output.lastIndexOf("}") + 1));
}

function assertRead(imports: number, least: number): void {
  if (imports < least) throw new Error(`it found ${imports} imports, at least ${least} are there`);
}

const LOOK_MS = 5;

/** The most memory is what the kernel saw (VmHWM), as of a few milliseconds before the end. */
async function measure(
  bench: Workbench,
  command: string,
  words: readonly string[],
  check: (output: string) => void,
): Promise<Figures> {
  const child = bench.start(command, words);
  let peakBytes = 0;
  const look = setInterval(() => {
    peakBytes = Math.max(peakBytes, ...[child.pid, ...descendants(child.pid)].map(highWater));
  }, LOOK_MS);
  try {
    const { output, wallMs } = await child.ended;
    check(output);
    return { ms: wallMs, peakBytes };
  } finally {
    clearInterval(look);
  }
}

/** 0 for a process that is gone. */
function highWater(pid: number): number {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0;
    return Number(kib) * 1024;
  } catch {
    return 0;
  }
}

let built: Promise<string> | null = null;

/** The program as npm packs it: JavaScript, which needs no loader. */
function ours(bench: Workbench): Promise<string> {
  built ??= build(bench, join(bench.folder, "package"));
  return built;
}

async function build(bench: Workbench, folder: string): Promise<string> {
  const project = join(ROOT, "tsconfig.package.json");
  await bench.run(join(ROOT, "node_modules/.bin/tsc"), ["-p", project, "--outDir", join(folder, "dist")]);
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), readFileSync(join(ROOT, "package.json")));
  return join(folder, "dist/scripts/import-graph.js");
}

process.exitCode = await runBench(program, process.argv.slice(2));
