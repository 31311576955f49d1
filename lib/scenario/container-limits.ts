/** The limits of containers, as engine and kernel have them; and containers of ours with the same limits, in which they are tried. */
import { tmpdir } from "node:os";
import { bringUpOne } from "../engine/demo.ts";
import { importDemoImage } from "../engine/demo-image.ts";
import type { Engine } from "../engine/engine.ts";
import { nameOf } from "../engine/inspected.ts";
import { declaredLimits, kernelLimits, type Limits } from "../engine/limits.ts";
import { imageOf, OWNER_LABEL, type Owned } from "../engine/owned.ts";
import { type LimitProof, probeLimits } from "./limit-probe.ts";
import type { Options } from "./option.ts";
import type { Context } from "./scenario.ts";

/** It waits to be told what to do. */
const WAITS = "trap 'exit 0' TERM; while :; do sleep 1; done";

export interface LimitedContainer {
  readonly name: string;
  readonly declared: Limits;
  /** Null: it does not run, or not on this machine. */
  readonly kernel: Limits | null;
}

/** A twin has the limits of some containers, and nothing else of theirs. */
export interface Twin extends LimitedContainer {
  /** Whose. */
  readonly names: readonly string[];
  /** Null: it could not be tried, for a reason. */
  readonly proof: LimitProof | null;
  readonly why: string | null;
}

export async function readContainerLimits(engine: Engine, id: string): Promise<LimitedContainer | null> {
  const found = await engine.inspect(id);
  if (found === null) return null;
  return {
    name: nameOf(found),
    declared: declaredLimits(found),
    kernel: kernelLimits(found.State.Pid, found.Id),
  };
}

interface TwinSettings<O extends Options>
  extends Pick<Context<O>, "temporaryFolder" | "ownContainers" | "signal"> {
  readonly engine: Engine;
  /** As DOCKER_HOST has it. */
  readonly host: string;
  /** Larger limits are not tried: a probe takes a quarter more of them, at most. */
  readonly most: Readonly<{ memoryBytes: number; processes: number }>;
  /** What a twin gets instead. */
  readonly plant: (limits: Limits) => Limits;
}

/** Containers with the same limits share a twin. */
export async function tryLimits<O extends Options>(
  containers: readonly LimitedContainer[],
  settings: TwinSettings<O>,
): Promise<{ readonly twins: readonly Twin[]; readonly left: readonly string[] }> {
  const { engine, host, temporaryFolder, ownContainers, signal } = settings;
  const shared = new Map<string, { readonly limits: Limits; readonly names: string[] }>();
  for (const { name, declared } of containers) {
    const key = JSON.stringify(declared);
    shared.set(key, { limits: declared, names: [...(shared.get(key)?.names ?? []), name] });
  }
  const owned = ownContainers(host);
  await importDemoImage(engine, imageOf(owned), temporaryFolder(tmpdir()));
  const twins: Twin[] = [];
  for (const [index, { limits, names }] of [...shared.values()].entries()) {
    if (signal.aborted) break;
    twins.push(await tryTwin({ name: `twin-${index + 1}`, declared: limits, names }, owned, settings));
  }
  const { ids } = await engine.find({ names: [], labels: [`${OWNER_LABEL}=${owned.mark}`] });
  return { twins, left: ids };
}

async function tryTwin(
  twin: Pick<Twin, "name" | "declared" | "names">,
  owned: Owned,
  { engine, most, plant, signal }: Pick<TwinSettings<Options>, "engine" | "most" | "plant" | "signal">,
): Promise<Twin> {
  const { declared } = twin;
  const untried = (why: string): Twin => ({ ...twin, kernel: null, proof: null, why });
  if ((declared.memoryBytes ?? 0) > most.memoryBytes)
    return untried("its memory is more than --probe-memory");
  if ((declared.processes ?? 0) > most.processes)
    return untried("its processes are more than --probe-processes");
  const id = await bringUpOne(engine, owned, { name: twin.name, command: WAITS, ...plant(declared) });
  const pid = (await engine.inspect(id))?.State.Pid ?? 0;
  const kernel = kernelLimits(pid, id);
  if (kernel === null) return untried("the engine's control groups cannot be read from here");
  const proof = await probeLimits({ engine, id, pid, limits: declared, signal });
  await engine.remove(id);
  if (signal.aborted) return untried("the load was cut short");
  return { ...twin, kernel, proof, why: null };
}
