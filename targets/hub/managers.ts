/** One manager per user: who is connected in their name, and what came for them while they were away. */
import type { HubEvent } from "./messages.ts";
import type { Subscriber } from "./subscribers.ts";

export interface ManagerLimits {
  readonly mostUsers: number;
  readonly mostOffline: number;
  readonly offlineTtlMs: number;
}

interface Manager {
  readonly connected: Set<Subscriber>;
  /** Oldest first. */
  missed: HubEvent[];
  awaySinceMs: number;
}

export interface Managers {
  /** What the user missed, to be sent now; null when there is no room for another user. */
  join(user: string, subscriber: Subscriber): HubEvent[] | null;
  leave(user: string, subscriber: Subscriber, nowMs: number): void;
  /** Keeps an event for a user who is known, and away. */
  keep(user: string, event: HubEvent): void;
  /** Forgets events that are too old, and users who were away too long. */
  sweep(nowMs: number): void;
  readonly count: number;
  readonly offline: number;
}

export function createManagers({ mostUsers, mostOffline, offlineTtlMs }: ManagerLimits): Managers {
  // in the order in which they were last seen
  const managers = new Map<string, Manager>();
  const makeRoom = () => {
    if (managers.size < mostUsers) return true;
    for (const [user, { connected }] of managers) if (connected.size === 0) return managers.delete(user);
    return false;
  };
  return {
    join(user, subscriber) {
      const known = managers.get(user);
      if (!known && !makeRoom()) return null;
      const missed = known?.missed ?? [];
      managers.delete(user);
      managers.set(user, {
        connected: (known?.connected ?? new Set()).add(subscriber),
        missed: [],
        awaySinceMs: 0,
      });
      return missed;
    },
    leave(user, subscriber, nowMs) {
      const manager = managers.get(user);
      if (manager?.connected.delete(subscriber)) manager.awaySinceMs = nowMs;
    },
    keep(user, event) {
      const manager = managers.get(user);
      if (!manager || manager.connected.size > 0) return;
      manager.missed.push(event);
      if (manager.missed.length > mostOffline) manager.missed.shift();
    },
    sweep(nowMs) {
      for (const [user, manager] of managers) {
        if (manager.connected.size > 0) continue;
        manager.missed = manager.missed.filter(({ atMs }) => nowMs - atMs <= offlineTtlMs);
        if (nowMs - manager.awaySinceMs > offlineTtlMs) managers.delete(user);
      }
    },
    get count() {
      return managers.size;
    },
    get offline() {
      return [...managers.values()].reduce((sum, { missed }) => sum + missed.length, 0);
    },
  };
}
