#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Prints who imports whom in a project: its cycles for people, the whole graph for programs. */
import { EXIT } from "../lib/report/verdict.ts";
import { importOptions } from "../lib/scenario/import-options.ts";
import { isProgram } from "../lib/scenario/main.ts";
import type { Values } from "../lib/scenario/option.ts";
import { runProgram, tellFailure } from "../lib/scenario/program.ts";
import { choice } from "../lib/scenario/text-options.ts";
import type { When } from "../lib/source/import.ts";
import type { ImportGraph } from "../lib/source/import-graph.ts";

const options = {
  ...importOptions,
  as: choice(["cycles", "json", "dot"], {
    default: "cycles",
    help: "cycles and where to cut, a line each; all modules and imports as one JSON document; or a graph for Graphviz",
  }),
};

const program = {
  file: "scripts/import-graph.ts",
  usage:
    "scripts/import-graph.ts [options]\n\nPrints who imports whom in a project, on standard output. What could not be read is told on standard error.\nExit codes: 0 read, 2 usage. scripts/import-cycles.ts judges the same, with limits and a report.",
  options,
  run,
};

async function run({ project, exclude, follow, as }: Values<typeof options>): Promise<number> {
  const { readImportGraph } = await import("../lib/source/import-graph.ts");
  const graph = await readImportGraph(project, { exclude });
  const arrows = graph.arrows.filter(({ when }) => follow.includes(when));
  for (const line of graph.unread) console.error(line);
  if (as === "json") print(JSON.stringify({ ...graph, arrows }));
  else if (as === "dot") print(toDot({ ...graph, arrows }));
  else print(await tellCycles({ ...graph, arrows }, follow));
  return EXIT.pass;
}

async function tellCycles(graph: ImportGraph, follow: readonly When[]): Promise<string> {
  const { summarize } = await import("../lib/source/survey.ts");
  const { tellCut, tellCycle } = await import("../lib/source/cycle-text.ts");
  const { cycles, cuts } = summarize(graph, follow);
  const { modules, arrows } = graph;
  const sum = `${modules.length} modules, ${arrows.length} imports, ${cycles.length} cycles`;
  return [...cycles.map(tellCycle), ...cuts.map((cut) => `cut ${tellCut(cut)}`), sum].join("\n");
}

function print(text: string) {
  process.stdout.write(`${text}\n`);
}

function toDot({ modules, arrows }: Pick<ImportGraph, "modules" | "arrows">): string {
  const name = (module: number) => JSON.stringify(modules[module]);
  const lines = new Set(arrows.map(({ from, to }) => `  ${name(from)} -> ${name(to)};`));
  return ["digraph imports {", "  rankdir=LR;", ...lines, "}"].join("\n");
}

if (isProgram(import.meta))
  process.exitCode = await runProgram(program, process.argv.slice(2)).catch(tellFailure);
