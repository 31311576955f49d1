/** The engine and the containers that a scenario is about, found or brought up. */
import { tmpdir } from "node:os";
import { bringUp, type DemoContainer } from "../engine/demo.ts";
import type { Engine } from "../engine/engine.ts";
import { inspectAll } from "../engine/inspected.ts";
import { needEngine } from "../engine/need-engine.ts";
import { type Watch, type WatchSettings, watchContainers } from "../engine/watch.ts";
import { lookUntil } from "./abortable.ts";
import type { Options } from "./option.ts";
import type { Context } from "./scenario.ts";

interface Chosen {
  readonly engine: Engine;
  /** As DOCKER_HOST has it. */
  readonly host: string;
  readonly ids: readonly string[];
  /** Of them, those that run. */
  readonly running: readonly string[];
  /** What was named, and is not there. */
  readonly missing: readonly string[];
}

/** `demo` is brought up where it is given; else `selection` is looked for. Rejects where the engine went away meanwhile. */
export async function chooseContainers<O extends Options>(
  { temporaryFolder, ownContainers }: Pick<Context<O>, "temporaryFolder" | "ownContainers">,
  demo: readonly DemoContainer[] | null,
  selection: Parameters<Engine["find"]>[0],
): Promise<Chosen> {
  const { engine, host } = await needEngine(process.env).catch((error: Error) => {
    throw new Error(`The container engine went away: ${error.message}`);
  });
  const { ids, missing } =
    demo === null
      ? await engine.find(selection)
      : { ids: await bringUp(engine, ownContainers(host), temporaryFolder(tmpdir()), demo), missing: [] };
  const found = await inspectAll(engine, ids);
  const running = found.filter(({ State }) => State.Status === "running").map(({ Id }) => Id);
  return { engine, host, ids, missing, running };
}

interface Watched extends Chosen {
  readonly watch: Watch;
  close(): Promise<void>;
}

/** The same, watched, once all are well, or have had so long for it: what happens from then on is the load's. */
export async function watchChosen<O extends Options>(
  context: Pick<Context<O>, "phase" | "signal" | "temporaryFolder" | "ownContainers">,
  demo: readonly DemoContainer[] | null,
  selection: Parameters<Engine["find"]>[0],
  settings: Pick<WatchSettings, "intervalMs" | "maxMemoryShare"> & { readonly settleMs: number },
): Promise<Watched> {
  const { phase, signal } = context;
  const { settleMs, ...rates } = settings;
  const chosen = await phase("warm-up", { lastsMs: 2000 }, () => chooseContainers(context, demo, selection));
  const { engine, ids } = chosen;
  const watch = await watchContainers({ engine, ids, ...rates });
  const close = async () => {
    await watch.close();
    await engine.close();
  };
  try {
    await phase("warm-up", { label: "healthy", lastsMs: 1000 }, () =>
      lookUntil(watch.allWell, settleMs, signal),
    );
  } catch (error) {
    await close();
    throw error;
  }
  watch.begin();
  return { ...chosen, watch, close };
}
