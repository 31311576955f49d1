/** Memory and processors put under pressure inside containers, by their own sh and awk; it ends by itself, whatever becomes of us. */
import type { Engine } from "../engine/engine.ts";
import { findContainerGroup } from "../engine/group.ts";
import { killIfThere } from "../host/marked-processes.ts";
import { rest } from "./abortable.ts";

export const PRESSURES = ["memory", "cpu"] as const;

export interface Pressure {
  readonly kinds: readonly (typeof PRESSURES)[number][];
  readonly memoryBytes: number;
  readonly pieceBytes: number;
  /** So many processes that burn. */
  readonly workers: number;
  readonly lastsMs: number;
}

export interface PressureInside {
  /** Why not all of it could be started in a container, a line each. */
  readonly refused: readonly string[];
  /** Ends what is left of it. */
  end(): Promise<void>;
}

/** Looks at the clock so seldom that looking is no load. */
const TURNS = 100_000;

/** First those that burn, then the one that takes memory; by the shell that is in nearly every image (POSIX). */
function commandsOf({ kinds, memoryBytes, pieceBytes, workers, lastsMs }: Pressure): readonly string[][][] {
  const seconds = Math.ceil(lastsMs / 1000);
  const takes = `for (i = 0; i < ${Math.ceil(memoryBytes / pieceBytes)}; i++) a[i] = sprintf("%${pieceBytes}s", "x")`;
  const until = `end=$(($(date +%s) + ${seconds})); while [ $(date +%s) -lt $end ]`;
  const burns = `${until}; do i=0; while [ $i -lt ${TURNS} ]; do i=$((i+1)); done; done`;
  return [
    kinds.includes("cpu") ? Array.from({ length: workers }, () => ["sh", "-c", burns]) : [],
    kinds.includes("memory") ? [["awk", `BEGIN { ${takes}; system("sleep ${seconds}") }`]] : [],
  ];
}

/** Who is killed for memory burns no more: so long they burn alone. */
const ALONE_MS = 1500;

export async function pressInside(
  engine: Engine,
  ids: readonly string[],
  pressure: Pressure,
  signal: AbortSignal,
): Promise<PressureInside> {
  const refused: string[] = [];
  const started: { readonly id: string; readonly execution: string }[] = [];
  const press = (id: string, command: readonly string[]) =>
    engine.run(id, command).then(
      (execution) => started.push({ id, execution }),
      (error: Error) => refused.push(`${id.slice(0, 12)}: ${command[0]}: ${error.message}`),
    );
  for (const [index, commands] of commandsOf(pressure).entries()) {
    if (index > 0 && started.length > 0) await rest(ALONE_MS, signal);
    for (const id of ids) for (const command of commands) await press(id, command);
  }
  return {
    refused,
    async end() {
      await Promise.all(started.map(({ id, execution }) => endExecution(engine, id, execution)));
    },
  };
}

/** A container that was started again has nothing of it left; and of one elsewhere it ends by itself. */
async function endExecution(engine: Engine, id: string, execution: string): Promise<void> {
  const found = await engine.execution(execution).catch(() => null);
  if (found?.Running && findContainerGroup("memory", found.Pid, id) !== null)
    killIfThere(found.Pid, "SIGKILL");
}
