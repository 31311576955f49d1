/** What comes before crowds of Socket.IO clients: one visit, and how many connections there are without them. */
import { joined, loadSocketIo, type SocketIoSettings } from "../clients/socket-io.ts";
import type { TargetSpec } from "../target/spec.ts";
import { countFewest } from "./churn.ts";
import { BASELINE_MS } from "./crowd-baseline.ts";
import { FIRST_VISIT, tryFirst } from "./first-contact.ts";
import type { Options } from "./option.ts";
import type { Context } from "./scenario.ts";

/** The library connects by HTTP alone. */
export function refuseOtherThanSocketIo(target: TargetSpec | null): string[] {
  if (target === null || /^(wss?|https?):/.test(target.url ?? "")) return [];
  return [`Cannot speak Socket.IO: expected --target-url ws://… or http://…, got ${target.url ?? "none"}`];
}

/** As `meetServer`. */
export async function meetSocketIo(
  { target, phase, signal }: Pick<Context<Options>, "target" | "phase" | "signal">,
  settings: Omit<SocketIoSettings, "transport" | "backoff">,
): Promise<number | null> {
  await phase("baseline", FIRST_VISIT, () =>
    tryFirst(target, async () => {
      const open = await loadSocketIo();
      const socket = open({ ...settings, transport: "websocket", backoff: null }).socket("/");
      await joined(socket).finally(() => socket.disconnect());
    }),
  );
  return phase("baseline", { lastsMs: BASELINE_MS }, () => countFewest({ target, signal }, BASELINE_MS));
}
