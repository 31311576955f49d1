/** Watches containers: what the engine tells of them, in order, and what the kernel says that they take; none of them is asked again and again. */
import type { Engine } from "./engine.ts";
import { followEvents } from "./events.ts";
import { inspectAll } from "./inspected.ts";
import { type ContainerRecord, createObserved, type Observed } from "./observed.ts";
import type { EngineEvent } from "./schemas.ts";

export interface WatchRecord {
  readonly containers: readonly ContainerRecord[];
  /** In the engine's order. */
  readonly story: readonly StoryLine[];
  /** How often the engine was gone meanwhile, and back. */
  readonly breaks: number;
  readonly listened: boolean;
}

export interface StoryLine {
  /** Of the clock. */
  readonly atMs: number;
  readonly container: string;
  readonly what: string;
}

export interface Watch {
  /** Whether each of them, or of these, runs, and is healthy where it has a check. */
  allWell(ids?: readonly string[]): boolean;
  /** How often it was started since the watch began. */
  startsOf(id: string): number;
  /** From now on: what was before is not the load's. */
  begin(): void;
  /** What was seen until now; it goes on. */
  tell(): Promise<WatchRecord>;
  close(): Promise<void>;
}

export interface WatchSettings {
  readonly engine: Engine;
  readonly ids: readonly string[];
  readonly intervalMs: number;
  /** Memory at or above this share of its limit is a violation. */
  readonly maxMemoryShare: number;
}

/** A story of thousands of lines is told by its counts. */
const MOST_LINES = 500;
/** Of one that something happens to all the time, the next event leads to the next look. */
const MOST_TRIES = 5;

/** Resolves when the engine is listened to, and each was looked at. Rejects where the engine cannot be asked. */
export async function watchContainers(settings: WatchSettings): Promise<Watch> {
  const { engine, ids, intervalMs, maxMemoryShare } = settings;
  const observed = new Map<string, Observed>();
  const story: StoryLine[] = [];
  const looks = new Set<Promise<void>>();

  /** An answer that an event has overtaken may be older than that: it is asked again. */
  async function ask(one: Observed): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const { heardSoFar } = one;
      const found = await engine.inspect(one.id);
      if (one.heardSoFar === heardSoFar) return one.seen(found);
    }
  }

  /** The engine may be gone at this moment: when it is back, all are looked at. */
  function look(one: Observed): Promise<void> {
    const looking = ask(one).catch(() => {});
    looks.add(looking);
    return looking.finally(() => looks.delete(looking));
  }

  function onEvent(event: EngineEvent): void {
    const one = observed.get(event.id);
    // checks and probes are carried out as processes in it: that is no story
    if (!one || event.action.startsWith("exec_")) return;
    const what = one.heard(event);
    if (story.length < MOST_LINES) story.push({ atMs: event.atMs, container: one.name, what });
    void look(one);
  }

  for (const found of await inspectAll(engine, ids))
    observed.set(found.Id, createObserved(found, maxMemoryShare));
  const all = [...observed.values()];
  const following = await followEvents({
    engine,
    onEvent,
    onResumed: () => {
      for (const one of all) void look(one);
    },
  });
  // what happened between the first look and the stream
  await Promise.all(all.map(look));
  const timer = setInterval(() => {
    const now = performance.now();
    for (const one of all) one.sample(now);
  }, intervalMs);

  return {
    allWell: (some = ids) => some.length > 0 && some.every((id) => observed.get(id)?.isWell() ?? false),
    startsOf: (id) => observed.get(id)?.starts ?? 0,
    begin() {
      story.length = 0;
      for (const one of all) one.begin();
    },
    async tell() {
      const listened = following.listening;
      await Promise.all(all.map(look));
      return {
        containers: all.map((one) => one.record()),
        story: [...story],
        breaks: following.breaks,
        listened,
      };
    },
    async close() {
      clearInterval(timer);
      await Promise.all(looks);
      await following.close();
    },
  };
}
