/** Every invariant of daemon-lifecycle on made-up evidence, and daemons that nobody here wrote: redis, and nginx, whose workers outlive it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LifeName, LifeRecord } from "../lib/scenario/life.ts";
import { scenario } from "../scripts/daemon-lifecycle.ts";
import { explain, PATIENT, parseReport, run, skipReason, temporaryFolder } from "./command.ts";
import { lookFor } from "./installed.ts";
import { judgeEach } from "./judge-each.ts";

type Evidence = Awaited<ReturnType<typeof scenario.run>>;
const well: LifeRecord = {
  ...{ name: "alone", endBy: "SIGTERM", startError: null, contestError: null, statusError: null },
  ...{ pidFileErrors: [], port: 18_765, sighupError: null, stopTookMs: 20, stopError: null },
  ...{ clients: { opened: 3, told: 3, by: { 1001: 3 } }, zombies: [], left: [], holders: [], leftFiles: [] },
  outputError: null,
};
const killed: Partial<LifeRecord> = { endBy: "SIGKILL", clients: null, stopTookMs: null };
const records: LifeRecord[] = [
  well,
  { ...well, name: "second-start", endBy: "SIGINT" },
  { ...well, name: "two-at-once" },
  { ...well, ...killed, name: "killed" },
  { ...well, ...killed, name: "stale-pid" },
  { ...well, name: "reused-pid" },
  { ...well, name: "port-taken", port: 18_766 },
  { ...well, name: "sighup" },
];
const known: Evidence["known"] = { pidFile: true, lastLine: true, sighup: "reload", ports: [18_765, 18_775] };
/** In the life of this name it was otherwise. */
const life = (name: LifeName, change: Partial<LifeRecord>) => ({
  evidence: { records: records.map((record) => (record.name === name ? { ...record, ...change } : record)) },
});
const none = { evidence: { records: [] } };
const unless = (change: Partial<Evidence["known"]>) => ({
  evidence: { known: { ...known, ...change } },
});

judgeEach(
  scenario,
  { ...{ named: [], stayed: [] }, evidence: { records, planned: 8, known } },
  {
    "all lives were lived, {rounds} times": { broken: [{ evidence: { planned: 24 } }] },
    "every start succeeds, also over a stale pid file and a reused pid": {
      broken: [life("stale-pid", { startError: "already running" }), life("alone", { startError: "no" })],
      held: [life("port-taken", { startError: "EADDRINUSE" })],
      unknown: [none],
    },
    "exactly one runs: a second start is refused, and of two at once one wins": {
      broken: [life("second-start", { contestError: "both" }), life("two-at-once", { contestError: "both" })],
      unknown: [none],
    },
    "the pid file is right at every moment: it names who listens": {
      broken: [
        life("alone", { statusError: "there was none" }),
        life("sighup", { pidFileErrors: ["it was gone"] }),
      ],
      skipped: [unless({ pidFile: false })],
      unknown: [none],
    },
    "where the first port is taken, the next free one is chosen": {
      broken: [
        life("port-taken", { startError: "EADDRINUSE" }),
        life("port-taken", { port: null }),
        life("port-taken", { port: 18_765 }),
      ],
      skipped: [unless({ ports: [8080, 8080] })],
      unknown: [none],
    },
    "SIGTERM and SIGINT stop it cleanly within {stopWithin}": {
      broken: [life("second-start", { stopError: "it had to be killed after 5000 ms" })],
      unknown: [none],
    },
    "clients are told when it stops": {
      broken: [life("alone", { clients: { opened: 3, told: 0, by: { 1006: 3 } } })],
      skipped: [none],
    },
    "SIGHUP does what is declared": {
      broken: [life("sighup", { sighupError: "it was ended by SIGHUP" })],
      skipped: [unless({ sighup: null })],
      unknown: [none],
    },
    "no zombie is left waiting": { broken: [life("alone", { zombies: ["pid 7"] })], unknown: [none] },
    "no output is lost at the stop": {
      broken: [life("alone", { outputError: 'its last line was ""' })],
      skipped: [unless({ lastLine: false })],
      unknown: [none],
    },
    "no orphan holds its port": { broken: [life("killed", { holders: ["pid 7 worker"] })], unknown: [none] },
    "no child outlives a clean stop": { broken: [life("alone", { left: ["pid 7 sleep"] })], unknown: [none] },
    "no pid file and no lock is left after a clean stop": {
      broken: [life("alone", { leftFiles: ["hub.pid"] })],
      unknown: [none],
    },
  },
);

const lives = async (t: { after(work: () => void): void }, target: string) => {
  const words = ["--smoke", "--json", "--out", temporaryFolder(t), "--target", `targets/${target}.json`];
  // lives are judged, not samples: on a busy box half of those are enough
  const patient = { ...PATIENT, PROOFLOAD_MIN_SAMPLES: "50%" };
  return parseReport(await run("scripts/daemon-lifecycle.ts", words, undefined, patient));
};

test("redis lives all its lives: pass", { skip: skipReason(lookFor("redis-server")) }, async (t) => {
  const report = await lives(t, "redis");
  assert.equal(report.verdict.kind, "pass", explain(report));
});

test("nginx, when its master is killed, leaves workers that hold the port: fail, and they are named", {
  skip: skipReason(lookFor("nginx")),
}, async (t) => {
  const report = await lives(t, "nginx");
  assert.equal(report.verdict.kind, "fail", explain(report));
  const [broken, ...others] = report.findings.filter(({ outcome }) => outcome === "broken");
  assert.deepEqual([broken?.sentence, others], ["no orphan holds its port", []], explain(report));
  assert.match(JSON.stringify(broken), /killed: pid \d+ nginx: worker process/);
});
