/** One cycle of WebSocket churn: clients come all at once, go in one way or another, and nothing of them may stay. */
import { setTimeout as delay } from "node:timers/promises";
import { type Tally, total } from "../clients/tally.ts";
import { churn, connectMany } from "../clients/websocket.ts";
import type { TargetRun } from "./target-run.ts";

/** How the clients of a cycle go: as they end, half-open and silent, or during the handshake. */
export const WAYS = ["polite", "destroy", "reset", "boom", "silence", "handshake"] as const;
export type Way = (typeof WAYS)[number];

export interface ChurnRecord {
  readonly cycle: number;
  readonly way: Way;
  readonly asked: number;
  /** One after another, where the server closes some meanwhile. */
  readonly opened: number;
  /** At the same time, once all had connected or were refused. */
  readonly held: number;
  /** By close code or HTTP status. */
  readonly refused: Tally;
  readonly failed: Tally;
  /** Subscribers as the target counts them while all were there, and afterwards; null where it does not count. */
  readonly peakSubscribers: number | null;
  readonly leftSubscribers: number | null;
  /** Connections more than before the first cycle, as the kernel counts them: the fewest while they were waited for. */
  readonly leftSockets: number | null;
  /** Silent ones that the server had not dropped in time. */
  readonly keptSilent: number;
  /** Those whom the server did not end in time where that was its part: no answer to a close frame. */
  readonly late: number;
  /** How the server ended them, where that was its part. */
  readonly endedBy: Tally;
}

export interface ChurnSettings {
  readonly target: TargetRun;
  readonly clients: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly message: string;
  readonly socketsBefore: number | null;
  readonly timeoutMs: number;
  readonly settleMs: number;
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

export async function churnOnce(cycle: number, way: Way, settings: ChurnSettings): Promise<ChurnRecord> {
  const came = await (way === "handshake" ? interrupt(settings) : comeAndGo(way, settings));
  const left = await awaitGone(settings);
  return { cycle, way, asked: settings.clients, ...came, ...left };
}

/** Shares no factor with the 200 ms between questions after its health, nor with what servers poll by: each look falls elsewhere. */
const BETWEEN_LOOKS_MS = 71;

/**
 * The fewest connections that there are in so long a time. Beside the load's there are those that ask after its health: a server
 * that looks at its sockets five times a second has one of them at most moments, and none at some.
 */
export async function countFewest(
  { target, signal }: Pick<ChurnSettings, "target" | "signal">,
  lastsMs: number,
): Promise<number | null> {
  const deadlineMs = performance.now() + lastsMs;
  let fewest = await target.countSockets();
  while (await rest(deadlineMs, signal)) fewest = lower(fewest, await target.countSockets());
  return fewest;
}

/** Until the next look. Answers whether there is time for one. */
async function rest(deadlineMs: number, signal: AbortSignal): Promise<boolean> {
  if (performance.now() >= deadlineMs || signal.aborted) return false;
  await delay(BETWEEN_LOOKS_MS, undefined, { signal }).catch(() => {});
  return true;
}

function lower(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

/**
 * Looks until all are gone, or have had their time; `cutShort`: or until the run was ended. What was not there at some look has not
 * stayed.
 */
export async function awaitGone({
  target,
  socketsBefore,
  settleMs,
  signal,
}: Pick<ChurnSettings, "target" | "socketsBefore" | "settleMs" | "signal">) {
  const deadlineMs = performance.now() + settleMs;
  const countable = isCountable(target, socketsBefore);
  let fewest: number | null = null;
  for (;;) {
    const { subscribers = null } = await target.readNamed();
    fewest = lower(fewest, await target.countSockets());
    const leftSockets = fewest === null || socketsBefore === null ? null : fewest - socketsBefore;
    // a reading that could not be had is no sign that they are gone
    const untold = countable && subscribers === null && leftSockets === null;
    const gone = !untold && (subscribers ?? 0) <= 0 && (leftSockets ?? 0) <= 0;
    if (gone || !(await rest(deadlineMs, signal)))
      return { leftSubscribers: subscribers, leftSockets, cutShort: !gone && signal.aborted };
  }
}

/** Whether anybody says how many clients there are: the target itself, or the kernel. */
export function isCountable({ spec }: TargetRun, socketsBefore: number | null): boolean {
  return socketsBefore !== null || spec?.gauges.subscribers !== undefined;
}

type Came = Omit<ChurnRecord, "cycle" | "way" | "asked" | "leftSubscribers" | "leftSockets">;

async function comeAndGo(way: Exclude<Way, "handshake">, settings: ChurnSettings): Promise<Came> {
  const { target, clients, message, timeoutMs, silenceMs, signal } = settings;
  const crowd = await connectMany({
    ...connection(settings),
    count: clients,
    message,
    timeoutMs,
    confirm: true,
    signal,
  });
  const { opened, refused, failed } = crowd;
  const { subscribers: peakSubscribers = null } = await target.readNamed();
  // whom the server closed before it answered that is known to be closed by now
  const { held } = crowd;
  const came = { opened, held, refused, failed, peakSubscribers, keptSilent: 0, late: 0 };
  if (way !== "silence") {
    const { late, by } = await crowd.end(way);
    return { ...came, late, endedBy: by };
  }
  crowd.silence();
  // where nobody counts them, they have all the time there is: only the ends that they find then tell who was dropped
  if (isCountable(target, settings.socketsBefore)) await awaitGone({ ...settings, settleMs: silenceMs });
  else await delay(silenceMs, undefined, { signal }).catch(() => {});
  await crowd.letGo();
  return { ...came, keptSilent: opened - total(crowd.closed), endedBy: { ...crowd.closed } };
}

/** Half of them during the request, half before the answer. */
async function interrupt(settings: ChurnSettings): Promise<Came> {
  const { clients, timeoutMs, signal } = settings;
  const half = clients >> 1;
  const early = await churn({ ...connection(settings), count: half, timeoutMs, signal }, "mid-request");
  const late = await churn(
    { ...connection(settings), count: clients - half, timeoutMs, signal },
    "mid-answer",
  );
  return {
    opened: early.interrupted + late.interrupted,
    held: 0,
    refused: {},
    failed: { ...early.failed, ...late.failed },
    peakSubscribers: null,
    keptSilent: 0,
    late: 0,
    endedBy: {},
  };
}

/** Where a crowd connects, and how it introduces itself. */
export function connection({ target, headers }: Pick<ChurnSettings, "target" | "headers">) {
  const { url } = target.running;
  if (url === null) throw new Error("Cannot connect: expected a target with a URL");
  return { url, headers };
}
