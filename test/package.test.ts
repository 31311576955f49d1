/** A scenario of somebody else's: written against the package that npm packs, in a fresh project, on every runtime. */
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { reportSchema } from "../lib/report/report.ts";
import { PATIENT, ROOT, RUNTIMES, type Runtime, skipReason } from "./command.ts";

const NAME = "directory-exhaustion";
const project = mkdtempSync(join(tmpdir(), "package-test-"));
after(() => rmSync(project, { recursive: true, force: true }));

/** Leaves three timers and a listening socket; then takes them away. */
const WATCHED = `import { once } from "node:events";
import { createServer } from "node:net";
import { createCanary } from "proofload/canary";
const canary = createCanary({ allowed: 0, graceMs: 1000 });
await canary.arm();
const timers = [1, 2, 3].map(() => setInterval(() => {}, 1e6));
const server = createServer().listen(0, "127.0.0.1");
await once(server, "listening");
await canary.check().catch((error) => console.log(String(error)));
await canary.arm();
for (const timer of timers) clearInterval(timer);
server.close();
await canary.check();
console.log("--\\nsilent");
`;

const npm = (...args: string[]) =>
  execFileSync("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: project,
    encoding: "utf8",
  });

/** Each runtime as a user of the package calls it: from the project, with what is installed there. */
function commandOf({ name, command }: Runtime): string[] {
  return name === "node" ? [process.execPath, "--import", "tsx"] : [...command];
}

async function run(runtime: Runtime, file: string, words: readonly string[]) {
  const [program = "", ...args] = commandOf(runtime);
  const child = spawn(program, [...args, file, ...words], {
    cwd: project,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...PATIENT, CI: "", GITHUB_ACTIONS: "" },
  });
  const closed = once(child, "close");
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await closed;
  return { code, stdout, stderr };
}

/** The example with this in place of that. */
function change(file: string, from: string, to: string): string {
  const changed = file.replace(".ts", "-changed.ts");
  const source = readFileSync(join(project, file), "utf8");
  assert.ok(source.includes(from), from);
  writeFileSync(join(project, changed), source.replace(from, to));
  return changed;
}

before(() => {
  // packed from a copy: other tests read this one meanwhile
  const copy = join(project, "source");
  const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  for (const file of files.split("\n").filter((path) => path && existsSync(join(ROOT, path))))
    cpSync(join(ROOT, file), join(copy, file));
  execFileSync("ln", ["-s", join(ROOT, "node_modules"), join(copy, "node_modules")]);
  const packed = execFileSync("npm", ["pack", "--pack-destination", project, "--loglevel=error"], {
    cwd: copy,
    encoding: "utf8",
  });
  const archive = packed.trim().split("\n").at(-1) ?? "";
  mkdirSync(join(project, "workers"));
  cpSync(join(ROOT, "docs/example"), project, { recursive: true });
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ name: "fresh", type: "module", private: true }),
  );
  npm("install", "--prefer-offline", `./${archive}`);
});

for (const runtime of RUNTIMES)
  describe(`on ${runtime.name}`, { skip: skipReason(runtime.missing) }, () => {
    test("its help is like ours: what it does, what must be true, its options and those of every scenario", async () => {
      const { code, stdout } = await run(runtime, `${NAME}.ts`, ["--help"]);
      assert.equal(code, 0);
      for (const part of [
        `${NAME}.ts [options]`,
        "Fill a folder",
        "all 10000 entries were made",
        "--max-listing",
        "--out",
      ])
        assert.ok(stdout.includes(part), part);
    });

    test("its canary tells what is left, and where a timer was made, and is silent when it is gone", async () => {
      writeFileSync(join(project, "watched.mjs"), WATCHED);
      const { code, stdout, stderr } = await run(runtime, "watched.mjs", []);
      assert.deepEqual([code, stderr], [0, ""]);
      const [told = "", silent] = stdout.split("\n--\n");
      assert.match(told, /^LeakError: 4 things were left by the test \(allowed: 0\):$/m);
      assert.equal(told.match(/16 min 40 s, made at .*watched\.mjs:6:/g)?.length, 3, told);
      assert.match(told, /socket 127\.0\.0\.1:\d+ LISTEN/);
      assert.equal(silent?.trim(), "silent");
    });

    test("it passes, its report is where it says, by our schema, and nothing of it is left", async () => {
      const { code, stdout, stderr } = await run(runtime, `${NAME}.ts`, ["--smoke", "--json"]);
      const report = reportSchema.parse(JSON.parse(stdout));
      assert.deepEqual([code, report.verdict.kind], [0, "pass"], `${report.verdict.sentence}\n${stderr}`);
      assert.deepEqual(
        report.loads.map(({ stressor, held }) => [stressor, held]),
        [["make-entries", 500]],
      );
      const folder = join(project, "reports", NAME, report.run);
      assert.deepEqual(readdirSync(folder).sort(), [
        "report.html",
        "report.json",
        "report.md",
        "samples.ndjson",
      ]);
      assert.deepEqual(
        readdirSync(tmpdir()).filter((name) => name.includes(`proofload-${report.process.pid}-`)),
        [],
      );
    });
  });

const [node] = RUNTIMES as [Runtime];

test("what breaks in it is a fail, and a load that was not there is inconclusive", async () => {
  const leaky = change("workers/make-entries.ts", "rmSync(path)", "path.length");
  const keeps = change(`${NAME}.ts`, '"make-entries"', '"make-entries-changed"');
  const failed = await run(node, keeps, ["--smoke"]);
  assert.equal(failed.code, 1, failed.stderr);
  assert.match(failed.stdout, /Not so: no entry is left: 500, limit ≤ 0\./);
  rmSync(join(project, leaky));
  const idle = change(`${NAME}.ts`, "amount: options.entries", "amount: 0");
  const open = await run(node, idle, ["--smoke"]);
  assert.equal(open.code, 3, open.stderr);
  assert.match(open.stdout, /The load was not really there: all 500 entries were made: 0, limit ≥ 500/);
});

test("it takes a target, and the reference hub comes along", async () => {
  const hub = `${process.execPath} ${join(project, "node_modules/proofload/dist/targets/hub.js")}`;
  const target = ["--target-command", `${hub} --port {port}`, "--target-url", "ws://127.0.0.1:{port}/"];
  const { code, stdout, stderr } = await run(node, `${NAME}.ts`, ["--smoke", "--json", ...target]);
  const report = reportSchema.parse(JSON.parse(stdout));
  assert.deepEqual([code, report.verdict.kind], [0, "pass"], `${report.verdict.sentence}\n${stderr}`);
  assert.ok(
    (report.target?.after?.liveBytes ?? 0) > 0,
    "its live bytes were read by the probe of the package",
  );
});

test("a misspelt field of a task does not compile, and the example does", () => {
  const check = (file: string) =>
    spawnSync(
      join(ROOT, "node_modules/.bin/tsc"),
      [
        ...[
          "--noEmit",
          "--strict",
          "--skipLibCheck",
          "--allowImportingTsExtensions",
          "--verbatimModuleSyntax",
        ],
        ...[
          "--module",
          "nodenext",
          "--target",
          "es2023",
          "--types",
          "node",
          "--typeRoots",
          join(ROOT, "node_modules/@types"),
          file,
        ],
      ],
      { cwd: project, encoding: "utf8" },
    ).stdout;
  assert.equal(check(`${NAME}.ts`), "");
  assert.match(check(change(`${NAME}.ts`, "folder }", "foldr: folder }")), /'foldr' does not exist/);
});
