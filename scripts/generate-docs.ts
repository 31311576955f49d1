#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Writes what is generated from scenarios, faults and schemas: README tables, Deno tasks, JSON Schemas. `--check` only compares. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { escapedTable, escapeMarkdown, markdownTable } from "../lib/report/markdown-text.ts";
import {
  findingOf,
  groupHealthy,
  HEALTHY_HEADER,
  judgeMatrix,
  type Matrix,
  matrixSchema,
  outcomeOfRow,
} from "../lib/report/matrix.ts";
import { reportSchema } from "../lib/report/report.ts";
import { suiteSchema } from "../lib/report/suite.ts";
import { type Discovered, discoverScenarios } from "../lib/scenario/discover.ts";
import { isProgram } from "../lib/scenario/main.ts";
import { GROUPS, ownSentences } from "../lib/scenario/sentences.ts";
import { targetFileSchema } from "../lib/target/target-file.ts";
import { ALL_FAULTS } from "../targets/faults.ts";

const ROOT = new URL("../", import.meta.url);
/** Reports of runs of the matrix, as they were. */
const MATRICES = "bench/fault-matrix/";

/** What each generated file should hold, by its path. */
export async function generate(): Promise<Map<string, string>> {
  const scenarios = await discoverScenarios(new URL("scripts/", ROOT));
  const tables = { scenarios: scenarioTable(scenarios), faults: faultTables() };
  return new Map([
    ["README.md", fillMarkers(read("README.md"), tables)],
    ["deno.json", toJson({ ...JSON.parse(read("deno.json")), tasks: denoTasks(scenarios) })],
    ["lib/report/report.schema.json", toJson(z.toJSONSchema(reportSchema))],
    ["lib/report/matrix.schema.json", toJson(z.toJSONSchema(matrixSchema))],
    ["lib/report/suite.schema.json", toJson(z.toJSONSchema(suiteSchema))],
    ["lib/target/target.schema.json", toJson(z.toJSONSchema(targetFileSchema))],
  ]);
}

if (isProgram(import.meta)) process.exit(await run(process.argv.slice(2)));

async function run(words: readonly string[]): Promise<number> {
  const strangers = words.filter((word) => word !== "--check");
  if (strangers.length > 0) {
    console.error(`Cannot take "${strangers.join(" ")}": expected nothing, or --check`);
    return 2;
  }
  const stale = [...(await generate())].filter(([path, text]) => !holds(path, text));
  if (words.length === 0) for (const [path, text] of stale) writeFileSync(new URL(path, ROOT), text);
  for (const [path] of stale)
    console.error(words.length === 0 ? `wrote ${path}` : `${path} is stale: make docs`);
  return words.length > 0 && stale.length > 0 ? 1 : 0;
}

/** A row a scenario: what it does, and what it promises. */
function scenarioTable(scenarios: readonly Discovered[]): string {
  const rows = scenarios.map(({ name, scenario }) => [
    `[\`${name}\`](scripts/${name}.ts)`,
    scenario.summary,
    GROUPS.flatMap((group) => ownSentences(scenario, group)).join("; "),
  ]);
  return markdownTable(["Scenario", "What it does", "What must be true"], rows);
}

/** What is planted in the hub, and what came of it when each scenario was last run against all of it. */
function faultTables(): string {
  const reports = readMatrices();
  const scenarios = [...new Set(Object.values(ALL_FAULTS).map(({ scenario }) => scenario))];
  const last = scenarios.map((scenario) => {
    const report = reports.find(({ rows }) => rows.some((row) => row.scenario === scenario));
    if (!report) throw new Error(`Cannot tell of ${scenario}: expected a run of it in ${MATRICES}`);
    return {
      day: report.startedAt.slice(0, 10),
      rows: report.rows.filter((row) => row.scenario === scenario),
    };
  });
  const rows = last.flatMap((each) => each.rows);
  const days = [...new Set(last.map(({ day }) => day))].join(" and ");
  const faults = Object.entries(ALL_FAULTS).map(([name, { scenario, breaks }]) => {
    const tried = rows.filter((row) => row.planted === "fault" && row.name === name);
    const told = tried.map((row) => `${outcomeOfRow(row)}: ${findingOf(row)}`);
    return [`\`${scenario}\``, `\`${name}\``, escapeMarkdown(breaks), escapeMarkdown(told.join("; "))];
  });
  return [
    `When last run (\`--smoke --runs 20 --behaviour-runs 3\`, ${days}, a virtual machine with two cores): ${judgeMatrix(rows).sentence}`,
    markdownTable(["Scenario", "Fault", "What it breaks", "What it said"], faults),
    escapedTable({ header: HEALTHY_HEADER, rows: groupHealthy(rows) }),
  ].join("\n\n");
}

/** The newest first. */
function readMatrices(): Matrix[] {
  return readdirSync(new URL(MATRICES, ROOT))
    .map((name) => matrixSchema.parse(JSON.parse(read(`${MATRICES}${name}`))))
    .sort((one, other) => other.startedAt.localeCompare(one.startedAt));
}

function denoTasks(scenarios: readonly Discovered[]): Record<string, string> {
  const tasks = scenarios.map(({ name, scenario }) => {
    const environment = Object.entries(scenario.environment ?? {}).map(([key, value]) => `${key}=${value} `);
    return [name, `${environment.join("")}deno run -A scripts/${name}.ts`];
  });
  const suites = ["fault-matrix", "stress-all"].map((name) => [name, `deno run -A scripts/${name}.ts`]);
  return Object.fromEntries([...tasks, ...suites]);
}

/** Puts each text between its two comments, `<!-- name -->` and `<!-- /name -->`. */
function fillMarkers(document: string, texts: Readonly<Record<string, string>>): string {
  return Object.entries(texts).reduce((filled, [name, text]) => {
    const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [from, to] = [filled.indexOf(start), filled.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`Cannot fill README.md: expected ${start} and ${end}`);
    return `${filled.slice(0, from + start.length)}\n\n${text}\n\n${filled.slice(to)}`;
  }, document);
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** One that is not there yet holds nothing. */
function holds(path: string, text: string): boolean {
  return existsSync(new URL(path, ROOT)) && read(path) === text;
}

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), "utf8");
}
