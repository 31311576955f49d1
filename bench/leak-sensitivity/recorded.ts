/** How many leaks the trend verdict finds in recordings of real processes, and how many healthy ones it calls leaky. */
import { loadRecordings, type Recording } from "../../lib/stats/fixtures/recordings.ts";
import { judgeSeries } from "../../lib/stats/series.ts";
import { ALLOWANCE_BYTES } from "../../lib/stats/thresholds.ts";
import { alignColumns } from "./columns.ts";
import { NAIVE_RULES } from "./naive-rules.ts";

export interface Tally {
  readonly group: string;
  readonly truth: Recording["truth"];
  readonly runs: number;
  readonly growing: number;
  readonly level: number;
  readonly inconclusive: number;
  /** How many each naive rule calls leaky. */
  readonly naive: Readonly<Record<string, number>>;
}

export interface RecordedResult {
  readonly bySet: readonly Tally[];
  readonly byKind: readonly Tally[];
  /** What the README says of it, or what is wrong with that. */
  readonly broken: readonly string[];
}

const SETS: Readonly<Record<string, string>> = {
  gd: "live bytes after forced collections",
  nq: "natural collection",
  fq: "natural, small heap and one arena",
};

/** A cache that is still filling: no statistic tells it from a leak without a declared warm-up, so it has a row of its own. */
const FILLING = "h-cacheslow";

export function judgeRecorded(): RecordedResult {
  const judged = loadRecordings().map(judgeOne);
  const sets = Object.entries(SETS);
  const bySet = sets.flatMap(([set, title]) => {
    const own = judged.filter((one) => one.set === set);
    const filling = own.filter(({ kind }) => kind === FILLING);
    const rest = own.filter(({ kind }) => kind !== FILLING);
    return [
      ...(["healthy", "leak"] as const).map((truth) => tally(title, truth, rest)),
      tally(`${title}: a cache that fills`, "healthy", filling),
    ];
  });
  const byKind = sets.flatMap(([set]) => {
    const own = judged.filter((one) => one.set === set);
    const kinds = [...new Set(own.map(({ kind }) => kind))];
    return kinds.flatMap((kind) => {
      const those = own.filter((one) => one.kind === kind);
      return those.slice(0, 1).map(({ truth }) => tally(`${set} ${kind}`, truth, those));
    });
  });
  return { bySet, byKind, broken: findBroken(bySet) };
}

function judgeOne({ set, kind, truth, channels, rssBytes, tMs }: Recording) {
  const allowanceBytes = set === "fq" ? ALLOWANCE_BYTES.launchedWithFlags : ALLOWANCE_BYTES.default;
  const { verdict } = judgeSeries({ channels, allowanceBytes });
  const leaky = Object.entries(NAIVE_RULES).flatMap(([name, rule]) => (rule(rssBytes, tMs) ? [name] : []));
  return { set, kind, truth, verdict, leaky };
}

function tally(group: string, truth: Tally["truth"], all: readonly ReturnType<typeof judgeOne>[]): Tally {
  const those = all.filter((one) => one.truth === truth);
  const count = (verdict: string) => those.filter((one) => one.verdict === verdict).length;
  return {
    ...{ group, truth, runs: those.length },
    ...{ growing: count("growing"), level: count("level"), inconclusive: count("inconclusive") },
    naive: Object.fromEntries(
      Object.keys(NAIVE_RULES).map((name) => [
        name,
        those.filter(({ leaky }) => leaky.includes(name)).length,
      ]),
    ),
  };
}

function findBroken(bySet: readonly Tally[]): string[] {
  const leaks = bySet.filter(({ truth }) => truth === "leak");
  const sum = (tallies: readonly Tally[], what: "runs" | "growing" | "level") =>
    tallies.reduce((total, one) => total + one[what], 0);
  const alarms = sum(bySet, "growing") - sum(leaks, "growing");
  const missed = sum(leaks, "level");
  return [
    ...(alarms > 0 ? [`${alarms} healthy recordings were called growing, expected none`] : []),
    ...(missed >= 0.05 * sum(leaks, "runs")
      ? [`${missed} of ${sum(leaks, "runs")} leaks were called level, expected fewer than 5 %`]
      : []),
  ];
}

/** As a table for the terminal. */
export function renderRecorded(tallies: readonly Tally[]): string {
  const rules = Object.keys(NAIVE_RULES);
  const head = [
    "",
    "",
    "runs",
    "growing",
    "level",
    "inconclusive",
    ...rules.map((_, at) => `leaky by ${at + 1}`),
  ];
  const rows = tallies.map(({ group, truth, runs, growing, level, inconclusive, naive }) => [
    ...[group, truth, String(runs), share(growing, runs), share(level, runs), share(inconclusive, runs)],
    ...rules.map((rule) => share(naive[rule] ?? 0, runs)),
  ]);
  const lines = alignColumns([head, ...rows], 2);
  return [...lines, "", ...rules.map((rule, at) => `${at + 1}: ${rule}, on resident set size`)].join("\n");
}

function share(part: number, whole: number): string {
  return `${part} (${whole === 0 ? "–" : Math.round((100 * part) / whole)} %)`;
}
