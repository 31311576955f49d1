/** What a reports folder holds is told in the order of time, whatever state a run was left in. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { madeUpFinding, madeUpReport } from "./fixtures/made-up.ts";
import { differences, listRuns, readEarlier, readHistory, tellEarlier, toPastRun } from "./history.ts";
import { writeIndex } from "./index-file.ts";
import type { Report, Verdict } from "./report.ts";

let out = "";
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "history-test-"));
});
afterEach(() => rmSync(out, { recursive: true }));

const nameOf = (minute: number) => `2026-01-02T03-${String(minute).padStart(2, "0")}-00Z`;

function leaveRun(run: string, kind: Verdict["kind"], own: Partial<Report> = {}) {
  const path = join(out, "made-up", run);
  mkdirSync(path, { recursive: true });
  const verdict = { kind, sentence: `It was ${kind}.` } as Verdict;
  writeFileSync(join(path, "report.json"), JSON.stringify(madeUpReport({ run, verdict, ...own })));
  return path;
}

test("listRuns() is in the order of time, also within a second, and takes nothing else for a run", () => {
  for (const name of [
    "2026-01-02T03-04-05Z-10",
    "2026-01-02T03-04-05Z",
    "2026-01-02T03-04-05Z-9",
    "runs",
    ".x",
  ])
    mkdirSync(join(out, "made-up", name), { recursive: true });
  const second = "2026-01-02T03-04-05Z";
  assert.deepEqual(listRuns(join(out, "made-up")), [second, `${second}-9`, `${second}-10`]);
  assert.deepEqual(listRuns(join(out, "nothing")), []);
});

test("readHistory() tells the last runs, with one that is damaged and one of an older version as what they are", () => {
  for (let minute = 0; minute < 20; minute++) leaveRun(nameOf(minute), "pass");
  writeFileSync(join(out, "made-up", nameOf(18), "report.json"), '{"half a rep');
  const old = readFileSync(fileURLToPath(new URL("./fixtures/report-version-1.json", import.meta.url)));
  writeFileSync(join(out, "made-up", nameOf(19), "report.json"), old);
  const runs = readHistory(join(out, "made-up"));
  assert.equal(runs.length, 15);
  assert.deepEqual(
    runs.slice(-3).map(({ kind }) => kind),
    ["pass", "unreadable", "pass"],
  );
  assert.equal(runs.at(-1)?.figures.length, 6);
});

test("readEarlier() tells the runs before this one", () => {
  for (let minute = 0; minute < 5; minute++) leaveRun(nameOf(minute), "pass");
  const runs = readEarlier(join(out, "made-up", nameOf(3))).map(({ run }) => run);
  assert.deepEqual(runs, [nameOf(0), nameOf(1), nameOf(2)]);
});

test("toPastRun() takes the scenario's own numbers first, at most six", () => {
  const numbered = (sentence: string, standard: boolean) => ({
    ...madeUpFinding("held", sentence),
    ...{ standard, value: 1, unit: "count" },
  });
  const findings = [
    numbered("standard", true),
    madeUpFinding("held", "no number"),
    ...Array.from({ length: 7 }, (_, index) => numbered(`own ${index}`, false)),
  ];
  const { figures } = toPastRun("now", { ...madeUpReport(), findings });
  assert.deepEqual(
    figures.map(({ sentence }) => sentence),
    [0, 1, 2, 3, 4, 5].map((index) => `own ${index}`),
  );
});

test("differences() tells other settings and another box, and not where reports go", () => {
  const run = (hostname: string, hold: string, out: string) => {
    const settings = { hold, out, seed: hold };
    const report = madeUpReport({
      settings: Object.entries(settings).map(([name, value]) => ({ name, value, source: "flag" })),
    });
    return toPastRun("now", { ...report, host: { ...report.host, hostname } });
  };
  assert.deepEqual(differences(run("a", "1 s", "x"), run("a", "1 s", "y")), []);
  assert.deepEqual(differences(run("a", "1 s", "x"), run("b", "2 s", "x")), ["host b", "--hold 2 s"]);
});

test("tellEarlier() says how often in a row, and since when a failure is the first", () => {
  const kinds = (...all: string[]) =>
    all.map((kind, index) => ({
      ...toPastRun(nameOf(index), madeUpReport()),
      kind,
      startedAt: nameOf(index),
    }));
  assert.equal(tellEarlier([], "pass"), null);
  assert.equal(tellEarlier(kinds("fail", "pass", "pass"), "pass"), "pass in the previous 2 runs.");
  assert.equal(
    tellEarlier(kinds("fail", "pass", "pass"), "fail"),
    `pass in the previous 2 runs; the first failure since ${nameOf(1)}.`,
  );
  assert.equal(tellEarlier(kinds("pass", "fail"), "fail"), "fail in the run before.");
});

test("writeIndex() lists every scenario's runs, what is amiss first, with links to their pages", () => {
  leaveRun(nameOf(1), "pass");
  mkdirSync(join(out, "broken-one", nameOf(2)), { recursive: true });
  mkdirSync(join(out, "no-runs"), { recursive: true });
  writeIndex(out);
  const [, page = ""] = readFileSync(join(out, "index.html"), "utf8").split("<body>");
  const order = [
    "broken-one",
    "unreadable",
    ">made-up</a>",
    `<li><a href="made-up/${nameOf(1)}/report.html"`,
  ];
  const places = order.map((part) => page.indexOf(part));
  assert.ok(
    !places.includes(-1) && places.every((place, at) => at === 0 || place > (places[at - 1] ?? 0)),
    `${places}`,
  );
  assert.ok(!page.includes("no-runs"));
});
