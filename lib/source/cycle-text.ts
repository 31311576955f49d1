/** Cycles, and what to cut, in words. */
import type { When } from "./import.ts";
import type { KnownCut, KnownCycle } from "./survey.ts";

/** "a.ts:1 → b.ts:2 → a.ts", and what is special about it. */
export function tellCycle({ steps }: KnownCycle): string {
  const path = [...steps.map(({ file, line }) => `${file}:${line}`), steps[0]?.file ?? ""].join(" → ");
  const later = steps
    .filter(({ when }) => when !== "load")
    .map(({ file, line, when }) => `${WORDS[when]} ${file}:${line}`);
  const maybe = steps
    .filter(({ conditional }) => conditional)
    .map(({ file, line }) => `a condition at ${file}:${line}`);
  const why = [...later, ...maybe];
  return why.length === 0 ? path : `${path} (${why.join(", ")})`;
}

const WORDS: Readonly<Record<When, string>> = {
  load: "while loading",
  deferred: "closes only later, when it is called:",
  type: "types alone:",
};

/** What a cycle is, whatever else changes in its files: "a.ts b.ts". */
export function identify({ steps }: KnownCycle): string {
  return steps.map(({ file }) => file).join(" ");
}

export function tellCut({ file, lines, to, opens }: KnownCut): string {
  return `${file}:${lines.join(",")} → ${to} opens ${opens}`;
}
