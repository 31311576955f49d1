/** Clients that show no good credential: what they are told, and whether they hear anything. */
import { addUp, type Tally } from "../clients/tally.ts";
import { connectMany } from "../clients/websocket.ts";
import { lookUntil } from "./abortable.ts";
import type { Imposture, Introduction, Way } from "./credentials.ts";
import type { Options } from "./option.ts";
import type { Context } from "./scenario.ts";
import { type Growth, growthBetween } from "./weight.ts";

export interface IntrusionRecord {
  readonly imposture: Imposture;
  readonly asked: number;
  /** By HTTP status or close code, at the door or soon after. */
  readonly refused: Tally;
  /** By errno, or "timeout": not a word. */
  readonly failed: Tally;
  /** Still in when they had had their time. */
  readonly admitted: number;
  /** Messages that they were sent, all together. */
  readonly messages: number;
  /** What of ours was used up; or null. */
  readonly refusedBy: string | null;
}

export interface IntrusionSettings {
  readonly count: number;
  readonly timeoutMs: number;
  /** How long a server has that lets everybody in first, and then closes. */
  readonly closeWithinMs: number;
  readonly signal: AbortSignal;
}

/** Each kind comes so often before it counts: code compiles, and pools open. */
const WARM_UP = 20;
/** Of one client, on a small machine. */
export const PLANNED_REFUSAL_MS = 3;

/** In every wrong way: a few first, then so many in all, between two looks at the target's memory. */
export async function tryDoor(
  { target, phase, signal }: Pick<Context<Options>, "target" | "phase" | "signal">,
  ways: readonly Way[],
  { count, ...patience }: Omit<IntrusionSettings, "signal">,
): Promise<{ readonly intrusions: readonly IntrusionRecord[]; readonly growth: Growth | null }> {
  await phase("warm-up", { lastsMs: ways.length * WARM_UP * PLANNED_REFUSAL_MS }, async () => {
    for (const way of ways) await intrude(way, { ...patience, count: WARM_UP, signal });
  });
  const before = await target.checkpoint(0);
  const each = Math.ceil(count / ways.length);
  const intrusions: IntrusionRecord[] = [];
  for (const way of ways) {
    if (signal.aborted) break;
    const settings = { label: way.imposture, lastsMs: each * PLANNED_REFUSAL_MS };
    const record = await phase("load", settings, () => intrude(way, { ...patience, count: each, signal }));
    // of one that was cut short nobody knows what would have become
    if (!signal.aborted) intrusions.push(record);
  }
  return { intrusions, growth: growthBetween(before, await target.checkpoint(count)) };
}

const AT_ONCE = 32;

async function intrude(
  { imposture, introduction }: Way,
  { count, timeoutMs, closeWithinMs, signal }: IntrusionSettings,
): Promise<IntrusionRecord> {
  const settings = { ...introduction, count, timeoutMs, signal, concurrency: AT_ONCE, confirm: true };
  const clients = await connectMany(settings);
  await lookUntil(() => clients.held === 0, closeWithinMs, signal);
  const { refused, closed, failed, held: admitted, messages, refusedBy } = clients;
  await clients.end("destroy");
  return { imposture, asked: count, refused: addUp(refused, closed), failed, admitted, messages, refusedBy };
}

/** Clients whose token ends while they are connected. */
export interface EndRecord {
  readonly opened: number;
  /** By close code or errno. */
  readonly closedBy: Tally;
  /** After their token's end; before it, where that is negative. */
  readonly closedAfterMs: readonly number[];
}

interface EndSettings {
  readonly count: number;
  /** From when they begin to connect. */
  readonly endsInMs: number;
  readonly closeWithinMs: number;
  readonly signal: AbortSignal;
}

export async function awaitTokenEnd(
  introduction: Introduction,
  { count, endsInMs, closeWithinMs, signal }: EndSettings,
): Promise<EndRecord> {
  const endsAtMs = performance.now() + endsInMs;
  const closedAfterMs: number[] = [];
  const onClosed = () => closedAfterMs.push(performance.now() - endsAtMs);
  const clients = await connectMany({
    ...introduction,
    count,
    signal,
    confirm: true,
    listener: { onClosed },
  });
  await lookUntil(() => clients.held === 0, endsAtMs + closeWithinMs - performance.now(), signal);
  const closedBy = { ...clients.closed };
  await clients.end("polite");
  return { opened: signal.aborted ? 0 : clients.opened, closedBy, closedAfterMs };
}
