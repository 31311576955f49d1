/** The order and the marks in which every rendering shows findings: broken first, and never by colour alone. */
import type { Finding } from "./finding.ts";
import type { Verdict } from "./report.ts";

export const MARKS: Record<Finding["outcome"] | Verdict["kind"], string> = {
  held: "✅",
  broken: "❌",
  unknown: "❔",
  skipped: "⏭️",
  pass: "✅",
  fail: "❌",
  inconclusive: "❔",
  interrupted: "⏹️",
  error: "💥",
  unfinished: "⏳",
};

const ORDER: readonly Finding["outcome"][] = ["broken", "unknown", "held", "skipped"];

export function inOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome));
}

/** The two columns beside a finding's sentence. */
export function outcomeOf(finding: Finding): { measured: string; limit: string } {
  return "measured" in finding ? finding : { measured: finding.reason, limit: "" };
}
