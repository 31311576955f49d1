/** Who is let into the hub, and for how long: by the token, or as a fault has it. */
import type { FaultName } from "./faults.ts";
import type { Settings } from "./settings.ts";
import type { Timers } from "./timers.ts";
import { readTokenEnd } from "./token.ts";

export interface Door {
  /** When this token ceases to open the namespace, ms since 1970 (Infinity: never); null: it does not open it. */
  opensUntil(token: string | null, namespace: string): number | null;
  /** Does this at such an end; answers what calls it off. */
  atEnd(endsMs: number, work: () => void): () => void;
}

/** Of setTimeout: nobody stays for 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function createDoor(settings: Settings, timers: Timers, has: (fault: FaultName) => boolean): Door {
  return {
    opensUntil(token, namespace) {
      const key = namespace === "/admin" ? (settings.adminToken ?? settings.token) : settings.token;
      if (key === undefined || (token === null && has("no-token-accepted"))) return Number.POSITIVE_INFINITY;
      const endsMs = token === null ? null : readTokenEnd(key, token);
      if (endsMs === null || endsMs > Date.now()) return endsMs;
      return has("expired-accepted") ? Number.POSITIVE_INFINITY : null;
    },
    atEnd(endsMs, work) {
      if (endsMs === Number.POSITIVE_INFINITY || has("expiry-ignored")) return () => {};
      return timers.after(Math.min(LONGEST_TIMER_MS, Math.max(0, endsMs - Date.now())), work);
    },
  };
}
