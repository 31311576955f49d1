/** Who is let into the hub, and for how long: by the token, or as a fault has it. */
import type { FaultName } from "./faults.ts";
import type { Settings } from "./settings.ts";
import type { Subscriber } from "./subscribers.ts";
import { readTokenEnd } from "./token.ts";

/** When this token ceases to open the namespace, ms since 1970 (Infinity: never); null: it does not open it. */
export type Door = (token: string | null, namespace: Subscriber["namespace"]) => number | null;

export function createDoor(settings: Settings, has: (fault: FaultName) => boolean): Door {
  return (token, namespace) => {
    const key = namespace === "/admin" ? (settings.adminToken ?? settings.token) : settings.token;
    if (key === undefined || (token === null && has("no-token-accepted"))) return Number.POSITIVE_INFINITY;
    const endsMs = token === null ? null : readTokenEnd(key, token);
    if (endsMs === null || endsMs > Date.now()) return endsMs;
    return has("expired-accepted") ? Number.POSITIVE_INFINITY : null;
  };
}
