/** The bench's results as one table for the terminal: ratios of medians with their spread. */
import type { Result } from "./judgement.ts";

const HEAD = ["work", "Proofload", "peer", "its", "", "ratio (min–max)", "to reach", ""] as const;

export function renderTable(results: readonly Result[]): string {
  const rows: string[][] = [[...HEAD], ...results.map(renderRow)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const numbers = new Set([1, 3, 5]);
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          numbers.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function renderRow(result: Result): string[] {
  const { work, unit, ourMedian, peer, peers, peerMedian, ratio, spread, target, outcome, why } = result;
  const ofOwn = target?.of === "own";
  const range = spread ? ` (${spread.map(brief).join("–")})` : "";
  return [
    work,
    ourMedian === null ? "–" : brief(ourMedian) + (ofOwn ? range : ""),
    peer ?? peers.join(", "),
    peerMedian === null ? "–" : brief(peerMedian),
    unit,
    ratio === null ? "–" : brief(ratio) + (ofOwn ? "" : range),
    target ? describe(target) : "",
    [{ reached: "PASS", short: "SHORT", told: "", skipped: "skipped" }[outcome], why]
      .filter(Boolean)
      .join(": "),
  ];
}

function describe({ of, atLeast, atMost }: NonNullable<Result["target"]>): string {
  const bound = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
  return of === "own" ? `${bound} itself` : bound;
}

/** Three digits that count, and never an exponent; what nothing was divided by is no number. */
function brief(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) < 0.001) return "0";
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US").replaceAll(",", " ");
  return String(Number(value.toPrecision(3)));
}
