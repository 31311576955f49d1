/** A clean-up that a server is asked for, and how soon nothing is left that it had to forget. */
import { setTimeout as delay } from "node:timers/promises";
import type { NamedReadings } from "../host/gauges.ts";
import { maximum } from "../stats/summary.ts";
import { formatDuration } from "../units.ts";
import { atMost, type Measure, none, skipped, unknown } from "./measure.ts";

/** When it was seen to be clean, and when it was last seen not to be: the truth lies between them. */
export interface CleanupRecord {
  /** Null: not as long as it was looked at. */
  readonly cleanAfterMs: number | null;
  /** When the last look began that saw something; 0: none did. */
  readonly dirtyAtMs: number;
  /** It was looked at until the run was ended. */
  readonly cutShort: boolean;
  /** Why it could not even be asked for; or null. */
  readonly refusal: string | null;
}

export interface CleanupSettings {
  /** Asks for it; null: it happens by itself. */
  readonly ask: (() => Promise<void>) | null;
  readonly read: () => Promise<NamedReadings>;
  /** Of which gauges nothing more may be left than this. */
  readonly before: NamedReadings;
  readonly watchMs: number;
  readonly signal: AbortSignal;
}

const LOOK_MS = 20;

export async function cleanUp(settings: CleanupSettings): Promise<CleanupRecord> {
  const { ask, read, before, watchMs, signal } = settings;
  const startedMs = performance.now();
  const since = () => performance.now() - startedMs;
  let dirtyAtMs = 0;
  const refusal = await ask?.().then(
    () => null,
    ({ message }: Error) => message,
  );
  if (refusal) return { cleanAfterMs: null, dirtyAtMs: 0, cutShort: signal.aborted, refusal };
  for (;;) {
    const lookMs = since();
    const now = await read();
    if (isClean(now, before)) return { cleanAfterMs: since(), dirtyAtMs, cutShort: false, refusal: null };
    dirtyAtMs = lookMs;
    if (lookMs > watchMs || signal.aborted)
      return { cleanAfterMs: null, dirtyAtMs, cutShort: signal.aborted, refusal: null };
    await delay(LOOK_MS);
  }
}

/** A gauge that could not be read is no sign of it. */
function isClean(now: NamedReadings, before: NamedReadings): boolean {
  return Object.entries(before).every(([name, value]) => {
    const left = now[name];
    return value === null || (left !== null && left !== undefined && left <= value);
  });
}

/** Null among them: there was nothing to be looked at. */
export function judgeCleanups(records: readonly (CleanupRecord | null)[], withinMs: number): Measure {
  const seen = records.filter((record) => record !== null);
  if (seen.length < records.length)
    return skipped("what it has to forget cannot be counted: --gauge managers=SOURCE");
  const whole = seen.filter(({ cutShort }) => !cutShort);
  const refused = whole.flatMap(({ refusal }) => refusal ?? []);
  if (refused.length > 0) return none(refused, whole.length, "times that it was asked for");
  const slowest = maximum(whole.map(({ cleanAfterMs, dirtyAtMs }) => cleanAfterMs ?? dirtyAtMs));
  const late = whole.filter(({ dirtyAtMs }) => dirtyAtMs > withinMs);
  if (late.length > 0) {
    const never = late.filter(({ cleanAfterMs }) => cleanAfterMs === null).length;
    return atMost(slowest, withinMs, "ms", [
      `${late.length} of ${whole.length} were late`,
      ...(never > 0 ? [`${never} had not ended when nobody looked any more`] : []),
    ]);
  }
  if (slowest !== null && slowest > withinMs)
    return unknown(`we looked too seldom: it was clean when we saw it, after ${formatDuration(slowest)}`);
  return atMost(slowest, withinMs, "ms", [`${whole.length} times`]);
}
