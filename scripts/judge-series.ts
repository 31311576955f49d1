#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Judges recorded series, CSV or NDJSON from anything: does the process leak, is it level, or cannot this run tell? */
import { EXIT } from "../lib/report/verdict.ts";
import { isProgram } from "../lib/scenario/main.ts";
import { bytes, duration } from "../lib/scenario/number-options.ts";
import { Expected, type Option, optional, repeatable, type Values } from "../lib/scenario/option.ts";
import { type Program, runProgram, tellFailure, tellMistakes } from "../lib/scenario/program.ts";
import { choice, flag, text } from "../lib/scenario/text-options.ts";
import { describeTrend } from "../lib/scenario/trend-text.ts";
import { judgeSeries, type SeriesVerdict } from "../lib/stats/series.ts";
import { type ChannelColumn, readSeriesFile } from "../lib/stats/series-file.ts";
import type { Kind, Per } from "../lib/stats/thresholds.ts";

const KINDS = [
  "live",
  "natural-heap",
  "anonymous-rss",
  "count",
  "threads",
] as const satisfies readonly Kind[];

const options = {
  channel: repeatable(channelColumn(), "required"),
  time: text({ default: "timeMs", placeholder: "COLUMN", help: "when each row was read" }),
  timeUnit: choice(["ms", "s"], { default: "ms", help: "what that is counted in" }),
  cycles: optional(
    text({
      default: "",
      placeholder: "COLUMN",
      help: "how often the load had repeated what it repeats by then",
    }),
    "time, a second for a cycle",
  ),
  warmUp: optional(
    duration({ default: "0s", help: "what is not judged yet, from the start" }),
    "the first third",
  ),
  allowance: bytes({
    default: "24MiB",
    help: `what anonymous RSS may grow by in a healthy process; 8MiB where Node ran with --max-semi-space-size=1 and MALLOC_ARENA_MAX=1`,
  }),
  rssLimit: optional(
    bytes({ default: "1GiB", help: "what anonymous RSS must stay within, where no heap was read" }),
    "none: RSS alone passes nothing",
  ),
  json: flag({ help: "print one JSON document a file, and nothing else" }),
} as const;

const program: Program<typeof options> = {
  file: "scripts/judge-series.ts",
  usage: `scripts/judge-series.ts FILE… --channel KIND=COLUMN [options]

Judge recorded series by the trend verdict: growing (a leak), level or inconclusive.
A FILE is CSV with a header, or one JSON object a line. An empty cell is a reading not taken.

  live           bytes that live, right after a forced collection
  natural-heap   bytes of a heap that collects when it likes: natural-heap=heapBytes:majorCollections
                 names the column that counts its major collections, too
  anonymous-rss  bytes of memory that no file backs
  count          descriptors, sockets, timers, subscribers: whatever can be counted
  threads        threads

  scripts/judge-series.ts run.csv --time timeMs --cycles cycle --channel live=liveBytes --channel count=descriptors

Exit codes: 0 every file is level, 1 one grows, 3 one is inconclusive and none grows, 2 usage or an unreadable file.`,
  options,
  operands: true,
  refuse: ({ values, operands, readable }) => [
    ...(operands.length === 0 ? ["Cannot judge nothing: expected the FILE of a series"] : []),
    ...(values.channel.length === 0 && readable
      ? ["Cannot judge nothing: expected at least one --channel KIND=COLUMN"]
      : []),
  ],
  run: (values, operands) => judgeFiles([...new Set(operands)], values),
};

if (isProgram(import.meta))
  process.exitCode = await runProgram(program, process.argv.slice(2)).catch(tellFailure);

/** Every file is read before anything is told: mistakes in any of them come all at once. */
async function judgeFiles(files: readonly string[], values: Values<typeof options>): Promise<number> {
  const { channel, time, timeUnit, cycles, warmUp, allowance, rssLimit, json } = values;
  const per: Per = cycles === null ? "second" : "cycle";
  const columns = { time, msPerTime: timeUnit === "s" ? 1000 : 1, cycles, channels: channel };
  const judged: { file: string; verdict: SeriesVerdict }[] = [];
  const mistakes: string[] = [];
  for (const file of files) {
    const read = await readSeriesFile(file, columns);
    if ("mistakes" in read) {
      mistakes.push(...read.mistakes);
      continue;
    }
    const verdict = judgeSeries({
      channels: read.channels,
      ...{ per, allowanceBytes: allowance },
      ...(warmUp !== null && { warmUpMs: warmUp }),
      ...(rssLimit !== null && { rssLimitBytes: rssLimit }),
    });
    judged.push({ file, verdict });
  }
  if (mistakes.length > 0) return tellMistakes(program, mistakes);
  for (const { file, verdict } of judged)
    console.log(json ? renderJson(file, per, verdict) : renderText(file, per, verdict));
  const verdicts = judged.map(({ verdict }) => verdict.verdict);
  if (verdicts.includes("growing")) return EXIT.fail;
  return verdicts.includes("inconclusive") ? EXIT.inconclusive : EXIT.pass;
}

function renderJson(file: string, per: Per, { verdict, reason, channels }: SeriesVerdict): string {
  const shown = channels.map(({ kind, name, floors, ...rest }) => ({ kind, column: name, ...rest }));
  return JSON.stringify({ file, verdict, reason, per, channels: shown });
}

function renderText(file: string, per: Per, { verdict, reason, channels }: SeriesVerdict): string {
  const rows = channels.map((channel) => `  ${describeTrend(channel, per)}`);
  return [`${file}: ${verdict}${verdict === "level" ? ` (${reason})` : ""}`, ...rows].join("\n");
}

function channelColumn(): Option<ChannelColumn> {
  return {
    placeholder: "KIND=COLUMN",
    help: `a column to judge, in bytes or things; KIND is one of ${KINDS.join(", ")}`,
    default: { kind: "live", column: "", counter: null },
    smoke: { kind: "live", column: "", counter: null },
    parse: readChannelColumn,
    format: ({ kind, column, counter }) => `${kind}=${column}${counter === null ? "" : `:${counter}`}`,
  };
}

function readChannelColumn(written: string): ChannelColumn | Expected {
  const [, name, rest = ""] = /^([^=]*)=(.+)$/s.exec(written) ?? [];
  const kind = KINDS.find((candidate) => candidate === name);
  if (!kind) return new Expected(`KIND=COLUMN, with a KIND of ${KINDS.join(", ")}`);
  if (kind !== "natural-heap") return { kind, column: rest, counter: null };
  // the last one: a column may have colons in its name
  const [, column, counter] = /^(.+):([^:]+)$/s.exec(rest) ?? [];
  if (column === undefined || counter === undefined)
    return new Expected("natural-heap=COLUMN:COUNTER, the COUNTER a column that counts major collections");
  return { kind, column, counter };
}
