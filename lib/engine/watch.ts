/** Watches containers: what the engine tells of them, in order, and what the kernel says that they take; none of them is asked again and again. */
import type { Engine } from "./engine.ts";
import { followEvents } from "./events.ts";
import { type ContainerRecord, createObserved, type Observed } from "./observed.ts";
import type { EngineEvent } from "./schemas.ts";

interface WatchRecord {
  readonly containers: readonly ContainerRecord[];
  /** In the engine's order. */
  readonly story: readonly StoryLine[];
  /** How often the engine was gone meanwhile, and back. */
  readonly breaks: number;
  readonly listened: boolean;
}

interface StoryLine {
  /** Of the clock. */
  readonly atMs: number;
  readonly container: string;
  readonly what: string;
}

export interface Watch {
  /** Whether each of them runs, and is healthy where it has a check. */
  allWell(): boolean;
  /** From now on: what was before is not the load's. */
  begin(): void;
  /** What was seen until now. */
  end(): Promise<WatchRecord>;
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

/** Resolves when the engine is listened to, and each was looked at. Rejects where the engine cannot be asked. */
export async function watchContainers(settings: WatchSettings): Promise<Watch> {
  const { engine, ids, intervalMs, maxMemoryShare } = settings;
  const observed = new Map<string, Observed>();
  const story: StoryLine[] = [];
  const looks = new Set<Promise<void>>();

  /** The engine may be gone at this moment: when it is back, all are looked at. */
  function look(one: Observed): Promise<void> {
    const looking = engine
      .inspect(one.id)
      .then((found) => one.seen(found))
      .catch(() => {});
    looks.add(looking);
    return looking.finally(() => looks.delete(looking));
  }

  function onEvent(event: EngineEvent): void {
    const one = observed.get(event.id);
    // checks and probes are carried out as processes in it: that is no story
    if (!one || event.action.startsWith("exec_")) return;
    const what = one.heard(event);
    if (story.length < MOST_LINES) story.push({ atMs: event.atMs, container: one.name, what });
    if (/^(start|die|unpause|pause|restart)$/.test(event.action)) void look(one);
  }

  for (const id of ids) {
    const found = await engine.inspect(id);
    if (found) observed.set(id, createObserved(found, maxMemoryShare));
  }
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
    allWell: () => all.length > 0 && all.every((one) => one.isWell()),
    begin() {
      story.length = 0;
      for (const one of all) one.begin();
    },
    async end() {
      clearInterval(timer);
      const listened = following.listening;
      await Promise.all(all.map(look));
      await Promise.all(looks);
      await following.close();
      return { containers: all.map((one) => one.record()), story, breaks: following.breaks, listened };
    },
  };
}
