/** Clients that hear a server's heartbeat and answer it, until some of them stop answering. */
import { setTimeout as delay } from "node:timers/promises";
import { add, type Tally } from "../clients/tally.ts";
import { type Clients, connectMany } from "../clients/websocket.ts";
import { type BeatsHeard, listenForBeats } from "./beats.ts";
import type { Introduction } from "./credentials.ts";

export interface AudienceSettings extends Introduction {
  readonly count: number;
  /** What a message contains that is a heartbeat; null: pings are. */
  readonly beat: string | null;
  /** The message that answers one; null: none does. */
  readonly answer: string | null;
  readonly signal: AbortSignal;
}

/** Of those who stopped answering. */
export interface Drops {
  readonly muted: number;
  /** How long after that each was dropped. */
  readonly droppedAfterMs: readonly number[];
  /** By close code (1006: none) or errno. */
  readonly droppedBy: Tally;
  /** How long they were watched after that, and how late our own event loop was at most meanwhile. */
  readonly watchedMs: number;
  readonly ownLateMs: number;
}

export interface Audience {
  readonly clients: Clients;
  listen(lastsMs: number): Promise<BeatsHeard>;
  /** Once: so many stop answering, and hear for so long what comes of it. */
  mute(most: number, lastsMs: number): Promise<Drops>;
  /** Of those who answer, by close code or errno: dropped all the same. */
  lost(): Tally;
}

interface Gone {
  readonly index: number;
  readonly kind: string | number;
  readonly atMs: number;
}

export async function openAudience({ beat, answer, ...connecting }: AudienceSettings): Promise<Audience> {
  const { count, signal } = connecting;
  let beats = listenForBeats(count);
  const muted = new Set<number>();
  const gone: Gone[] = [];
  // one may hear a heartbeat before all are there
  let connected: Clients | null = null;
  const clients = await connectMany({
    ...connecting,
    listener: {
      ...(beat === null && { onPing: (index: number) => beats.beat(index) }),
      ...(beat !== null && { onMessage: hear(beat) }),
      onClosed: (index, kind) => gone.push({ index, kind, atMs: performance.now() }),
    },
  });
  function hear(text: string) {
    return (index: number, payload: Buffer) => {
      if (!payload.includes(text)) return;
      beats.beat(index);
      if (answer !== null && !muted.has(index)) connected?.send(answer, index);
    };
  }
  connected = clients;
  async function listen(lastsMs: number): Promise<BeatsHeard> {
    beats.end();
    beats = listenForBeats(count);
    await delay(lastsMs, undefined, { signal }).catch(() => {});
    return beats.end();
  }
  return {
    clients,
    listen,
    async mute(most, lastsMs) {
      const mutedAtMs = performance.now();
      for (const index of clients.mute(most)) muted.add(index);
      const { ownLateMs, listenedMs: watchedMs } = await listen(lastsMs);
      const dropped = gone.filter(({ index }) => muted.has(index));
      return {
        muted: muted.size,
        droppedAfterMs: dropped.map(({ atMs }) => atMs - mutedAtMs),
        droppedBy: tally(dropped),
        watchedMs,
        ownLateMs,
      };
    },
    lost: () => tally(gone.filter(({ index }) => !muted.has(index))),
  };
}

function tally(gone: readonly Gone[]): Tally {
  const kinds: Record<string, number> = {};
  for (const { kind } of gone) add(kinds, kind);
  return kinds;
}
