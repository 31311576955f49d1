/** Numbers are had from real servers and files; where they cannot be, it is null, and said why. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { serve } from "./fixtures/server.ts";
import { refuseGaugeSource } from "./gauge-source.ts";
import { watchGauges } from "./named-gauges.ts";

/** Asks once, and answers values and reasons together. */
async function ask(
  t: TestContext,
  sources: Record<string, string>,
): Promise<Record<string, number | string>> {
  const gauges = watchGauges(sources, 1e6);
  t.after(() => gauges.stop());
  const values = await gauges.refresh();
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value ?? gauges.reasons.get(name) ?? "no reason"]),
  );
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "gauges-test-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

test("watchGauges() finds numbers in JSON by pointer, and asks one URL once", async (t) => {
  const body = { a: { "b/c": [1, { "~": -2.5 }] }, "": 3, "m n": 4, text: "5", no: null };
  const server = await serve(t, (_, response) => response.end(JSON.stringify(body)));
  const at = (pointer: string) => `json:${server.url}/stats#${pointer}`;
  const values = await ask(t, {
    list: at("/a/b~1c/0"),
    tilde: at("/a/b~1c/1/~0"),
    empty: at("/"),
    space: at("/m%20n"),
    text: at("/text"),
    none: at("/no"),
    missing: at("/x/y"),
    notAnIndex: at("/a/b~1c/00"),
    proto: at("/__proto__"),
    whole: at(""),
  });
  assert.deepEqual(values, {
    list: 1,
    tilde: -2.5,
    empty: 3,
    space: 4,
    text: 'expected a number, got "5"',
    none: "expected a number, got null",
    missing: "there is no /x/y",
    notAnIndex: "there is no /a/b/c/00",
    proto: "there is no /__proto__",
    whole: `expected a number, got ${JSON.stringify(body).slice(0, 80)}`,
  });
  // once at the beginning, once when refreshed
  assert.equal(server.asked, 2);
});

test("watchGauges() reads Prometheus text, plain text and a unix socket", async (t) => {
  const path = join(folder(t), "s");
  const server = await serve(
    t,
    (_, response) => response.end('up{a="1"} 7\nActive connections: 12 \n'),
    path,
  );
  assert.ok(server);
  const at = `unix:${path}:/metrics`;
  assert.deepEqual(
    await ask(t, {
      prom: `prom:${at}#up{a="1"}`,
      text: `text:${at}#connections: (\\d+)`,
      gone: `text:${at}#x(y)`,
    }),
    { prom: 7, text: 12, gone: 'expected /x(y)/u, got "up{a=\\"1\\"} 7\\nActive connections: 12 \\n"' },
  );
});

test("watchGauges() tells what each number is: by its name, and better once the target has told its type", async (t) => {
  const text = "# TYPE asked counter\nasked 7\n# TYPE open_total gauge\nopen_total 3\n";
  const server = await serve(t, (_, response) => response.end(text));
  const at = (metric: string) => `prom:${server.url}/#${metric}`;
  const sources = {
    requests: at("asked"),
    open: at("open_total"),
    missed: at("missed_total"),
    ageMs: "file:/none",
  };
  const gauges = watchGauges(sources, 1e6);
  t.after(() => gauges.stop());
  const untold = { requests: "things", open: "counter", missed: "counter", ageMs: "time" };
  assert.deepEqual(gauges.meanings(), untold);
  await gauges.refresh();
  assert.deepEqual(gauges.meanings(), { ...untold, requests: "counter", open: "things" });
});

test("watchGauges() reads the first number of a file, and hangs on none", async (t) => {
  const place = folder(t);
  writeFileSync(join(place, "number"), "MemFree:  -12.5e2 kB\n 9\n");
  writeFileSync(join(place, "max"), "max\n");
  execFileSync("mkfifo", [join(place, "fifo")]);
  const values = await ask(t, {
    number: `file:${place}/number`,
    max: `file:${place}/max`,
    none: `file:${place}/none`,
    fifo: `file:${place}/fifo`,
    load: "file:/proc/loadavg",
  });
  assert.equal(typeof values.load, "number");
  assert.match(String(values.fifo), /ESPIPE|expected a number/);
  assert.deepEqual(
    [values.number, values.max, values.none],
    [-1250, 'expected a number, got "max\\n"', "open ENOENT"],
  );
});

test("watchGauges() survives garbage, a flood, errors, redirections and silence", async (t) => {
  const elsewhere = await serve(t, (_, response) => response.end("5"));
  const server = await serve(t, ({ url }, response) => {
    if (url === "/garbage") response.end(Buffer.from([0xff, 0xfe, 0, 1, 2]));
    else if (url === "/error") response.writeHead(500).end("5");
    else if (url === "/moved") response.writeHead(302, { location: elsewhere.url }).end("5");
    else if (url === "/cut") response.socket?.destroy();
    else if (url === "/flood") {
      const write = () => void (response.write("5".repeat(65_536), write) || write);
      write();
    }
  });
  const at = (path: string) => `json:${server.url}/${path}#`;
  const values = await ask(t, {
    garbage: at("garbage"),
    error: at("error"),
    moved: at("moved"),
    cut: at("cut"),
    flood: at("flood"),
    silent: at("silent"),
    refused: "json:http://127.0.0.1:1/#",
  });
  assert.match(String(values.garbage), /^expected JSON, got /);
  assert.match(String(values.cut), /other side closed/);
  assert.deepEqual(
    [values.error, values.moved, values.flood, values.silent, values.refused],
    [
      "HTTP 500",
      "HTTP 302",
      "an answer of more than 1048576 bytes",
      "no answer within 2000 ms",
      "connect ECONNREFUSED",
    ],
  );
  assert.equal(elsewhere.asked, 0);
});

test("watchGauges() asks again and again, one round at a time, and a value that is gone is null again", async (t) => {
  const server = await serve(t, (_, response) => response.end("1"));
  const gauges = watchGauges({ one: `json:${server.url}/#` }, 5);
  t.after(() => gauges.stop());
  assert.deepEqual([gauges.read().one, gauges.reasons.get("one")], [null, "not asked yet"]);
  await gauges.refresh();
  assert.deepEqual([gauges.read().one, gauges.reasons.size], [1, 0]);
  let waiting = 0;
  const most = await new Promise<number>((resolve) => {
    let seen = 0;
    let peak = 0;
    server.answer = (_, response) => {
      waiting++;
      peak = Math.max(peak, waiting);
      setTimeout(() => {
        waiting--;
        response.end("none");
        if (++seen === 5) resolve(peak);
      }, 20);
    };
  });
  assert.equal(most, 1);
  assert.equal((await gauges.refresh()).one, null);
  await gauges.stop();
  const { asked } = server;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(server.asked, asked);
});

test("refuseGaugeSource() says what it expects", () => {
  const good = [
    "json:http://127.0.0.1:{port}/stats#/a",
    'prom:https://localhost/metrics#up{a="1"}',
    "text:http://localhost/#a (\\d+) b#c",
    "file:{dir}/x",
    "json:unix:/s:/x#",
  ];
  for (const text of good) assert.equal(refuseGaugeSource(text), null, text);
  const bad = [
    "",
    "json:",
    "http://a/#/x",
    "json:http://a/",
    "json:http://a/#x",
    "json:http://a/#/~2",
    "prom:http://a/#",
    "prom:http://a/#{",
    "text:http://a/#a",
    "text:http://a/#(a)(b)",
    "text:http://a/#(",
    "file:",
    "json:tcp://a:1#/x",
    "json:ws://a/#/x",
  ];
  for (const text of bad) assert.match(refuseGaugeSource(text) ?? "", /^json:URL#\/pointer, prom:/, text);
});
