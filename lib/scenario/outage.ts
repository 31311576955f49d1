/** An outage of the network between Socket.IO clients and their server, and how the clients came back from it. */
import type { Network } from "../clients/network.ts";
import type { Return, Returning } from "../clients/returning.ts";
import type { Backoff } from "../clients/socket-io.ts";
import { watchLoopDelay } from "../host/loop-delay.ts";
import { countBusiest } from "../stats/busiest.ts";
import { maximum, minimum } from "../stats/summary.ts";
import { lookUntil } from "./abortable.ts";

/** What all clients waited before their so-many-th try, ms. */
export interface Waits {
  readonly count: number;
  readonly shortestMs: number;
  readonly meanMs: number;
  readonly longestMs: number;
}

export interface OutageRecord {
  readonly lost: number;
  readonly returned: number;
  /** By the number of the try, from 0 on; where nearly all of them made it. */
  readonly waits: readonly Waits[];
  /** Of all first tries, and of all returns: the share that lies in a part of the delay, the busiest one. */
  readonly firstWaveShare: number | null;
  readonly returnWaveShare: number | null;
  /** How late our own event loop was at most. */
  readonly ownLateMs: number;
  readonly cutShort: boolean;
}

export interface OutageSettings {
  readonly clients: Returning;
  readonly network: Network;
  readonly backoff: Backoff;
  /** It lasts until each client has tried so often. */
  readonly tries: number;
  /** For a handshake. */
  readonly timeoutMs: number;
  /** Done while it lasts. */
  readonly meanwhile: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** In so much of the delay may not all come. */
export const WAVE_OF_DELAY = 0.2;
/** A try that only a few had the time for says little of how long all wait. */
const NEARLY_ALL = 0.9;

export async function goThroughOutage(settings: OutageSettings): Promise<OutageRecord> {
  const { clients, network, backoff, tries, signal } = settings;
  const there = clients.connected;
  const loop = watchLoopDelay();
  clients.takeReturns();
  network.fail();
  const isOver = (holds: () => boolean, withinMs: number) => lookUntil(holds, withinMs, signal);
  await isOver(() => clients.connected === 0, settings.timeoutMs);
  await settings.meanwhile();
  await isOver(() => clients.fewestTries >= tries, tries * backoff.maxMs + settings.timeoutMs);
  network.recover();
  await isOver(() => clients.connected >= there, backoff.maxMs + settings.timeoutMs);
  const ownLateMs = loop.worstSinceLast();
  loop.stop();
  const returns = clients.takeReturns();
  const wave = (moments: readonly (number | null)[]) => shareOfBusiest(moments, backoff);
  return {
    lost: returns.length,
    returned: returns.filter(({ backAtMs }) => backAtMs !== null).length,
    waits: sumUpWaits(returns),
    firstWaveShare: wave(returns.map(({ firstTryAtMs }) => firstTryAtMs)),
    returnWaveShare: wave(returns.map(({ backAtMs }) => backAtMs)),
    ownLateMs,
    cutShort: signal.aborted,
  };
}

function sumUpWaits(returns: readonly Return[]): Waits[] {
  const waits: Waits[] = [];
  for (let number = 0; ; number++) {
    const values = returns.flatMap(({ waitsMs }) => waitsMs[number] ?? []);
    if (values.length === 0 || values.length < NEARLY_ALL * returns.length) return waits;
    waits.push({
      count: values.length,
      shortestMs: minimum(values) ?? 0,
      meanMs: values.reduce((sum, value) => sum + value, 0) / values.length,
      longestMs: maximum(values) ?? 0,
    });
  }
}

function shareOfBusiest(moments: readonly (number | null)[], { delayMs }: Backoff): number | null {
  const known = moments.filter((moment) => moment !== null);
  return known.length === 0 ? null : countBusiest(known, WAVE_OF_DELAY * delayMs) / known.length;
}
