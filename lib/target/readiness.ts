/** Waits until a target is up: by asking it, by its output, or by its being alive for a while. */
import { setTimeout as delay } from "node:timers/promises";
import { type Address, connectionOf, parseReady, parseUrl, type ReadyCheck } from "./address.ts";
import { askConnection, askHttp, BODY_WITHIN_MS, describeFailure } from "./ask.ts";
import type { Output } from "./output.ts";
import { introduce, type TargetSpec } from "./spec.ts";
import type { TargetEnd } from "./target.ts";

/** Start times are compared with one another: they must not be rounded. */
const BETWEEN_ASKS_MS = 20;
/** A server that has accepted a question while it still starts may forget it: another one is asked beside it. */
const ASK_AGAIN_MS = 5000;
/** Whoever is there already takes a connection at once. */
const TAKEN_MS = 1000;
/** A question that has waited for less than that tells nothing yet: what the one before it got does. */
const TELLING_MS = 1000;
/** What lives so long has read its settings. */
const ALIVE_MS = 500;

/** How the wait ended; an abort of the signal rejects with its reason. */
export type Readiness =
  | { readonly kind: "ready"; readonly afterMs: number }
  | { readonly kind: "ended"; readonly end: TargetEnd }
  /** `lastFailure`: what the last ask got, "connect ECONNREFUSED", "no answer within 5000 ms"; null where nothing was asked. */
  | { readonly kind: "late"; readonly lastFailure: string | null };

export interface Wait {
  readonly check: ReadyCheck | null;
  readonly output: Output | null;
  readonly ended: Promise<TargetEnd>;
  /** On the clock of performance.now(). */
  readonly sinceMs: number;
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

/** What tells that it is ready: what was said, else that its URL accepts; null: that it stays alive. */
export function readyCheck(spec: Pick<TargetSpec, "ready" | "url" | "headers">): ReadyCheck | null {
  const { ready, url } = spec;
  if (ready === null) return url === null ? null : parseUrl(url);
  const check = parseReady(ready);
  return check && check.kind !== "output" ? introduce(spec, check) : check;
}

export async function awaitReady(wait: Wait): Promise<Readiness> {
  const over = new AbortController();
  const signal = AbortSignal.any([wait.signal, over.signal]);
  const told: Told = { lastFailure: null, waiting: new Set() };
  const late = delay(wait.withinMs, null, { signal });
  try {
    return await Promise.race([
      pollUntilReady(wait, signal, told).then(() => ({
        kind: "ready" as const,
        afterMs: performance.now() - wait.sinceMs,
      })),
      wait.ended.then((end) => ({ kind: "ended" as const, end })),
      late.then(() => ({ kind: "late" as const, lastFailure: describeLate(told) })),
    ]);
  } catch (error) {
    wait.signal.throwIfAborted();
    throw error;
  } finally {
    over.abort();
    wait.output?.stopAwaiting();
    // the timer that was not needed is no error
    late.catch(() => {});
  }
}

/** Whether somebody is there already, before anything was started. */
export async function isTaken(check: ReadyCheck | null, signal: AbortSignal): Promise<boolean> {
  if (!check || check.kind === "output") return false;
  return askConnection(connectionOf(check), TAKEN_MS, signal).then(
    () => true,
    () => false,
  );
}

export function describeCheck(check: ReadyCheck | null): string {
  if (check === null) return `it to live for ${ALIVE_MS} ms`;
  if (check.kind === "output") return `a line that matches ${check.pattern}`;
  if (check.kind === "http" && check.socketPath === null) return `an answer from ${check.url}`;
  const to = connectionOf(check);
  const place = to.kind === "unix" ? `unix:${to.path}` : `${to.host}:${to.port}`;
  return check.kind === "http" ? `an answer from ${place}${check.url.pathname}` : `a connection to ${place}`;
}

interface Told {
  lastFailure: string | null;
  /** Since when each question that is still open waits for its answer. */
  readonly waiting: Set<number>;
}

function describeLate({ lastFailure, waiting }: Told): string | null {
  const waitedMs = performance.now() - Math.min(...waiting);
  const tells = waiting.size > 0 && (lastFailure === null || waitedMs >= TELLING_MS);
  return tells ? `no answer within ${Math.round(waitedMs)} ms` : lastFailure;
}

async function pollUntilReady(wait: Wait, signal: AbortSignal, told: Told): Promise<void> {
  const { check, output } = wait;
  if (check === null) await delay(ALIVE_MS, null, { signal });
  else if (check.kind === "output") while (!output?.matched) await delay(BETWEEN_ASKS_MS, null, { signal });
  else await untilAnswered(() => answers(check, wait.withinMs, signal, told), signal);
}

/** A slow page is waited for as long as there is time: any of the questions may be the one that is answered. */
async function untilAnswered(ask: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  let answered = false;
  const asked = new Set<Promise<void>>();
  while (!answered) {
    const one = ask().then((is) => {
      answered ||= is;
      asked.delete(one);
    });
    asked.add(one);
    const patience = new AbortController();
    const again = delay(ASK_AGAIN_MS, null, { signal: AbortSignal.any([signal, patience.signal]) });
    await Promise.race([...asked, again]).finally(() => {
      patience.abort();
      again.catch(() => {});
    });
    if (!answered) await delay(BETWEEN_ASKS_MS, null, { signal });
  }
}

/** Any answer but an error of the server's own: one without that page is up as well. */
async function answers(
  address: Address,
  timeoutMs: number,
  signal: AbortSignal,
  told: Told,
): Promise<boolean> {
  const askedMs = performance.now();
  told.waiting.add(askedMs);
  try {
    if (address.kind !== "http") {
      await askConnection(address, timeoutMs, signal);
      return true;
    }
    const { status } = await askHttp(address, {
      ...{ timeoutMs, signal },
      ...{ mostBytes: 2 ** 20, bodyWithinMs: BODY_WITHIN_MS },
    });
    told.lastFailure = `HTTP ${status}`;
    return status < 500;
  } catch (error) {
    told.lastFailure = describeFailure(error);
    return false;
  } finally {
    told.waiting.delete(askedMs);
  }
}
