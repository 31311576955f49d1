/** What an engine tells of its containers, in order, also across a restart of the engine: one stream for all of them. */
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import type { Engine } from "./engine.ts";
import { type EngineEvent, eventSchema } from "./schemas.ts";

export interface Following {
  /** How often the stream ended, and was taken up again where it had ended. */
  readonly breaks: number;
  /** Whether it is listened to now. */
  readonly listening: boolean;
  close(): Promise<void>;
}

export interface FollowSettings {
  readonly engine: Engine;
  /** Told each event once, in the order in which the engine has them. */
  readonly onEvent: (event: EngineEvent) => void;
  /** The stream was taken up again: what happened without the engine is in no event. */
  readonly onResumed: () => void;
}

const RETRY_MS = 100;
/** An engine stamps an event before it tells it, and has several things to tell at a time: so much may one be late. */
const LATE_MS = 1000;
const MOST_TOLD = 10_000;

/** Resolves when the engine listens: what is done from then on is told. */
export async function followEvents({ engine, onEvent, onResumed }: FollowSettings): Promise<Following> {
  const ending = new AbortController();
  const { signal } = ending;
  const startMs = Date.now();
  let latestMs = startMs;
  let breaks = 0;
  let listening = false;
  /** The last ones: where the stream is taken up again, some come a second time. */
  const told = new Set<string>();

  function hear(line: string): void {
    const event = parseEvent(line);
    if (event === null) return;
    const name = `${event.atMs} ${event.action} ${event.id}`;
    if (told.has(name)) return;
    told.add(name);
    const [oldest] = told;
    if (told.size > MOST_TOLD && oldest !== undefined) told.delete(oldest);
    latestMs = Math.max(latestMs, event.atMs);
    onEvent(event);
  }

  async function listen(stream: Awaited<ReturnType<Engine["events"]>>): Promise<void> {
    listening = true;
    try {
      for await (const line of createInterface({ input: stream })) hear(line);
    } catch {
      // the engine is gone: it is asked again
    } finally {
      listening = false;
    }
  }

  async function keepListening(first: Awaited<ReturnType<Engine["events"]>>): Promise<void> {
    await listen(first);
    while (!signal.aborted) {
      breaks++;
      const stream = await comeBack();
      if (stream === null) return;
      onResumed();
      await listen(stream);
    }
  }

  async function comeBack() {
    while (!signal.aborted) {
      const sinceMs = Math.max(startMs, latestMs - LATE_MS);
      const stream = await engine.events(sinceMs, signal).catch(() => null);
      if (stream !== null) return stream;
      await delay(RETRY_MS, null, { signal }).catch(() => null);
    }
    return null;
  }

  const first = await engine.events(startMs, signal);
  const ended = keepListening(first);
  return {
    get breaks() {
      return breaks;
    },
    get listening() {
      return listening;
    },
    async close() {
      ending.abort();
      await ended;
    },
  };
}

/** Null for what is none: a line that is cut off, or of another shape. */
function parseEvent(line: string): EngineEvent | null {
  try {
    return eventSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
