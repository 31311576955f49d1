/** Target files are read whole, or all of their mistakes are told. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readTargetFile } from "./target-file.ts";

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "target-file-test-"));
});
after(() => rmSync(folder, { recursive: true }));

function write(document: unknown): string {
  const path = join(folder, "server.json");
  writeFileSync(path, typeof document === "string" ? document : JSON.stringify(document));
  return path;
}

/** The mistakes, without the file's name. */
function mistakes(document: unknown): string[] {
  const path = write(document);
  const read = readTargetFile(path);
  if (!("mistakes" in read)) assert.fail("It was taken");
  return read.mistakes.map((line) => line.replace(`Cannot read ${path}`, ""));
}

test("readTargetFile() makes a spec of the friendly form, relative to the file's folder", () => {
  const read = readTargetFile(
    write({
      $schema: "x",
      description: "x",
      command: "run --port {port} 'a b'",
      environment: { N: 1, DEBUG: true },
      directory: "sub",
      url: "ws://127.0.0.1:{port}/",
      gauges: { queue: "file:queue.txt", load: "file:/proc/loadavg", own: "file:{dir}/x" },
      options: { "idle-soak": { "warm-up": "30s" }, "*": { interval: 5 } },
    }),
  );
  assert.ok("spec" in read);
  const { name, command, environment, directory, gauges, options, stopSignal, requires, pid } = read.spec;
  assert.deepEqual([name, command], ["server", ["run", "--port", "{port}", "a b"]]);
  assert.deepEqual(environment, { N: "1", DEBUG: "true" });
  assert.equal(directory, join(folder, "sub"));
  assert.deepEqual(gauges, {
    queue: `file:${join(folder, "queue.txt")}`,
    load: "file:/proc/loadavg",
    own: "file:{dir}/x",
  });
  assert.deepEqual(
    [options, stopSignal, requires, pid],
    [{ "idle-soak": { "warm-up": "30s" }, "*": { interval: "5" } }, "SIGTERM", [], null],
  );
});

test("readTargetFile() takes the file's folder where no directory is given, and a list of words as it is", () => {
  const read = readTargetFile(write({ command: ["run", "a b", "|"] }));
  assert.ok("spec" in read);
  assert.deepEqual([read.spec.directory, read.spec.command], [folder, ["run", "a b", "|"]]);
  const fresh = readTargetFile(write({ command: "run", directory: "{dir}/data" }));
  assert.ok("spec" in fresh);
  assert.equal(fresh.spec.directory, "{dir}/data");
});

test("readTargetFile() tells every mistake with its place, what was expected and what is there", () => {
  const told = mistakes({
    command: "a 'b",
    environment: { A: null },
    pid: 1,
    ready: "output:(",
    gauges: { foo: "xml:y", "9x": "file:/x" },
    files: { "../x": "t", ok: 3 },
    requires: "x",
    stopSignal: "TERM",
    options: { "warm-up": "30s" },
    colour: "red",
  });
  const places = [/^ at (\S+): expected .+, got .+$/, /^: expected only .+, got (.+)$/];
  assert.deepEqual(told.map((line) => places.map((place) => place.exec(line)?.[1]).find(Boolean)).sort(), [
    "colour",
    "command",
    "environment.A",
    "files.../x",
    "files.ok",
    "gauges.9x",
    "gauges.foo",
    "options.warm-up",
    "pid",
    "ready",
    "requires",
    "stopSignal",
  ]);
  const about = (place: string) => told.find((line) => line.startsWith(` at ${place}: `));
  assert.equal(about("command"), ` at command: expected a ' that closes the one at character 3, got "a 'b"`);
  assert.equal(about("environment.A"), " at environment.A: expected text or number or boolean, got null");
  assert.match(about("gauges.foo") ?? "", /expected json:URL#.*, got "xml:y"$/);
  assert.match(about("stopSignal") ?? "", /expected one of SIGTERM, .*, got "TERM"$/);
  assert.match(about("files.../x") ?? "", /expected a name inside \{dir\}, without \.\., got "t"$/);
});

test("readTargetFile() wants one thing to put under load", () => {
  assert.deepEqual(mistakes({}), [": expected a command, a pid or a url, got {}"]);
  assert.deepEqual(mistakes({ command: "a", pid: 4 }), [
    " at pid: expected a command or a pid, not both, got 4",
  ]);
  assert.deepEqual(mistakes({ url: "tcp://127.0.0.1:{port}" }), [
    ' at url: expected a port, as nothing is started, got "tcp://127.0.0.1:{port}"',
  ]);
});

test("readTargetFile() says what is there when it is no target file at all", () => {
  assert.match(mistakes("{")[0] ?? "", /^: expected JSON, got "\{": /);
  assert.deepEqual(mistakes([1]), [": expected an object, got [1]"]);
  const none = readTargetFile(join(folder, "none.json"));
  assert.ok("mistakes" in none && /expected a target file, got ENOENT$/.test(none.mistakes.join()));
  mkdirSync(join(folder, "folder"));
  const isFolder = readTargetFile(join(folder, "folder"));
  assert.ok("mistakes" in isFolder && /expected a target file, got EISDIR$/.test(isFolder.mistakes.join()));
  assert.match(
    mistakes(`"${"x".repeat(2 ** 20)}"`)[0] ?? "",
    /^: expected at most 1048576 bytes, got 1048578$/,
  );
});
