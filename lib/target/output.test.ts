/** What a target writes is kept in a few lines, whatever and however much it is. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { type TestContext, test } from "node:test";
import { becomes } from "./fixtures/launching.ts";
import { followOutput } from "./output.ts";

/** Follows what these chunks make. */
async function follow(chunks: readonly (string | Buffer)[], awaited: RegExp | null = null) {
  const stream = new PassThrough();
  const output = followOutput([stream], awaited);
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await output.closed;
  return output;
}

test("followOutput() keeps the last 50 lines, each of at most 400 characters", async () => {
  const numbers = Array.from({ length: 200 }, (_, index) => `line ${index}\n`);
  assert.deepEqual(
    (await follow(numbers)).lastLines(),
    Array.from({ length: 50 }, (_, index) => `line ${150 + index}`),
  );
  const [long = "", after] = (await follow([`${"x".repeat(1e6)}\nshort\n`])).lastLines();
  assert.deepEqual([long.length, long.at(-1), after], [400, "…", "short"]);
  const endless = Array.from({ length: 100 }, () => "x".repeat(10_000));
  assert.deepEqual(
    (await follow(endless)).lastLines().map((line) => line.length),
    [400],
  );
});

test("followOutput() joins what comes in pieces, also within a character", async () => {
  const bytes = Buffer.from("größe\nnext");
  const pieces = Array.from(bytes, (byte) => Buffer.from([byte]));
  assert.deepEqual((await follow(pieces)).lastLines(), ["größe", "next"]);
});

test("followOutput() lets nothing through that could move a cursor, and survives what is no text", async () => {
  const esc = String.fromCharCode(27);
  const colours = `${esc}[1;31mred${esc}[0m ${esc}]0;title${String.fromCharCode(7)}bell\r\nnext\u202Eevil\n`;
  assert.deepEqual((await follow([colours])).lastLines(), ["red bell", "next evil"]);
  const garbage = Buffer.from(Array.from({ length: 65_536 }, (_, index) => (index * 7919) % 256));
  for (const line of (await follow([garbage, "\n", "after\n"])).lastLines()) {
    assert.ok(line.length <= 400 && !/[\p{Cc}\p{Cf}]/u.test(line), JSON.stringify(line));
  }
  assert.equal((await follow([garbage, "\n", "after\n"])).lastLines().at(-1), "after");
});

test("followOutput() finds the awaited line, also one that does not end, and drops nothing until then", async () => {
  assert.equal((await follow(["no", "w rea", "dy> "], /^now ready>$/)).matched, true);
  assert.equal((await follow(["nothing\n"], /ready/)).matched, false);
  const flood = Array.from({ length: 64 }, () => "y\n".repeat(32_768));
  const { matched, droppedBytes } = await follow(
    [...flood.slice(0, 32), "ready\n", ...flood.slice(32)],
    /ready/,
  );
  assert.equal(matched, true);
  assert.ok(droppedBytes <= 32 * 65_536, `${droppedBytes}`);
});

/** A program that writes as fast as it can; ended with the test. */
function startFlood(t: TestContext) {
  const child = spawn("yes", ["x".repeat(100)], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(child, "exit");
  t.after(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return child;
}

test("followOutput() reads a flood on without filling memory, and says how much it dropped", async (t) => {
  const child = startFlood(t);
  const output = followOutput([child.stdout], null);
  const before = process.memoryUsage.rss();
  await becomes(() => output.readBytes > 2 ** 27, "128 MiB were not read");
  assert.ok(output.droppedBytes > 2 ** 26, `${output.droppedBytes} of ${output.readBytes}`);
  assert.ok(output.droppedBytes <= output.readBytes, `${output.droppedBytes}`);
  // a reader that keeps what it gets would hold 128 MiB
  const grown = process.memoryUsage.rss() - before;
  assert.ok(grown < 2 ** 26, `${grown} bytes`);
  // the last may have been read in part
  for (const line of output.lastLines().slice(0, -1)) assert.equal(line, "x".repeat(100));
  assert.equal(output.lastLines().length, 50);
});

test("followOutput() leaves the event loop its turns in a flood", async (t) => {
  const child = startFlood(t);
  const output = followOutput([child.stdout], null);
  await becomes(() => output.readBytes > 2 ** 24, "nothing was read");
  // 100 turns in which everything would be read: no more than a window's worth in each
  const start = output.readBytes;
  let turns = 0;
  for (; output.readBytes - start < 2 ** 26; turns++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(turns >= 64, `${turns} turns for 64 MiB`);
});

test("followOutput() tells the last words of one that ends in a flood", async () => {
  const child = spawn("sh", ["-c", "yes | head -c 50000000; echo; echo the end"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const output = followOutput([child.stdout], null);
  await output.closed;
  assert.equal(output.lastLines().at(-1), "the end");
});
