/** Servers that nobody here wrote pass as they are; with a leak wrapped around them they fail, and the report names it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { Report } from "../lib/report/report.ts";
import { explain, parseReport, ROOT, run, skipReason, temporaryFolder } from "./command.ts";
import { lookFor, lookForModule, PYTHON } from "./installed.ts";

/** How a leak gets into a server without a change to it: what its environment is given, or a word before its own. */
interface Wrapper {
  readonly environment: Readonly<Record<string, string>>;
  readonly nodeWords: readonly string[];
}

interface RealServer {
  /** What is not here, or null. */
  readonly missing: () => string | null;
  readonly scenario: "idle-soak" | "websocket-churn";
  /** The options that name it, with the leak or, with none, as it is. */
  readonly target: (wrapper: Wrapper, folder: string) => readonly string[];
  readonly leak: (folder: string) => Partial<Wrapper>;
  /** What must grow, and what must be named. */
  readonly grows: RegExp;
  readonly named: RegExp;
}

const LEAKS = join(ROOT, "test/fixtures/leaks");
const AS_IT_IS: Wrapper = { environment: {}, nodeWords: [] };

const inPython = () => ({ environment: { PYTHONPATH: LEAKS } });
const inC = (folder: string) => ({ environment: { LD_PRELOAD: compile(folder) } });
const inNode = () => ({ nodeWords: ["--import", join(LEAKS, "keep-requests.mjs")] });

const KEPT = { grows: /^descriptors \+0\.\d+ a (cycle|connection)/, named: /^stayed: \d+ × socket / };

const SERVERS: Record<string, RealServer> = {
  "redis-server": {
    missing: () => lookFor("redis-server") ?? lookForCompiler(),
    scenario: "idle-soak",
    target: ofFile("redis"),
    leak: inC,
    ...KEPT,
  },
  nginx: {
    missing: () => lookFor("nginx") ?? lookForCompiler(),
    scenario: "idle-soak",
    target: ofFile("nginx"),
    leak: inC,
    ...KEPT,
  },
  mosquitto: {
    missing: () => lookFor("mosquitto") ?? lookForCompiler(),
    scenario: "websocket-churn",
    target: ofFile("mosquitto"),
    leak: inC,
    ...KEPT,
  },
  "python3-websockets": {
    missing: () => lookForModule("websockets"),
    scenario: "websocket-churn",
    target: ofFile("python-websockets"),
    leak: inPython,
    ...KEPT,
  },
  "python3 -m http.server": {
    missing: () => lookForModule("http.server"),
    scenario: "idle-soak",
    target: ({ environment }) =>
      ofCommand(
        [...envWords(environment), PYTHON, "-m", "http.server", "{port}", "--bind", "127.0.0.1"],
        "/",
      ),
    leak: inPython,
    ...KEPT,
  },
  "sirv, of npm": {
    missing: () => null,
    scenario: "idle-soak",
    target: ({ nodeWords }) => {
      const own = [join(ROOT, "node_modules/sirv-cli/bin.js"), join(ROOT, "targets"), "--quiet"];
      const where = ["--host", "127.0.0.1", "--port", "{port}"];
      return [
        ...ofCommand([process.execPath, ...nodeWords, ...own, ...where], "/hub.json"),
        // not asked for that page: it has a leak of its own, the file's descriptor of a client that leaves as soon as it has its bytes
        ...["--target-health", "tcp://127.0.0.1:{port}"],
      ];
    },
    leak: inNode,
    grows: /live bytes \+4(\.\d+)? KiB a cycle/,
    named: /^live bytes: growing/,
  },
};

/** A verdict needs a minute; of what leaks, each crowd waits for what does not go. */
const SIZE = {
  "idle-soak": { healthy: ["--duration", "66s"], leaky: ["--duration", "66s"] },
  "websocket-churn": {
    // of half a request mosquitto now and then waits for the rest, as long as libwebsockets has it
    healthy: ["--cycles", "44", "--period", "1500ms", "--leave-within", "30s"],
    leaky: ["--cycles", "20", "--period", "3300ms", "--timeout", "1s", "--leave-within", "1s"],
  },
} as const;

const HERE = Object.entries(SERVERS).filter(([, { missing }]) => missing() === null);
const MISSING = Object.values(SERVERS).flatMap(({ missing }) => missing() ?? []);
const skip = skipReason(process.platform === "linux" ? (MISSING[0] ?? null) : "needs /proc");

// they are idle for the most part: side by side they take no longer than one
describe("servers that nobody here wrote", { skip, concurrency: true }, () => {
  test("healthy they pass, each by the evidence that there is", (t) =>
    runAll(t, false, (report) => {
      assert.equal(report.verdict.kind, "pass", explain(report));
      const { evidence } = findTrend(report);
      const read = typeof report.target?.before.liveBytes === "number";
      assert.match(evidence.join("\n"), read ? /memory that lives .*level/ : /live bytes were not read/);
      assert.match(evidence.join("\n"), /descriptors: level, no leak above 0\.\d+ a (cycle|connection)/);
    }));

  test("with a leak wrapped around them they fail, and the report names what leaks", (t) =>
    runAll(t, true, (report, { grows, named }) => {
      assert.equal(report.verdict.kind, "fail", explain(report));
      const trend = findTrend(report);
      assert.match(trend.measured, grows, explain(report));
      assert.ok(
        trend.evidence.some((line) => named.test(line)),
        explain(report),
      );
    }));
});

async function runAll(
  t: TestContext,
  leaky: boolean,
  check: (report: Report, server: RealServer) => void,
): Promise<void> {
  const folder = temporaryFolder(t);
  const wrong: string[] = [];
  const one = async ([name, server]: [string, RealServer], index: number) => {
    const out = join(folder, String(index));
    const target = server.target({ ...AS_IT_IS, ...(leaky && server.leak(folder)) }, folder);
    const words = [...SIZE[server.scenario][leaky ? "leaky" : "healthy"], ...target, "--json", "--out", out];
    try {
      // as many as that at once keep the box busier than any of them would
      const report = parseReport(
        await run(`scripts/${server.scenario}.ts`, [...words, "--min-samples", "50%"]),
      );
      check(report, server);
    } catch (error) {
      wrong.push(`${name}: ${error}`);
    }
  };
  await Promise.all(HERE.map(one));
  assert.deepEqual(wrong, []);
}

function findTrend(report: Report) {
  const trend = report.findings.find(({ sentence }) => sentence.includes("do not creep"));
  assert.ok(trend && "measured" in trend, explain(report));
  return trend;
}

/** A target file of ours, with the leak in the environment of what it starts. */
function ofFile(name: string): RealServer["target"] {
  return ({ environment }, folder) => {
    const path = join(ROOT, `targets/${name}.json`);
    const file = JSON.parse(readFileSync(path, "utf8")) as { environment?: object };
    const wrapped = {
      ...file,
      directory: join(ROOT, "targets"),
      environment: { ...file.environment, ...environment },
    };
    const copy = join(folder, `${name}.json`);
    writeFileSync(copy, JSON.stringify(wrapped));
    return ["--target", copy];
  };
}

function ofCommand(words: readonly string[], path: string): string[] {
  return ["--target-command", words.join(" "), "--target-url", `http://127.0.0.1:{port}${path}`];
}

function envWords(environment: Readonly<Record<string, string>>): string[] {
  const given = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return given.length > 0 ? ["env", ...given] : [];
}

function compile(folder: string): string {
  const library = join(folder, "keep-descriptors.so");
  if (!existsSync(library))
    execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", library, join(LEAKS, "keep-descriptors.c"), "-ldl"]);
  return library;
}

function lookForCompiler(): string | null {
  return existsSync("/usr/include/dlfcn.h") ? lookFor("cc") : "libc6-dev is not installed";
}
