/** A reports folder with a run of every kind, really run and as short as can be; for the browser to look at. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toPastRun } from "../lib/report/history.ts";
import { HOUR, hostileHour } from "../lib/report/html/fixtures/hour.ts";
import { renderReportPage } from "../lib/report/html/report-page.ts";
import { run, start } from "./command.ts";
import { listRuns } from "./remains.ts";

const DESCRIPTORS = "scripts/descriptor-exhaustion.ts";
const SOAK = "scripts/idle-soak.ts";
const SHORT = ["--duration", "5s", "--target-settle", "1s", "--interval", "500ms"];

/** Pages by what they show, as paths below `out`. Takes some 40 s. */
export async function makeCorpus(out: string): Promise<Record<string, string>> {
  const to = (name: string) => ["--out", join(out, name), "--quiet"];
  await run(DESCRIPTORS, ["--smoke", ...to("pass")]);
  await run(DESCRIPTORS, ["--smoke", ...to("pass")]);
  await run(SOAK, [...SHORT, "--fault", "ring-unbounded", "--ring", "50", "--ttl", "1s", ...to("fail")]);
  await run(SOAK, [...SHORT, "--target-command", "false", "--target-ready-within", "1s", ...to("empty")]);
  await run(SOAK, [...SHORT, "--ttl", "1s", ...to("inconclusive")]);
  await endWith("SIGINT", to("interrupted"));
  await endWith("SIGKILL", to("killed"));
  // the next command finishes what was killed
  await run("scripts/limits-audit.ts", to("killed"));
  const suite = ["--only", "limits-audit,descriptor-exhaustion", "--smoke"];
  await run("scripts/stress-all.ts", [...suite, ...to("suite")]);
  await run("scripts/fault-matrix.ts", ["--only", "lock-left", "--smoke", ...to("matrix")]);
  mkdirSync(join(out, "made-up"));
  writeFileSync(join(out, "made-up/report.html"), renderMadeUp());
  const page = (folder: string, scenario: string, place = 0) => {
    const name = listRuns(join(out, folder), scenario)[place] ?? "there is none";
    return join(folder, scenario, name, "report.html");
  };
  return {
    pass: page("pass", "descriptor-exhaustion", 1),
    fail: page("fail", "idle-soak"),
    inconclusive: page("inconclusive", "idle-soak"),
    empty: page("empty", "idle-soak"),
    interrupted: page("interrupted", "descriptor-exhaustion"),
    killed: page("killed", "descriptor-exhaustion"),
    "stress-all": page("suite", "stress-all"),
    "fault-matrix": page("matrix", "fault-matrix"),
    index: "suite/index.html",
    hostile: "made-up/report.html",
  };
}

async function endWith(signal: NodeJS.Signals, words: readonly string[]): Promise<void> {
  // it says in which phase it is
  const told = words.filter((word) => word !== "--quiet");
  const { child, said, ended } = start(DESCRIPTORS, ["--smoke", "--hold", "60s", ...told]);
  await said(/: hold/);
  child.kill(signal);
  await ended;
}

/** An hour with a leak, and earlier runs: of names and words that want to be markup. */
function renderMadeUp(): string {
  const report = hostileHour();
  const earlier = Array.from({ length: 14 }, (_, index) =>
    toPastRun(`2026-01-02T03-${index + 10}-00Z`, report),
  );
  return renderReportPage(report, HOUR, earlier);
}
