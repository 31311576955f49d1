/** Containers of our own, made to be looked at and loaded: brought up without a registry, and taken away with their image. */
import { importDemoImage } from "./demo-image.ts";
import type { ContainerSpec, Engine } from "./engine.ts";
import { needEngine } from "./need-engine.ts";
import { imageOf, OWNER_LABEL, type Owned } from "./owned.ts";

export interface DemoContainer {
  readonly name: string;
  /** For its shell. */
  readonly command: string;
  /** A command whose exit code says whether it is well. */
  readonly check?: string;
  /** Null, as without: none. */
  readonly memoryBytes?: number | null;
  readonly cores?: number | null;
  readonly processes?: number | null;
  readonly restart?: "no" | "always" | "on-failure";
  readonly labels?: Readonly<Record<string, string>>;
  /** Without: none. */
  readonly network?: "none" | "host";
}

const CHECK_EVERY_MS = 500;
const CHECK_WITHIN_MS = 5000;

/** Makes and starts them, in this order. Answers their ids. `folder` is private, and empty. */
export async function bringUp(
  engine: Engine,
  owned: Owned,
  folder: string,
  containers: readonly DemoContainer[],
): Promise<string[]> {
  await importDemoImage(engine, imageOf(owned), folder);
  const ids: string[] = [];
  for (const one of containers) ids.push(await bringUpOne(engine, owned, one));
  return ids;
}

/** Its image has to be there. */
export async function bringUpOne(engine: Engine, owned: Owned, one: DemoContainer): Promise<string> {
  const id = await engine.create(`proofload-${owned.mark}-${one.name}`, specOf(one, owned));
  await engine.act(id, "start");
  return id;
}

function specOf(one: DemoContainer, owned: Owned): ContainerSpec {
  const { memoryBytes, cores, processes, check, restart = "no", labels, network = "none" } = one;
  return {
    Image: imageOf(owned),
    Cmd: ["/bin/sh", "-c", one.command],
    Labels: { ...labels, [OWNER_LABEL]: owned.mark },
    ...(check !== undefined && {
      Healthcheck: {
        Test: ["CMD-SHELL", check],
        Interval: CHECK_EVERY_MS * 1e6,
        Timeout: CHECK_WITHIN_MS * 1e6,
        Retries: 2,
      },
    }),
    // a shell as first process does as it is told; what is deaf is not waited for
    StopTimeout: 1,
    HostConfig: {
      NetworkMode: network,
      // swap would make a limit of memory one of patience
      ...(memoryBytes && { Memory: memoryBytes, MemorySwap: memoryBytes }),
      ...(cores && { NanoCpus: Math.round(cores * 1e9) }),
      ...(processes && { PidsLimit: processes }),
      RestartPolicy: { Name: restart },
    },
  };
}

/** Whatever of it there is. Throws where the engine cannot be asked, or refuses. */
export async function removeOwned(owned: Owned): Promise<void> {
  const { engine } = await needEngine({ DOCKER_HOST: owned.host });
  try {
    const { ids } = await engine.find({ names: [], labels: [`${OWNER_LABEL}=${owned.mark}`] });
    for (const id of ids) await engine.remove(id);
    await engine.removeImage(imageOf(owned));
  } finally {
    await engine.close();
  }
}
