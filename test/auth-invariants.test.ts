/** Every invariant of websocket-auth on made-up evidence, and a server in another language that asks for a password, or does not. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { EndRecord, IntrusionRecord } from "../lib/scenario/intruders.ts";
import { MIB } from "../lib/units.ts";
import { scenario } from "../scripts/websocket-auth.ts";
import { explain, PATIENT, parseReport, ROOT, run, skipReason, temporaryFolder } from "./command.ts";
import { lookForModule } from "./installed.ts";
import { judgeEach } from "./judge-each.ts";

const none: IntrusionRecord = {
  ...{
    imposture: "none",
    asked: 500,
    refused: { 401: 500 },
    failed: {},
    admitted: 0,
    messages: 0,
    refusedBy: null,
  },
};
const oversized: IntrusionRecord = { ...none, imposture: "oversized", refused: { 431: 500 } };
const ended: EndRecord = { opened: 2, closedBy: { 4401: 2 }, closedAfterMs: [12, 14] };
/** The first was otherwise. */
const first = (change: Partial<IntrusionRecord>) => ({
  evidence: { intrusions: [{ ...none, ...change }, oversized] },
});
const good = { opened: 3, messages: 60, answered: 3, closed: {} };
const end = (change: Partial<EndRecord>) => ({ evidence: { ended: { ...ended, ...change } } });
const nobody = { evidence: { intrusions: [] } };
const growth = (bytes: number) => ({ evidence: { growth: { bytes, noiseBytes: MIB } } });

judgeEach(
  scenario,
  {
    ...{ named: [], stayed: [] },
    evidence: {
      ...{ intrusions: [none, oversized], growth: { bytes: 0, noiseBytes: MIB }, ended, good },
      ...{
        visits: { made: 20, failed: {} },
        hearsEvents: true,
        leftSubscribers: 0,
        leftSockets: 0,
        cutShort: false,
      },
    },
  },
  {
    "{refusals} clients came without a good token": {
      broken: [first({ asked: 499 }), nobody],
      unknown: [first({ refusedBy: "EMFILE" })],
    },
    "events were sent meanwhile to who may hear them": {
      broken: [{ evidence: { good: { ...good, messages: 2 } } }],
      skipped: [{ evidence: { hearsEvents: false } }],
    },
    "whoever shows no good token is refused": { broken: [first({ admitted: 1 })], unknown: [nobody] },
    "whoever is refused is told so: HTTP 401 or 403, or a close code that says it": {
      broken: [
        first({ refused: { 401: 499, 500: 1 } }),
        first({ refused: { 431: 500 } }),
        first({ refused: { 401: 499 }, failed: { timeout: 1 } }),
        first({ refused: { 1006: 500 } }),
      ],
      held: [
        first({ refused: { 4401: 250, 1008: 250 } }),
        first({ imposture: "oversized", refused: { 400: 500 } }),
      ],
      unknown: [nobody],
    },
    "none of them ever receives a message": { broken: [first({ messages: 1 })], unknown: [nobody] },
    "a good token works all the while": {
      broken: [
        { evidence: { visits: { made: 20, failed: { "HTTP 500": 1 } } } },
        { evidence: { good: { ...good, closed: { 1006: 1 } } } },
        { evidence: { good: { ...good, answered: 2 } } },
      ],
      unknown: [
        { evidence: { visits: { made: 0, failed: {} } } },
        { evidence: { good: { ...good, opened: 0, answered: 0 } } },
      ],
    },
    "who is connected when the token ends is closed within {closeWithin}": {
      broken: [
        end({ closedAfterMs: [12] }),
        end({ closedAfterMs: [12, -2000] }),
        end({ closedBy: { 4401: 1, 1006: 1 } }),
      ],
      skipped: [{ evidence: { ended: null } }],
      unknown: [end({ opened: 0, closedAfterMs: [], closedBy: {} })],
    },
    "a refusal costs for good at most {maxEach} of the target's memory": {
      broken: [growth(4 * MIB)],
      held: [growth(-MIB), growth(MIB)],
      skipped: [{ evidence: { growth: null } }],
      unknown: [nobody],
    },
    "no connection of who was refused stays": {
      broken: [{ evidence: { leftSockets: 1 } }, { evidence: { leftSubscribers: 1 } }],
      skipped: [{ evidence: { leftSubscribers: null, leftSockets: null } }],
      unknown: [{ evidence: { leftSockets: 1, cutShort: true } }],
    },
  },
);

const AUTHORIZATION = `Authorization: Basic ${Buffer.from("somebody:s3cret").toString("base64")}`;

for (const [environment, kind, wrong] of [
  [{ BASIC_AUTH: "somebody:s3cret" }, "pass", []],
  [{}, "fail", ["whoever shows no good token is refused"]],
] as const)
  test(`a server of python3-websockets with ${JSON.stringify(environment)}: ${kind}`, {
    skip: skipReason(lookForModule("websockets")),
  }, async (t) => {
    const out = temporaryFolder(t);
    const file = JSON.parse(readFileSync(join(ROOT, "targets/python-websockets.json"), "utf8"));
    const target = join(out, "target.json");
    const command = file.command.replace("python-websockets.py", join(ROOT, "targets/python-websockets.py"));
    writeFileSync(target, JSON.stringify({ ...file, $schema: undefined, command, environment }));
    const words = ["--smoke", "--json", "--refusals", "200", "--target", target, "--out", out];
    const shown = ["--header", AUTHORIZATION];
    const ended = await run("scripts/websocket-auth.ts", [...words, ...shown], undefined, PATIENT);
    const report = parseReport(ended);
    assert.equal(report.verdict.kind, kind, explain(report));
    const broken = report.findings.filter(({ outcome }) => outcome === "broken");
    assert.deepEqual(
      broken.map(({ sentence }) => sentence),
      wrong,
    );
    assertSecret(join(out, "websocket-auth", report.run));
  });

/** Not one file of a report has the password in it, in whatever form. */
function assertSecret(folder: string): void {
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), "latin1");
    for (const secret of ["s3cret", Buffer.from("somebody:s3cret").toString("base64")])
      assert.ok(!text.includes(secret), name);
  }
}
