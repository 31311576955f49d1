/** What POST /cleanup does: forgets users who are away, or in an emergency ends everybody; rightly, or as a fault has it. */
import type { Hub } from "./core.ts";

export type CleanupKind = "away" | "emergency";

const LATE_MS = 3000;

export function cleanUp(hub: Hub, kind: CleanupKind): void {
  if (kind === "emergency" && hub.has("emergency-ignored")) return;
  if (hub.has("cleanup-late")) hub.timers.after(LATE_MS, () => cleanUpNow(hub, kind));
  else cleanUpNow(hub, kind);
}

function cleanUpNow({ subscribers, managers }: Hub, kind: CleanupKind): void {
  if (kind === "emergency") for (const subscriber of [...subscribers.all()]) subscriber.stop();
  managers.forget(kind === "emergency" ? "all" : "away");
}
