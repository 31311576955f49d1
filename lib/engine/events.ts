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

/** Resolves when the engine listens: what is done from then on is told. */
export async function followEvents({ engine, onEvent, onResumed }: FollowSettings): Promise<Following> {
  const ending = new AbortController();
  const { signal } = ending;
  let sinceMs = Date.now();
  let breaks = 0;
  let listening = false;
  /** At the last moment there may be several: those that have been told are not told again. */
  let atLast = new Set<string>();

  function hear(line: string): void {
    const event = parseEvent(line);
    if (event === null || event.atMs < sinceMs) return;
    const told = `${event.action} ${event.id}`;
    if (event.atMs > sinceMs) atLast = new Set();
    if (atLast.has(told)) return;
    atLast.add(told);
    sinceMs = event.atMs;
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
      const stream = await engine.events(sinceMs, signal).catch(() => null);
      if (stream !== null) return stream;
      await delay(RETRY_MS, null, { signal }).catch(() => null);
    }
    return null;
  }

  const first = await engine.events(sinceMs, signal);
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
