/** The engine that an environment names, for whoever cannot go on without. */
import { findEngine } from "./address.ts";
import { type Engine, openEngine } from "./engine.ts";

/** `host`: as DOCKER_HOST has it. Rejects with the reason why there is none. */
export async function needEngine(
  environment: Parameters<typeof findEngine>[0],
): Promise<{ readonly engine: Engine; readonly host: string }> {
  const address = findEngine(environment);
  if ("missing" in address) throw new Error(address.missing);
  const engine = await openEngine(address);
  if ("missing" in engine) throw new Error(engine.missing);
  return { engine, host: address.shown };
}
