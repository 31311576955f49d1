/** Containers that ran before somebody took them down, and have to run again when he is through, or has ended without a word. */
import { needEngine } from "./need-engine.ts";

export interface Kept {
  /** As DOCKER_HOST has it. */
  readonly host: string;
  readonly ids: readonly string[];
}

/** One line for a journal. */
export function writeKept({ host, ids }: Kept): string {
  return [host, ...ids].join(" ");
}

/** Starts those that are there and do not run. Throws where the engine cannot be asked, or refuses. */
export async function startAgain(line: string): Promise<void> {
  const [host = "", ...ids] = line.split(" ");
  const { engine } = await needEngine({ DOCKER_HOST: host });
  try {
    for (const id of ids)
      if ((await engine.inspect(id))?.State.Status === "exited") await engine.act(id, "start");
  } finally {
    await engine.close();
  }
}
