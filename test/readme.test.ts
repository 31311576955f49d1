/** The commands of the README and of docs/ work exactly as written. Needs the box to itself. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { PATIENT, ROOT, RUNTIMES, skipReason } from "./command.ts";
import { useEngine } from "./engine/for-tests.ts";

/** Why a command of the README is not run here as it is, and what is run in its place. */
const ELSEWHERE: readonly { readonly command: RegExp; readonly why: string; readonly instead?: string }[] = [
  {
    command: /^make stress-all$/,
    why: "takes five minutes; make smoke is the same, smaller",
    instead: "make stress-all ARGS=--dry-run",
  },
  {
    command: /^make smoke$/,
    why: "takes two minutes, and every smoke run is seen on every runtime elsewhere",
    instead: "make smoke ARGS='--only descriptor-exhaustion,limits-audit'",
  },
  { command: /^make test$/, why: "runs this very test" },
  {
    command: /^make test-repeat$/,
    why: "takes half an hour",
    instead: "make test-repeat ARGS='--help'",
  },
  { command: /^make check$/, why: "runs this very test" },
  {
    command: /^make bench$/,
    why: "takes minutes, and judges the machine",
    instead: "make bench ARGS=--help",
  },
  { command: /^make (runtimes|packages)$/, why: "has been run before" },
  { command: /^make peers$/, why: "fetches 700 MB, for the benches alone" },
  { command: /^make new /, why: "leaves a file", instead: "make new scenario=readme-test" },
  { command: /^make soak$/, why: "takes two hours", instead: "make soak ARGS=--dry-run" },
  { command: /^make screenshots$/, why: "takes minutes; the pages are looked at elsewhere" },
  {
    command: /^scripts\/service-dependencies\.ts --compose-project/,
    why: "there is no such project here",
    instead: "scripts/service-dependencies.ts --compose-project shop --hold 5m --dry-run",
  },
  {
    command: /^make install-cron(?! ARGS='--with systemd)/,
    why: "changes the crontab of whoever runs this",
    instead: "make install-cron ARGS=--dry-run",
  },
];

const DOCUMENTS = [
  "README.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
].map((path) => readFileSync(join(ROOT, path), "utf8"));

const WRITTEN = DOCUMENTS.flatMap((document) => [...document.matchAll(/```sh\n(.*?)```/gs)]).flatMap(
  ([, block = ""]) =>
    block
      .split("\n")
      .map((line) => line.replace(/\s+#.*$/, ""))
      .filter(Boolean),
);
/** What several say is run once. */
const COMMANDS = [...new Set(WRITTEN)];

useEngine();

const missing = RUNTIMES.find((runtime) => runtime.missing !== null)?.missing ?? null;
const runtimes = join(ROOT, ".runtimes/node_modules/.bin");

/** What `make new` leaves: a scenario that the next commands would find. */
const LEFT = join(ROOT, "scripts/readme-test.ts");
afterEach(() => rmSync(LEFT, { force: true }));

test("the README has commands", () => assert.ok(COMMANDS.length > 8, COMMANDS.join("\n")));

for (const written of COMMANDS) {
  const exception = ELSEWHERE.find(({ command }) => command.test(written));
  const command = exception ? exception.instead : written;
  const title = exception ? `${written} (${exception.why})` : written;
  if (command === undefined) continue;
  test(title, { skip: skipReason(/^(deno|node) /.test(command) ? missing : null) }, async () => {
    // the other runtimes first where the command names one
    const path = /^(deno|node) /.test(command) ? `${runtimes}:${process.env.PATH}` : process.env.PATH;
    const child = spawn("sh", ["-c", command], {
      cwd: ROOT,
      env: { ...process.env, ...PATIENT, PATH: path },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    const [code] = await once(child, "close");
    // a noisy machine can spoil a load: inconclusive, which make turns into 2
    const spoilt = /INCONCLUSIVE/.test(output) && (code === 3 || code === 2);
    assert.ok(code === 0 || spoilt, `exit ${code}:\n${output.slice(-3000)}`);
  });
}
