/** The hub's command line takes what it lists, and tells every mistake at once. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { run } from "../../test/command.ts";
import { helpText, readCommandLine, type Settings } from "./settings.ts";

function settingsOf(words: readonly string[], environment = {}): Settings {
  const line = readCommandLine(words, environment);
  assert.ok("settings" in line, JSON.stringify(line));
  return line.settings;
}

function mistakesOf(...words: string[]): readonly string[] {
  const line = readCommandLine(words, {});
  return "mistakes" in line ? line.mistakes : [];
}

describe("readCommandLine()", () => {
  test("has a default for everything", () => {
    const { port, host, ring, ttl, cap, heartbeatMs, fault, dir, token } = settingsOf([]);
    assert.deepEqual([port, host, ring, ttl, cap, heartbeatMs], [0, "127.0.0.1", 1000, 10_000, 100, 2000]);
    assert.deepEqual([fault, dir, token], [[], undefined, undefined]);
  });

  test("takes values in both spellings, lists with commas and repeated, the token from the environment", () => {
    const words = [
      "--port=8080",
      "--heartbeat-ms",
      "500",
      "--fault",
      "no-cap,lock-left",
      "--fault=removed-twice",
    ];
    const { port, heartbeatMs, fault, token } = settingsOf(words, { HUB_TOKEN: "secret" });
    assert.deepEqual([port, heartbeatMs, token], [8080, 500, "secret"]);
    assert.deepEqual(fault, ["no-cap", "lock-left", "removed-twice"]);
    assert.equal(settingsOf(["--token", "other"], { HUB_TOKEN: "secret" }).token, "other");
  });

  test("tells every mistake at once, without control characters", () => {
    const mistakes = mistakesOf(
      "--port",
      "x\u001b[2J",
      "--colour",
      "--cap=-1",
      "stray",
      "--json=1",
      "--ring",
      "--ttl",
    );
    const starts = [
      'Cannot take "--colour": expected one of the options',
      'Cannot take "stray": expected an option',
      'Cannot take --json "1": expected no value',
      'Cannot take --ring: expected a value, got "--ttl"',
      'Cannot take --port "x\\u001b[2J": expected a whole number from 0 to 65535',
      'Cannot take --cap "-1": expected a whole number from 0 to 100000',
    ];
    assert.equal(mistakes.length, starts.length, mistakes.join("\n"));
    starts.forEach((text, index) => void assert.ok(mistakes[index]?.startsWith(text), mistakes[index]));
  });

  test("refuses what is not there or not of loopback", () => {
    assert.match(
      mistakesOf("--fault", "no-cap,none")[0] ?? "",
      /--fault "none": expected one of ring-unbounded,/,
    );
    assert.match(mistakesOf("--behave", "badly")[0] ?? "", /--behave "badly": expected one of jit-warm-up,/);
    for (const host of ["0.0.0.0", "example.org", "127.0.0.1.example.org"])
      assert.deepEqual(mistakesOf("--host", host).length, 1);
    for (const name of ["--maxBodyBytes", "--constructor"]) {
      assert.equal(mistakesOf(name, "100").length, 1, name);
      assert.equal(mistakesOf(`${name}=100`).length, 1, name);
    }
  });
});

test("helpText() lists every option with its default", () => {
  for (const row of [/^ {2}--ttl +.+ \(10000\)$/m, /^ {2}--late-after-ms +\w/m, /^ {2}--list-faults +\w/m])
    assert.match(helpText(), row);
});

test("the program ends with 2 after a mistake, with 0 after --help and --list-faults", async () => {
  const wrong = await run("targets/hub.ts", ["--port", "x", "--cap", "y"]);
  assert.deepEqual([wrong.code, wrong.stdout, wrong.stderr.split("\n").length], [2, "", 3]);
  const help = await run("targets/hub.ts", ["--help"]);
  assert.deepEqual([help.code, help.stdout], [0, `${helpText()}\n`]);
  const list = await run("targets/hub.ts", ["--list-faults", "--json"]);
  assert.equal(JSON.parse(list.stdout).faults[0].name, "ring-unbounded");
});
