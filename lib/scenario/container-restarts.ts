/** Restarts containers, or kills them, one after another, and sees each come back as it was, and those that depend on it. */

import { dependsOn } from "../engine/compose.ts";
import type { Engine } from "../engine/engine.ts";
import { findContainerGroup } from "../engine/group.ts";
import { inspectAll, nameOf } from "../engine/inspected.ts";
import type { Inspected } from "../engine/schemas.ts";
import type { Watch } from "../engine/watch.ts";
import { readFace } from "./container-face.ts";
import { awaitSteady } from "./steady.ts";

export const WAYS = ["restart", "kill"] as const;
type Way = (typeof WAYS)[number];

interface Restarted {
  readonly name: string;
  readonly way: Way;
  /** Until it was running and healthy, and stayed so; null: not in time. */
  readonly wellMs: number | null;
  /** What others rely on, and is not as it was. */
  readonly changed: readonly string[];
  /** Those that depend on it, likewise. */
  readonly dependants: readonly { readonly name: string; readonly wellMs: number | null }[];
}

export interface Restarts {
  readonly done: readonly Restarted[];
  /** What was not done to whom, and why. */
  readonly passedOver: readonly string[];
  /** Labelled critical: nobody touched them. */
  readonly spared: readonly string[];
}

interface Settings {
  readonly engine: Engine;
  readonly watch: Watch;
  readonly ids: readonly string[];
  readonly ways: readonly Way[];
  /** Who has one of these labels is critical. */
  readonly critical: readonly string[];
  readonly withinMs: number;
  /** Who is well for so long has come back. */
  readonly steadyMs: number;
  readonly signal: AbortSignal;
}

export async function restartEach(settings: Settings): Promise<Restarts> {
  const { engine, ids, ways, critical, signal } = settings;
  const found = await inspectAll(engine, ids);
  const isCritical = (one: Inspected) => critical.some((label) => isSet(one.Config.Labels[label]));
  const done: Restarted[] = [];
  const passedOver: string[] = [];
  for (const one of found.filter((one) => !isCritical(one)))
    for (const way of ways) {
      if (signal.aborted) break;
      const now = await engine.inspect(one.Id);
      const why = now === null ? "removed meanwhile" : way === "kill" ? cannotKill(now) : null;
      if (now === null || why !== null) passedOver.push(`${nameOf(one)}: ${why}`);
      else {
        const restarted = await restartOne(now, way, found, settings);
        // who was not waited for is not judged
        if (!signal.aborted) done.push(restarted);
      }
    }
  return { done, passedOver, spared: found.filter(isCritical).map(nameOf) };
}

/** "false" and "0" are what people write for no. */
const isSet = (value: string | undefined) => value !== undefined && !/^(false|0|no)$/i.test(value);

function cannotKill({ HostConfig, State, Id }: Inspected): string | null {
  if (!/^(always|unless-stopped|on-failure)$/.test(HostConfig.RestartPolicy.Name))
    return "not killed, as no policy starts it again";
  return findContainerGroup("memory", State.Pid, Id) === null
    ? "not killed, as its processes cannot be seen from here"
    : null;
}

async function restartOne(
  before: Inspected,
  way: Way,
  all: readonly Inspected[],
  { engine, watch, withinMs, steadyMs, signal }: Settings,
): Promise<Restarted> {
  const { Id } = before;
  const face = readFace(before);
  const starts = watch.startsOf(Id);
  const startMs = performance.now();
  // a signal by the engine's own call would count as a wish that it should stop, and no policy would start it again
  if (way === "kill") process.kill(before.State.Pid, "SIGKILL");
  else await engine.act(Id, "restart");
  const awaitWell = (id: string, since: () => boolean) =>
    awaitSteady(() => since() && watch.allWell([id]), { startMs, withinMs, steadyMs, signal });
  const dependants = all.filter((one) => dependsOn(one, before));
  const [wellMs, ...theirs] = await Promise.all([
    awaitWell(Id, () => watch.startsOf(Id) > starts),
    ...dependants.map((one) => awaitWell(one.Id, () => true)),
  ]);
  const after = await engine.inspect(Id);
  return {
    ...{ name: nameOf(before), way, wellMs },
    changed: after === null || wellMs === null ? [] : differences(face, readFace(after)),
    dependants: dependants.map((one, index) => ({ name: nameOf(one), wellMs: theirs[index] ?? null })),
  };
}

function differences(before: readonly string[], after: readonly string[]): string[] {
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `no more: ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `new: ${line}`),
  ];
}
