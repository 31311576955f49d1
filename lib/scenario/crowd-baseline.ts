/** What comes before crowds of WebSocket clients: one visit, and how many connections there are without them. */
import { openWebSocket } from "../clients/visitor.ts";
import { countFewest } from "./churn.ts";
import { FIRST_VISIT, tryFirst } from "./first-contact.ts";
import type { Options } from "./option.ts";
import type { Context } from "./scenario.ts";

export const BASELINE_MS = 1000;

/** Resolves with the fewest connections that the kernel counted; null where it counts none. Rejects as `tryFirst` does. */
export async function meetServer(
  { target, phase, signal }: Pick<Context<Options>, "target" | "phase" | "signal">,
  headers: Readonly<Record<string, string>>,
  url = target.running.url ?? "",
): Promise<number | null> {
  await phase("baseline", FIRST_VISIT, () =>
    tryFirst(target, () => openWebSocket(url, headers, { confirm: true })),
  );
  return phase("baseline", { lastsMs: BASELINE_MS }, () => countFewest({ target, signal }, BASELINE_MS));
}
