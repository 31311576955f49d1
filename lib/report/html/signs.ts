/** Signs that every font has, emoji or not: an outcome is never told by colour alone. */

const SIGNS: Readonly<Record<string, string>> = {
  ...{ held: "✓", pass: "✓", caught: "✓", silent: "✓" },
  ...{ broken: "✗", fail: "✗", error: "✗", missed: "✗", "false alarm": "✗" },
  ...{ unknown: "?", inconclusive: "?", undecided: "?", unreadable: "?" },
  ...{ skipped: "–", interrupted: "■", unfinished: "…" },
};

export function signOf(outcome: string): string {
  return SIGNS[outcome] ?? "?";
}
