/** Takes all descriptors that a target may have, by connections to it; holds, lets go, and sees whether it is well again. */
import { setTimeout as delay } from "node:timers/promises";
import { type Crowd, type CrowdRecord, createCrowd } from "../clients/crowd.ts";
import { visitOnce } from "../clients/visitor.ts";
import { countDescriptors } from "../target/descriptor-list.ts";
import { type DescriptorRoom, findFullest } from "../target/descriptor-room.ts";
import type { Target } from "../target/target.ts";
import { FIRST_VISIT, tryFirst } from "./first-contact.ts";
import type { Options } from "./option.ts";
import type { Context } from "./scenario.ts";

export interface ExhaustSettings {
  /** Which clients send. */
  readonly headers: Readonly<Record<string, string>>;
  readonly holdMs: number;
  readonly settleMs: number;
  /** More than that it may keep: a pool of its own, opened at first use. */
  readonly maxKept: number;
  readonly most: number;
}

/** What the clients held is as it was at the end of the hold. */
export interface TargetExhausted extends CrowdRecord {
  /** Of the process that had used most of its limit, before the load and at its highest; null where it could not be read. */
  readonly before: DescriptorRoom | null;
  readonly peak: DescriptorRoom | null;
  /** Connections for which the target has never taken a descriptor: they waited in its queue. */
  readonly neverAccepted: number;
  /** What it said of its limit. */
  readonly said: readonly string[];
  /** Why a new connection was not served afterwards; null when it was. */
  readonly newConnection: string | null;
  readonly servedAfterMs: number | null;
}

/** How long a server may take to accept what is in its queue; and one of whose processes is at its limit, so that others may go on. */
const ACCEPT_MS = 1000;
const ACCEPT_WHEN_FULL_MS = 250;
const LOOK_MS = 20;
/** Connections at a time: a part of what is left, so that few are in the queue at the end. */
const BATCH = { least: 16, most: 2000, share: 1 / 3 };
/** Rounds that bring nothing before it counts as full: in the first, it may have been busy. */
const IDLE_ROUNDS = 2;
/** In the output of servers of any language. */
const ABOUT_DESCRIPTORS = /EMFILE|ENFILE|too many open files|file descriptors?\b/i;

export async function exhaustTarget<O extends Options>(
  { target, phase, until, signal }: Pick<Context<O>, "target" | "phase" | "until" | "signal">,
  { headers, holdMs, settleMs, maxKept, most }: ExhaustSettings,
): Promise<TargetExhausted> {
  const { running } = target;
  const url = running.url ?? "";
  await phase("baseline", { lastsMs: 1000 });
  // a connection that is kept alive would need no new descriptor
  const visit = () => visitOnce(url, headers);
  const crowd = createCrowd(url, headers, signal);
  const watch = watchRoom(running);
  try {
    await phase("baseline", FIRST_VISIT, () => tryFirst(target, visit));
    const before = watch.look();
    await phase("load", { lastsMs: 4 * ACCEPT_MS }, () => grow(crowd, watch, most, signal));
    const held = crowd.held;
    await phase("hold", { lastsMs: holdMs });
    // what the load was, before it is let go
    const outcome = crowd.tell();
    const newConnection = await phase("recovery", { lastsMs: settleMs }, async () => {
      await crowd.end();
      const startedMs = performance.now();
      const isBack = () => !running.alive || watch.total() <= watch.totalBefore + maxKept;
      await until(isBack, settleMs);
      return visitUntilServed(visit, running, Math.max(1000, settleMs - (performance.now() - startedMs)));
    });
    const accepted = watch.mostTotal - watch.totalBefore;
    return {
      before,
      peak: watch.peak,
      ...outcome,
      neverAccepted: Math.max(0, held - accepted),
      said: running
        .lastLines()
        .filter((line) => ABOUT_DESCRIPTORS.test(line))
        .slice(-3),
      newConnection: newConnection.failure,
      servedAfterMs: newConnection.afterMs,
    };
  } finally {
    watch.close();
    await crowd.end();
  }
}

/** Until the target takes no more: the kernel says how many it took, as connecting succeeds before anybody accepts. */
async function grow(crowd: Crowd, watch: RoomWatch, most: number, signal: AbortSignal): Promise<void> {
  for (let idle = 0; idle < IDLE_ROUNDS && !signal.aborted && crowd.refusedBy === null; ) {
    const room = watch.look();
    if (!room || crowd.held >= most) return;
    const share = Math.ceil((room.limit - room.descriptors) * BATCH.share);
    const batch = Math.min(Math.max(share, BATCH.least), BATCH.most, most - crowd.held);
    const total = watch.total();
    await crowd.open(batch);
    const openedMs = performance.now();
    const patienceMs = () => (watch.isFull() ? ACCEPT_WHEN_FULL_MS : ACCEPT_MS);
    while (watch.total() < total + batch && performance.now() - openedMs < patienceMs() && !signal.aborted)
      await delay(LOOK_MS);
    if (watch.total() - total >= batch / 4) idle = 0;
    else if (!crowd.fallSilent()) idle++;
  }
}

interface RoomWatch {
  /** Who belongs to the target is asked for here only: it costs a look at every process. */
  look(): DescriptorRoom | null;
  /** Descriptors of the whole tree, now. */
  total(): number;
  /** Whether one of its processes has had all that it may. */
  isFull(): boolean;
  readonly totalBefore: number;
  readonly mostTotal: number;
  readonly peak: DescriptorRoom | null;
  close(): void;
}

/** Looks all the time: one that dies at its limit is not there to be asked afterwards. */
function watchRoom(target: Target): RoomWatch {
  let pids = target.pids();
  let peak: DescriptorRoom | null = null;
  const count = () => pids.reduce((all, pid) => all + (countDescriptors(pid) ?? 0), 0);
  const totalBefore = count();
  let mostTotal = totalBefore;
  const total = () => {
    const now = count();
    mostTotal = Math.max(mostTotal, now);
    return now;
  };
  const see = () => {
    const room = findFullest(pids);
    if (room && (peak === null || room.descriptors / room.limit > peak.descriptors / peak.limit)) peak = room;
    total();
    return room;
  };
  const timer = setInterval(see, LOOK_MS);
  return {
    look() {
      pids = target.pids();
      return see();
    },
    total,
    isFull: () => peak !== null && peak.descriptors >= peak.limit,
    totalBefore,
    get mostTotal() {
      return mostTotal;
    },
    get peak() {
      return peak;
    },
    close: () => clearInterval(timer),
  };
}

/** A server that waits before it accepts again (a second, in Python) is not yet a broken one. */
async function visitUntilServed(
  visit: () => Promise<void>,
  target: Target,
  withinMs: number,
): Promise<{ failure: string | null; afterMs: number | null }> {
  const startedMs = performance.now();
  const elapsed = () => performance.now() - startedMs;
  for (;;) {
    const failure = await visit().then(
      () => null,
      (error: Error) => error.message,
    );
    if (failure === null) return { failure, afterMs: elapsed() };
    if (elapsed() > withinMs || !target.alive) return { failure, afterMs: null };
    await delay(100);
  }
}
