/** Takes databases away for a while, one after another, and gives them back. */
import type { Engine } from "../engine/engine.ts";
import type { Watch } from "../engine/watch.ts";
import { rest } from "./abortable.ts";
import type { Service } from "./service-kinds.ts";
import { awaitSteady } from "./steady.ts";

export interface Outage {
  readonly database: string;
  /** From its start, until it was well again and stayed so; null: not in time. */
  readonly backMs: number | null;
}

interface Settings {
  readonly engine: Engine;
  readonly watch: Watch;
  readonly lastsMs: number;
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

const STEADY_MS = 1000;

/** Whoever is stopped is started again, also when the run is interrupted. */
export async function takeAway(database: Service, settings: Settings): Promise<Outage> {
  const { engine, watch, lastsMs, withinMs, signal } = settings;
  await engine.act(database.id, "stop");
  await rest(lastsMs, signal);
  await engine.act(database.id, "start");
  const startMs = performance.now();
  const isBack = () => watch.allWell([database.id]);
  const backMs = await awaitSteady(isBack, { startMs, withinMs, steadyMs: STEADY_MS, signal });
  // as long a time in which all is well: what follows has both to follow
  await rest(lastsMs, signal);
  return { database: database.name, backMs };
}
