/** From findings to a verdict in a sentence, and from a verdict to the exit code. */
import type { Finding } from "./finding.ts";
import type { Verdict } from "./report.ts";

/** Cron and make read these (the last ones as sysexits(3) and 128 + signal). */
export const EXIT = {
  pass: 0,
  fail: 1,
  usage: 2,
  inconclusive: 3,
  error: 70,
  locked: 75,
  skipped: 77,
  SIGINT: 130,
  SIGTERM: 143,
} as const;

/** A broken invariant of the load itself is a fail, whatever else is unclear; a load that was not there proves nothing. */
export function judge(findings: readonly Finding[]): Verdict {
  const broken = findings.filter(({ outcome }) => outcome === "broken");
  const failed = broken.filter(({ group }) => group !== "applied");
  const [first, ...more] = failed;
  if (first) return { kind: "fail", sentence: `Not so: ${first.sentence}: ${tell(first)}${others(more)}.` };
  const unclear = [...broken, ...findings.filter(({ outcome }) => outcome === "unknown")];
  const [open, ...rest] = unclear;
  if (open) {
    const why = open.outcome === "broken" ? "The load was not really there" : "This could not be measured";
    return { kind: "inconclusive", sentence: `${why}: ${open.sentence}: ${tell(open)}${others(rest)}.` };
  }
  const own = findings.filter(({ group, standard }) => group === "applied" && !standard);
  const [missing] = own;
  if (missing?.outcome === "skipped" && own.every(({ outcome }) => outcome === "skipped")) {
    return { kind: "skipped", sentence: `Nothing of it can be done here: ${missing.reason}.` };
  }
  const held = findings.filter(({ outcome }) => outcome === "held").length;
  const skipped = findings.length - held;
  if (held === 0) return { kind: "skipped", sentence: "Nothing of it can be done here." };
  return { kind: "pass", sentence: `All ${held} invariants held${skipped ? `, ${skipped} skipped` : ""}.` };
}

export function exitCodeOf(verdict: Verdict): number | null {
  if (verdict.kind === "interrupted") return EXIT[verdict.signal];
  return verdict.kind === "unfinished" ? null : EXIT[verdict.kind];
}

function tell(finding: Finding): string {
  return "measured" in finding ? `${finding.measured}, limit ${finding.limit}` : finding.reason;
}

function others(more: readonly Finding[]): string {
  return more.length === 0 ? "" : ` (and ${more.length} more)`;
}
