/** Sends at a steady rate, whatever becomes of what was sent: each message is due at its time, also when the sender is late. */
import { setTimeout as delay } from "node:timers/promises";
import { nowUs } from "../clients/stamp.ts";

export interface PaceSettings {
  /** A second; null: as fast as they are taken. */
  readonly rate: number | null;
  readonly lastsMs: number;
  /** Sends one that was due then, of the wall clock. */
  readonly send: (sequence: number, dueUs: number) => void;
  /** How many of those that were sent have been taken: where there is no rate, so many more may be under way. */
  readonly taken: () => number;
  readonly signal: AbortSignal;
}

export interface Paced {
  readonly sent: number;
  readonly tookMs: number;
  /** How late the sender was at most. */
  readonly lateMs: number;
}

/** Without a rate: enough to keep both sides busy, and not so many that they only wait. */
const UNDER_WAY = 64;
const TICK_MS = 1;

export async function sendAtPace({ rate, lastsMs, send, taken, signal }: PaceSettings): Promise<Paced> {
  const startUs = nowUs();
  const endUs = startUs + lastsMs * 1000;
  let sent = 0;
  let lateUs = 0;
  const dueUs = () => startUs + (sent / (rate ?? Number.NaN)) * 1e6;
  for (let now = startUs; !signal.aborted; now = nowUs()) {
    if (rate === null && now < endUs) for (; sent - taken() < UNDER_WAY; sent++) send(sent, nowUs());
    // also those that were due while nothing ran here, up to the end
    for (let due = dueUs(); due <= now && due < endUs; due = dueUs()) {
      lateUs = Math.max(lateUs, nowUs() - due);
      send(sent++, due);
    }
    if (now >= endUs) break;
    await delay(TICK_MS, undefined, { signal }).catch(() => {});
  }
  return { sent, tookMs: (nowUs() - startUs) / 1000, lateMs: lateUs / 1000 };
}
