/** A command line that is refused: every mistake on its line, exit code 2, and nothing made or started. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { QUICKEST, run } from "./command.ts";

/** A line on stderr each, in this order. */
export type Mistakes = readonly (string | RegExp)[];

/** Runs it on reports in `dir`, where nothing may be made, and expects these mistakes, each on its line. */
export async function refuse(
  script: string,
  dir: string,
  words: readonly string[],
  mistakes: Mistakes,
  environment: Record<string, string> = {},
  runtime = QUICKEST,
) {
  const before = readdirSync(dir);
  const out = words.includes("--out") ? [] : ["--out", join(dir, "reports")];
  const filled = [...words.map((word) => word.replaceAll("{dir}", dir)), ...out];
  const ended = await run(`scripts/${script}.ts`, filled, runtime, environment);
  const lines = ended.stderr.trimEnd().split("\n");
  assert.equal(lines.length, mistakes.length + 1, ended.stderr);
  for (const [index, mistake] of mistakes.entries()) {
    if (typeof mistake === "string") assert.equal(lines[index], mistake);
    else assert.match(lines[index] ?? "", mistake);
  }
  assert.equal(lines.at(-1), `See: scripts/${script}.ts --help`);
  assert.equal(ended.code, 2);
  assert.equal(ended.stdout, "");
  assert.deepEqual(readdirSync(dir), before);
}
