/** One manager per user: who is connected in their name, and what came for them while they were away; rightly, or as a fault has it. */
import type { FaultName } from "./faults.ts";
import { heapBlock } from "./leaks.ts";
import type { HubEvent } from "./messages.ts";
import { createMissed, type Missed } from "./missed.ts";
import type { Subscriber } from "./subscribers.ts";

export interface ManagerSettings {
  readonly mostUsers: number;
  readonly mostOffline: number;
  readonly offlineTtlMs: number;
  readonly has: (fault: FaultName) => boolean;
}

interface Manager {
  readonly connected: Set<Subscriber>;
  readonly missed: Missed;
  readonly madeMs: number;
  awaySinceMs: number;
}

export interface Managers {
  /** What the user missed, to be sent now; null when there is no room for another user. */
  join(user: string, subscriber: Subscriber, nowMs: number): HubEvent[] | null;
  leave(user: string, subscriber: Subscriber, nowMs: number): void;
  /** Keeps an event for a user who is known, and away. */
  keep(user: string, event: HubEvent): void;
  /** Forgets events that are too old, and users who were away too long. */
  sweep(nowMs: number): void;
  /** Forgets all who are away, or simply all, with what was kept for them. */
  forget(whom: "away" | "all"): void;
  readonly count: number;
  /** Of the user who has the most of them. */
  readonly mostPerUser: number;
  readonly offline: number;
}

/** A look-up that is slow enough misses what another is just making. */
const SLOW_LOOK_UP_MS = 25;
const KEPT_EVERY = 10;
const HISTORY_BYTES = 4096;

export function createManagers({ mostUsers, mostOffline, offlineTtlMs, has }: ManagerSettings): Managers {
  // in the order in which they were last seen; a healthy hub has one for each
  const managers = new Map<string, Manager[]>();
  const orphaned: HubEvent[] = [];
  const histories: unknown[] = [];
  const all = () => [...managers.values()].flat();
  const isAway = (own: readonly Manager[]) => own.every(({ connected }) => connected.size === 0);
  const makeRoom = () => {
    if (managers.size < mostUsers) return true;
    for (const [user, own] of managers) if (isAway(own)) return managers.delete(user);
    return false;
  };
  const find = (own: readonly Manager[], nowMs: number) => {
    if (has("manager-per-connection")) return undefined;
    return own.find(({ madeMs }) => !has("lookup-race") || nowMs - madeMs > SLOW_LOOK_UP_MS);
  };
  return {
    join(user, subscriber, nowMs) {
      const own = managers.get(user) ?? [];
      if (own.length === 0 && !makeRoom()) return null;
      if (has("history-per-lookup")) histories.push(heapBlock(HISTORY_BYTES));
      const manager = find(own, nowMs) ?? {
        connected: new Set<Subscriber>(),
        missed: createMissed(mostOffline, has),
        ...{ madeMs: nowMs, awaySinceMs: 0 },
      };
      manager.connected.add(subscriber);
      managers.delete(user);
      managers.set(user, own.includes(manager) ? own : [...own, manager]);
      return manager.missed.take();
    },
    leave(user, subscriber, nowMs) {
      for (const manager of managers.get(user) ?? [])
        if (manager.connected.delete(subscriber)) manager.awaySinceMs = nowMs;
    },
    keep(user, event) {
      const own = managers.get(user) ?? [];
      const [manager] = own;
      if (manager && isAway(own)) manager.missed.keep(event);
    },
    sweep(nowMs) {
      for (const [user, own] of managers) {
        if (!isAway(own)) continue;
        for (const { missed } of own) missed.expire(nowMs - offlineTtlMs);
        if (own.every(({ awaySinceMs }) => nowMs - awaySinceMs > offlineTtlMs)) managers.delete(user);
      }
    },
    forget(whom) {
      for (const [index, [user, own]] of [...managers].entries()) {
        if (whom === "away" && !isAway(own)) continue;
        if (has("manager-kept") && index % KEPT_EVERY === 0) continue;
        if (has("messages-kept")) orphaned.push(...own.flatMap(({ missed }) => missed.take()));
        managers.delete(user);
      }
    },
    get count() {
      return all().length;
    },
    get mostPerUser() {
      return Math.max(0, ...[...managers.values()].map(({ length }) => length));
    },
    get offline() {
      return orphaned.length + all().reduce((sum, { missed }) => sum + missed.count, 0);
    },
  };
}
