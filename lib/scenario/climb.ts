/** One climb to a server's limit and beyond: who is let in, what those inside notice, how soon a place can be taken again. */
import { setTimeout as delay } from "node:timers/promises";
import type { Answers } from "../clients/hearing.ts";
import { addUp, type LatencyMs, type Tally, total } from "../clients/tally.ts";
import { type Clients, connectMany } from "../clients/websocket.ts";
import { awaitGone, connection } from "./churn.ts";
import type { LeftOver } from "./left-over.ts";
import type { TargetRun } from "./target-run.ts";
import { growthBetween } from "./weight.ts";

/** All at once, or one after another. */
export type Pace = "burst" | "trickle";

export interface ClimbRecord extends LeftOver {
  readonly pace: Pace;
  readonly asked: number;
  /** In at the same time, once all had been let in or refused. */
  readonly held: number;
  /** As the target counts; null where it does not. */
  readonly subscribers: number | null;
  /** Of all who came to a full house, by close code or HTTP status. */
  readonly refused: Tally;
  /** By errno, or "timeout": nobody answered them. */
  readonly failed: Tally;
  /** What of ours was used up, so that no more were tried; or null. */
  readonly refusedBy: string | null;
  readonly latencyMs: LatencyMs;
  /** Those inside, asked while others knocked. */
  readonly inside: Answers;
  /** Of those inside, by close code or errno: closed unasked. */
  readonly closed: Tally;
  /** Places that were freed, those of them that were taken in time, and how long that took at most. */
  readonly freed: number;
  readonly retaken: number;
  readonly retakenMs: number;
  /** For each who is in: the target's memory, and ours; null where it cannot be told. */
  readonly targetBytesEach: number | null;
  readonly ownBytesEach: number | null;
}

export interface ClimbSettings {
  readonly target: TargetRun;
  readonly headers: Readonly<Record<string, string>>;
  /** How many come. */
  readonly most: number;
  readonly freed: number;
  readonly freeWithinMs: number;
  readonly socketsBefore: number | null;
  readonly timeoutMs: number;
  readonly settleMs: number;
  readonly signal: AbortSignal;
}

/** Handshakes at a time: as long as the queue of connections that wait to be accepted (listen(2), Node's default). */
const AT_ONCE = 511;
/** How many knock while those inside are asked. */
const KNOCKING = 10;
const BETWEEN_TRIES_MS = 20;
/** Of fewer connections our own memory says nothing: the heap breathes by more. */
const FEWEST_TO_WEIGH = 1000;

export async function climbOnce(pace: Pace, settings: ClimbSettings): Promise<ClimbRecord> {
  const { target, most, signal } = settings;
  const before = { target: await target.checkpoint(0), ownBytes: process.memoryUsage.rss() };
  const clients = await connectMany({
    ...connecting(settings),
    count: most,
    concurrency: pace === "burst" ? Math.min(most, AT_ONCE) : 1,
  });
  const { held } = clients;
  const ownBytes = process.memoryUsage.rss() - before.ownBytes;
  const { subscribers = null } = await target.readNamed();
  const growth = growthBetween(before.target, await target.checkpoint(held));
  const [inside, knocked] = await Promise.all([
    clients.ask(settings.timeoutMs),
    connectMany({ ...connecting(settings), count: KNOCKING }),
  ]);
  await knocked.end("polite");
  const closed = { ...clients.closed };
  const places = signal.aborted
    ? { freed: 0, retaken: 0, retakenMs: 0 }
    : await takeFreedPlaces(clients, settings);
  await clients.end("polite");
  return {
    ...{ pace, asked: most + KNOCKING, held, subscribers },
    refused: addUp(clients.refused, knocked.refused),
    failed: addUp(clients.failed, knocked.failed),
    refusedBy: clients.refusedBy,
    latencyMs: clients.latencyMs,
    ...{ inside, closed },
    ...places,
    ...(await awaitGone(settings)),
    targetBytesEach: growth === null || held === 0 ? null : Math.max(0, growth.bytes / held),
    ownBytesEach: held < FEWEST_TO_WEIGH ? null : Math.max(0, ownBytes / held),
  };
}

/** Some go, politely; as many try at once, and again until the time is over, to have their places. */
async function takeFreedPlaces(clients: Clients, settings: ClimbSettings) {
  const freed = Math.min(settings.freed, clients.held);
  await clients.end("polite", freed);
  const startedMs = performance.now();
  const newcomers: Clients[] = [];
  let retaken = 0;
  let retakenMs = 0;
  while (retaken < freed && !settings.signal.aborted) {
    const more = await connectMany({ ...connecting(settings), count: freed - retaken });
    newcomers.push(more);
    retaken += more.held;
    retakenMs = performance.now() - startedMs;
    if (retaken < freed && retakenMs >= settings.freeWithinMs) break;
    if (retaken < freed) await delay(BETWEEN_TRIES_MS);
  }
  await Promise.all(newcomers.map((more) => more.end("polite")));
  return { freed, retaken, retakenMs };
}

/** Who is let in answers a ping: a server may take everybody, and close whom it has no room for. */
function connecting(settings: ClimbSettings) {
  const { timeoutMs, signal } = settings;
  return { ...connection(settings), timeoutMs, signal, confirm: true };
}

export function cameInVain({ refused, failed }: Pick<ClimbRecord, "refused" | "failed">): number {
  return total(refused) + total(failed);
}
