/** What comes before crowds of Socket.IO clients: one visit, and how many connections there are without them. */
import { joined, loadSocketIo, type SocketIoSettings } from "../clients/socket-io.ts";
import { countFewest } from "./churn.ts";
import { BASELINE_MS } from "./crowd-baseline.ts";
import { FIRST_VISIT, tryFirst } from "./first-contact.ts";
import type { Options } from "./option.ts";
import type { Context } from "./scenario.ts";

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
