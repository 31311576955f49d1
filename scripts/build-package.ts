#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Builds what npm packs: JavaScript with its types, since a runtime that strips types does not do so below node_modules. */
import { spawnSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isProgram } from "../lib/scenario/main.ts";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
/** What is read at run time and is no TypeScript. */
const AS_THEY_ARE = [
  "lib/source/list-node-tests.mjs",
  "lib/source/reload.mjs",
  "lib/target/probe.mjs",
  "lib/report/live/browser.js",
];

if (isProgram(import.meta)) process.exitCode = build();

function build(): number {
  const dist = join(ROOT, "dist");
  rmSync(dist, { recursive: true, force: true });
  const compiler = join(ROOT, "node_modules/.bin/tsc");
  const { status } = spawnSync(compiler, ["-p", join(ROOT, "tsconfig.package.json")], { stdio: "inherit" });
  if (status !== 0) return status ?? 1;
  for (const file of AS_THEY_ARE) cpSync(join(ROOT, file), join(dist, file));
  return 0;
}
