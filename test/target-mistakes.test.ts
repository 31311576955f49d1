/** Mistakes about targets, on the command line and in target files: all told at once, with exit code 2, before anything starts. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { run, temporaryFolder } from "./command.ts";
import { type Mistakes, refuse } from "./refuse.ts";

interface Case {
  readonly told: string;
  readonly script?: string;
  /** {dir} is the test's own folder; its target file is {dir}/target.json. */
  readonly words: readonly string[];
  readonly file?: unknown;
  readonly mistakes: Mistakes;
}

const FILE = ["--target", "{dir}/target.json"];
const SERVER = { command: ["sleep", "60"], url: "tcp://127.0.0.1:{port}" };
/** Of a process that has ended, and was waited for. */
const DEAD = String(spawnSync(process.execPath, ["--version"]).pid);

const CASES: readonly Case[] = [
  {
    told: "what is wrong with the options and with the file at once",
    words: [...FILE, "--hodl", "--target-url", "nonsense", "--gauge", "foo", "--target-ready", "x"],
    file: { command: "node 'x", pid: 3, url: "htp://x", gauges: { a: "xml:foo" }, colour: 1 },
    mistakes: [
      /^Cannot take --hodl: there is no such option/,
      /^Cannot read --target-url: expected ws:\/\/.+, got "nonsense"$/,
      /^Cannot read --target-ready: expected .+output:REGULAR-EXPRESSION, got "x"$/,
      'Cannot read --gauge: expected NAME=SOURCE, with a name of at most 64 letters, digits, _, . and -, got "foo"',
      /target\.json at command: expected a ' that closes the one at character 6, got "node 'x"$/,
      /target\.json at url: .+, got "htp:\/\/x"$/,
      /target\.json at gauges\.a: expected json:URL#.+, got "xml:foo"$/,
      /target\.json: expected only \$schema, name, .+, got colour$/,
      /target\.json at pid: expected a command or a pid, not both, got 3$/,
    ],
  },
  {
    told: "a command and a pid, a program and a process that are not there, a host that is not this one",
    words: [
      ...["--target-pid", DEAD, "--target-command", "no-such-program {port}"],
      ...["--target-url", "ws://example.org/", "--target-health", "http://192.0.2.1/"],
    ],
    mistakes: [
      "Cannot take --target-command and --target-pid together: expected one of them",
      "Cannot start no-such-program: expected no-such-program on PATH, got none there",
      /^Cannot watch .+\b\d+: expected a process that runs, /,
      "Cannot send load to example.org: expected this host, or --allow-remote example.org",
      "Cannot send load to 192.0.2.1: expected this host, or --allow-remote 192.0.2.1",
    ],
  },
  {
    told: "an inspector that is no address",
    words: [...FILE, "--target-inspector", "ws://127.0.0.1:9229/"],
    file: SERVER,
    mistakes: ['Cannot read --target-inspector: expected HOST:PORT, got "ws://127.0.0.1:9229/"'],
  },
  {
    told: "options about a target without one",
    words: ["--target-health", "http://127.0.0.1:1/", "--gauge", "a=file:/x"],
    mistakes: [/^Cannot take --target-health without a target: /, /^Cannot take --gauge without a target: /],
  },
  {
    told: "a fault for a target of the user's",
    words: [...FILE, "--fault", "ring-unbounded"],
    file: SERVER,
    mistakes: ["Cannot take --fault with a target of yours: expected it for the reference hub alone"],
  },
  {
    told: "a fault that there is not",
    words: ["--fault", "ring-unbound"],
    mistakes: [/^Cannot read --fault: expected one of .*ring-unbounded.*, got "ring-unbound"$/],
  },
  {
    told: "a target file that is not there",
    words: ["--target", "{dir}/none.json"],
    mistakes: [/none\.json: expected a target file, got ENOENT$/],
  },
  {
    told: "a folder in place of one",
    words: ["--target", "{dir}"],
    mistakes: [/: expected a target file, got EISDIR$/],
  },
  {
    told: "what is no object",
    words: FILE,
    file: "not so",
    mistakes: [/target\.json: expected an object, got "not so"$/],
  },
  {
    told: "options that a target file has for no scenario, and values that cannot be read",
    words: FILE,
    file: {
      ...SERVER,
      options: { "idle-soak": { "worm-up": "30s", "max-growth": "much" }, "*": { cycles: 5 }, soak: {} },
    },
    mistakes: [
      /^Cannot take option cycles for "\*" from the target file: it is none that every scenario has/,
      /^Cannot take option worm-up for "idle-soak" .+: there is no such option; did you mean --warm-up\?$/,
      'Cannot take options for "soak" from the target file: expected a scenario\'s name, or "*" for all',
      /^Cannot read option max-growth of the target file: expected a size .+, got "much"$/,
    ],
  },
  {
    told: "a target where it makes no sense",
    script: "limits-audit",
    words: FILE,
    file: SERVER,
    mistakes: [/^Cannot take --target: there is no such option/],
  },
  {
    told: "what cannot be exhausted, and options that are for its own descriptors",
    script: "descriptor-exhaustion",
    words: ["--target-url", "http://127.0.0.1:1/", "--kind", "socket"],
    mistakes: [
      "Cannot take --kind with a target: it is for this process's own descriptors",
      /^Cannot exhaust the descriptors behind 127\.0\.0\.1: expected --target-command or --target-pid, /,
    ],
  },
  {
    told: "a process whose limit is above the most that it may take",
    script: "descriptor-exhaustion",
    words: ["--target-pid", String(process.pid), "--most", "100", "--target-descriptors", "64"],
    mistakes: [
      /^Cannot exhaust the descriptors of pid \d+: expected --target-url, to connect to$/,
      /^Cannot take --target-descriptors with a pid: pid \d+ has its limit already$/,
      /^Cannot exhaust the descriptors of pid \d+: expected a limit of at most --most 100, got \d+$/,
    ],
  },
  {
    told: "more descriptors for a target than it has itself",
    script: "descriptor-exhaustion",
    words: [...FILE, "--target-descriptors", "99999"],
    file: SERVER,
    mistakes: [
      /^Cannot exhaust 99999 descriptors of target: expected at most \d+, as each connection takes /,
    ],
  },
];

for (const { told, script = "idle-soak", words, file, mistakes } of CASES) {
  test(`${script} tells ${told}`, async (t) => {
    const dir = temporaryFolder(t);
    if (file !== undefined) writeFileSync(join(dir, "target.json"), JSON.stringify(file));
    await refuse(script, dir, words, mistakes);
  });
}

test("a port that somebody has, whose answer would be taken for the target's, is told in words", async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  t.after(() => other.close());
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as { port: number };
  const words = ["--target-command", "sleep 60", "--target-url", `tcp://127.0.0.1:${port}`];
  const { code, stdout } = await run("scripts/idle-soak.ts", [...words, "--out", temporaryFolder(t)]);
  assert.equal(code, 3);
  assert.match(stdout.replace(/\s+/g, " "), /expected nobody to answer yet, got .+: another server is there/);
});
