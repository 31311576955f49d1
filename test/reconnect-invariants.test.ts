/** Every invariant of socketio-reconnect on made-up evidence, and a plain Socket.IO server whose clients come back, as a crowd or as a herd. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { bandOf } from "../lib/scenario/backoff-text.ts";
import type { DeathRecord } from "../lib/scenario/dead-clients.ts";
import type { MailRecord } from "../lib/scenario/offline-mail.ts";
import type { OutageRecord } from "../lib/scenario/outage.ts";
import { scenario } from "../scripts/socketio-reconnect.ts";
import { explain, PATIENT, parseReport, ROOT, run, temporaryFolder } from "./command.ts";
import { judgeEach } from "./judge-each.ts";

const configured = { delayMs: 1000, maxMs: 5000, jitter: 0.5 };
const waits = Array.from({ length: 5 }, (_, number) => {
  const { lowMs, meanMs, highMs } = bandOf(configured, number);
  return { count: 1000, shortestMs: lowMs + 1, meanMs, longestMs: highMs + 5 };
});
const first: OutageRecord = {
  ...{ lost: 1000, returned: 1000, waits, firstWaveShare: 0.22, returnWaveShare: 0.1, ownLateMs: 10 },
  cutShort: false,
};
const second: OutageRecord = { ...first, waits: waits.slice(0, 2) };
const firstly = (change: Partial<OutageRecord>) => ({ evidence: { first: { ...first, ...change } } });
const secondly = (change: Partial<OutageRecord>) => ({ evidence: { second: { ...second, ...change } } });
/** Before one of the tries they waited otherwise. */
const waited = (number: number, change: Partial<(typeof waits)[number]>) =>
  waits.map((one, index) => (index === number ? { ...one, ...change } : one));
const nothing = { count: 0, first: [] };
const mail: MailRecord = {
  error: null,
  ...{
    users: 20,
    sent: [75, 10],
    due: [50, 10],
    incomplete: nothing,
    disordered: nothing,
    repeated: nothing,
  },
};
const short = firstly({ cutShort: true });
const wrongMail = (what: "incomplete" | "disordered" | "repeated") => ({
  broken: [{ evidence: { mail: { ...mail, [what]: { count: 1, first: ["user-1: amiss"] } } } }],
  skipped: [{ evidence: { mail: { ...mail, users: 0 } } }],
  unknown: [short, { evidence: { mail: { ...mail, error: "HTTP 503" } } }],
});
const death: DeathRecord = {
  ...{ clients: 1000, server: { leftSubscribers: 0, leftSockets: 0, cutShort: false }, serverTookMs: 6000 },
  ...{ lost: 1000, lostBy: { "ping timeout": 1000 }, clientsTookMs: 6000, cutShort: false },
};
const dead = (change: Partial<DeathRecord>) => ({ evidence: { death: { ...death, ...change } } });

judgeEach(
  scenario,
  {
    ...{ named: [], stayed: [] },
    evidence: {
      ...{ opened: 1000, failed: {}, first, second, mail, death },
      ...{ leftSubscribers: 0, leftSockets: 0, cutShort: false },
    },
  },
  {
    "all {clients} clients were let in": { broken: [{ evidence: { opened: 999, failed: { timeout: 1 } } }] },
    "all of them lost the network, and tried {tries} times to come back": {
      broken: [firstly({ lost: 999 }), firstly({ waits: waits.slice(1) })],
    },
    "each waits as long as delay, doubling and jitter say": {
      broken: [
        firstly({ waits: waited(0, { shortestMs: 450 }) }),
        firstly({ waits: waited(2, { longestMs: 5500 }) }),
      ],
      held: [firstly({ waits: waited(2, { longestMs: 5200 }), ownLateMs: 200 })],
      unknown: [short, firstly({ lost: 0, waits: [] })],
    },
    "the waits grow on average as they have to": {
      broken: [
        firstly({ waits: waited(2, { meanMs: 2000 }) }),
        firstly({ waits: waited(0, { meanMs: 2000 }) }),
      ],
      unknown: [short, firstly({ waits: waited(0, { count: 20 }) })],
    },
    "no wait is longer than {reconnectionDelayMax}": {
      broken: [firstly({ waits: waited(4, { longestMs: 8000 }) })],
      unknown: [short, firstly({ waits: waited(4, { longestMs: 5300 }), ownLateMs: 400 })],
    },
    "after a success they begin anew": {
      broken: [secondly({ waits: waited(0, { shortestMs: 4000, longestMs: 5000 }) })],
      unknown: [secondly({ cutShort: true })],
    },
    "they do not come in the same instant: at most {maxWave} of them": {
      broken: [firstly({ firstWaveShare: 1 }), firstly({ returnWaveShare: 0.6 })],
      unknown: [
        short,
        firstly({ firstWaveShare: 1, ownLateMs: 500 }),
        firstly({ firstWaveShare: null, returnWaveShare: null }),
      ],
    },
    "all come back": {
      broken: [firstly({ returned: 999 }), secondly({ returned: 0 })],
      unknown: [short, secondly({ cutShort: true })],
    },
    "the newest of what came for a user who was away is kept: {offline}": wrongMail("incomplete"),
    "it comes in the order in which it was sent": wrongMail("disordered"),
    "none of it comes twice": wrongMail("repeated"),
    "a dead client is found and removed in time": {
      broken: [dead({ server: { leftSubscribers: 1000, leftSockets: 1000, cutShort: false } })],
      skipped: [dead({ server: { leftSubscribers: null, leftSockets: null, cutShort: false } })],
      unknown: [
        dead({ clients: 0 }),
        dead({ server: { leftSubscribers: 1, leftSockets: 0, cutShort: true } }),
      ],
    },
    "a client finds a dead server in time": {
      broken: [dead({ lost: 999 })],
      unknown: [dead({ clients: 0 }), dead({ lost: 999, cutShort: true })],
    },
    "nobody is left afterwards": {
      broken: [{ evidence: { leftSubscribers: 1 } }],
      unknown: [{ evidence: { leftSockets: 1, cutShort: true } }],
    },
  },
);

test("bandOf() doubles, spreads by the jitter, and cuts at the maximum", () => {
  assert.deepEqual(bandOf(configured, 0), { lowMs: 500, meanMs: 1000, highMs: 1500 });
  assert.deepEqual(bandOf({ ...configured, jitter: 0 }, 2), { lowMs: 4000, meanMs: 4000, highMs: 4000 });
  // evenly from 2 to 6 s, and what is above 5 s is 5 s
  assert.deepEqual(bandOf(configured, 2), { lowMs: 2000, meanMs: 0.75 * 3500 + 0.25 * 5000, highMs: 5000 });
  assert.deepEqual(bandOf(configured, 9), { lowMs: 5000, meanMs: 5000, highMs: 5000 });
});

for (const [jitter, kind] of [
  ["50%", "pass"],
  ["0%", "fail"],
] as const)
  test(`clients of a plain Socket.IO server that come back with a jitter of ${jitter}: ${kind}`, async (t) => {
    const server = join(ROOT, "test/fixtures/plain-socket-io.mjs");
    const target = ["--target-command", `node ${server} {port}`, "--target-url", "ws://127.0.0.1:{port}/"];
    const own = ["--smoke", "--json", "--randomization-factor", jitter, "--dead-within", "4s"];
    // so long that a fifth of it is longer than our own thread is late on a busy box
    const waits = ["--reconnection-delay", "1500ms", "--reconnection-delay-max", "3s", "--tries", "2"];
    const words = [...own, ...waits, ...target, "--out", temporaryFolder(t)];
    const report = parseReport(await run("scripts/socketio-reconnect.ts", words, undefined, PATIENT));
    assert.equal(report.verdict.kind, kind, explain(report));
    const herd = report.findings.find(({ sentence }) => sentence.includes("in the same instant"));
    assert.equal(herd?.outcome, kind === "pass" ? "held" : "broken");
  });
