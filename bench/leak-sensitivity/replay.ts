/** Judges a soak that was recorded, at its end and as if it had ended before: what was told, and when it could be told. */
import { z } from "zod";
import { judgeCheckpoints } from "../../lib/scenario/leak.ts";
import { createLooks } from "../../lib/scenario/soak.ts";
import type { Checkpoint } from "../../lib/scenario/target-watch.ts";
import type { ChannelVerdict, Verdict } from "../../lib/stats/channel-verdict.ts";
import type { SeriesVerdict } from "../../lib/stats/series.ts";
import { MARKS, type Mark, type Plant } from "./plants.ts";

/** One run of a plant. */
export interface Replayed {
  readonly plant: Plant;
  /** By the length of run in seconds; none for what is beyond this one. */
  readonly verdicts: Readonly<Partial<Record<Mark, Verdict>>>;
  /** The channels called growing at any of these lengths, and any by which a run that may end early would have. */
  readonly growing: readonly string[];
  /** From when on each look said that it grows, ms; null where the last one did not. */
  readonly toldAfterMs: number | null;
  /** When --stop-early would have ended it, ms; null where it would not. */
  readonly endedAfterMs: number | null;
  /** At the end: where the leak has to show, of health live bytes. */
  readonly channel: Pick<
    ChannelVerdict,
    "name" | "verdict" | "slopePerCycle" | "low" | "high" | "smallestLeakExcluded"
  > | null;
}

const CONDITIONS = { warmUpMs: null, growthLimitBytes: 50e6 };

const reading = z.number().nullable();
const table = z.record(z.string(), z.number());
const evidenceSchema = z.object({
  checkpoints: z.array(
    z.object({
      cycle: z.number(),
      atMs: z.number(),
      rssBytes: reading,
      anonymousBytes: reading,
      pssBytes: reading,
      descriptors: reading,
      threads: reading,
      sockets: reading,
      socketsEstablished: reading,
      socketsCloseWait: reading,
      socketsClosing: reading,
      processes: reading,
      liveBytes: reading,
      engines: reading,
      resources: table.nullable(),
      named: z.record(z.string(), reading),
    }),
  ),
});

/** `evidence`: that of a report of idle-soak. Throws for anything else. */
export function replaySoak(plant: Plant, evidence: unknown): Replayed {
  const { checkpoints } = evidenceSchema.parse(evidence);
  const startMs = checkpoints[0]?.atMs ?? 0;
  const lengthMs = (checkpoints.at(-1)?.atMs ?? 0) - startMs;
  const until = (ms: number) => checkpoints.filter(({ atMs }) => atMs - startMs <= ms);
  const judged = MARKS.filter((mark) => mark * 1000 <= lengthMs).map((mark) => {
    // a run that ends there has its last look up to a second later
    return [mark, judgeCheckpoints(until(mark * 1000 + 1000), CONDITIONS)] as const;
  });
  const end = judgeCheckpoints(checkpoints, CONDITIONS);
  const early = endEarly(checkpoints);
  const verdicts = [...judged.map(([, verdict]) => verdict), end, ...(early ? [early.verdict] : [])];
  return {
    plant,
    verdicts: Object.fromEntries(judged.map(([mark, { verdict }]) => [mark, verdict])),
    growing: [...new Set(verdicts.flatMap(namesGrowing))],
    toldAfterMs: findToldAfter(checkpoints, startMs),
    endedAfterMs: early ? early.atMs - startMs : null,
    channel: pick(end, plant),
  };
}

function namesGrowing({ channels }: SeriesVerdict): string[] {
  return channels.filter(({ verdict }) => verdict === "growing").map(({ name }) => name);
}

function endEarly(checkpoints: readonly Checkpoint[]) {
  const looks = createLooks(CONDITIONS);
  for (const [at, { atMs }] of checkpoints.entries()) {
    const taken = checkpoints.slice(0, at + 1);
    if (looks.agree(taken)) return { atMs, verdict: judgeCheckpoints(taken, CONDITIONS) };
  }
  return null;
}

function findToldAfter(checkpoints: readonly Checkpoint[], startMs: number): number | null {
  let toldMs: number | null = null;
  for (let at = checkpoints.length - 1; at > 0; at--) {
    const { verdict } = judgeCheckpoints(checkpoints.slice(0, at + 1), CONDITIONS);
    if (verdict !== "growing") break;
    toldMs = (checkpoints[at]?.atMs ?? 0) - startMs;
  }
  return toldMs;
}

function pick({ channels }: SeriesVerdict, { leak }: Plant): ChannelVerdict | null {
  const names = leak?.channels ?? ["live bytes"];
  const those = channels.filter(({ name }) => names.includes(name));
  return those.find(({ verdict }) => verdict === "growing") ?? those[0] ?? null;
}
