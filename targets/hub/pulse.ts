/** The heartbeat of the hub: one timer for all, and for each WebSocket client whether it answers; rightly, or as a fault has it. */
import type { WebSocket } from "ws";
import type { FaultName } from "./faults.ts";
import type { Subscribers } from "./subscribers.ts";
import type { Timers } from "./timers.ts";

interface HeartbeatSettings {
  readonly timers: Timers;
  readonly subscribers: Subscribers;
  readonly everyMs: number;
  readonly has: (fault: FaultName) => boolean;
}

const LATE = 1.3;
const SKIPPED = 3;
const MORE_BEATS = 3;

export function startHeartbeat({ timers, subscribers, everyMs, has }: HeartbeatSettings): void {
  let beats = 0;
  timers.every(has("beat-late") ? Math.round(LATE * everyMs) : everyMs, () => {
    beats++;
    if (has("beat-skips") && beats % SKIPPED === 0) return;
    const [first, ...others] = subscribers.all();
    for (const subscriber of others) subscriber.beat();
    if (!has("beat-some")) first?.beat();
  });
}

export interface Pulse {
  /** Asks whether the client is there, and drops it when it was silent too long. */
  beat(): void;
  /** It has been heard of. */
  heard(what: "pong" | "message"): void;
  /** It was silent too long. */
  readonly dropped: boolean;
}

export function createPulse(
  { has, missedBeats }: { readonly has: HeartbeatSettings["has"]; readonly missedBeats: number },
  client: WebSocket,
): Pulse {
  const mostMissed = missedBeats + (has("dropped-late") ? MORE_BEATS : 0);
  let missed = 0;
  let dropped = false;
  return {
    beat() {
      if (has("half-open-kept")) return;
      dropped = missed++ >= mostMissed && !has("muted-kept");
      if (dropped) client.terminate();
      else if (client.readyState === client.OPEN) client.ping();
    },
    heard(what) {
      if (what === "message" || !has("answering-dropped")) missed = 0;
    },
    get dropped() {
      return dropped;
    },
  };
}
