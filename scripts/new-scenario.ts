#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Starts a scenario, as a copy of the simplest there is: `new-scenario.ts thing-effect`. */
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { isProgram } from "../lib/scenario/main.ts";

const SIMPLEST = new URL("./descriptor-exhaustion.ts", import.meta.url);

if (isProgram(import.meta)) process.exit(run(process.argv.slice(2)));

function run(words: readonly string[]): number {
  const [name = ""] = words;
  if (words.length !== 1 || !/^[a-z]+(-[a-z]+)+$/.test(name)) {
    console.error(
      `Cannot start a scenario: expected one name of the form thing-effect, got "${words.join(" ")}"`,
    );
    return 2;
  }
  const file = new URL(`./${name}.ts`, import.meta.url);
  try {
    writeFileSync(file, readFileSync(SIMPLEST), { flag: "wx" });
  } catch (error) {
    console.error(
      `Cannot start ${name}: ${(error as NodeJS.ErrnoException).code === "EEXIST" ? "it exists" : error}`,
    );
    return 2;
  }
  chmodSync(file, 0o755);
  console.log(`scripts/${name}.ts is a copy of descriptor-exhaustion: make it yours, then: make docs`);
  return 0;
}
