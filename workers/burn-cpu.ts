/** Keeps one thread busy for an exact share of the time, steered by its own processor time. */
import { closeSync, openSync, readSync } from "node:fs";
import { type Hold, stressor, type Task } from "../lib/stress/stressor.ts";

export interface BurnCpu extends Task {
  /** Share of one core, 0..1. */
  readonly amount: number;
}

/**
 * Each period works off what the share asks for up to its end and sleeps for the rest, so that preemption and late timers
 * are made up for in the next one. The lengths follow the golden ratio: a fixed one would beat against the kernel's tick,
 * by which /proc/stat counts, and look busier or idler than it is.
 */
const PERIOD_MS = { shortest: 6, longest: 12 };
const GOLDEN_RATIO = 0.618_033_988_749_895;

/**
 * The most that is made up for at once: two long periods. Where others keep the processor for longer than that, a thread that
 * worked off all it owes would then run at full load for seconds, which is not what it was asked for.
 */
const MOST_OWED_MS = 25;

/** The ledger shows the share achieved over at least so long. */
const REPORT_MS = 200;

export default stressor(({ amount }: BurnCpu, hold) => {
  const clock = openThreadClock();
  const start = { wallMs: performance.now(), cpuMs: clock.cpuMs() };
  let reported = start;
  let turn = 0;
  let forgivenMs = 0;
  hold.acquired();
  while (!hold.over) {
    const now = { wallMs: performance.now(), cpuMs: clock.cpuMs() };
    if (now.wallMs - reported.wallMs >= REPORT_MS) {
      hold.report((now.cpuMs - reported.cpuMs) / (now.wallMs - reported.wallMs));
      reported = now;
    }
    turn = (turn + GOLDEN_RATIO) % 1;
    const periodMs = PERIOD_MS.shortest + turn * (PERIOD_MS.longest - PERIOD_MS.shortest);
    const endMs = now.wallMs + periodMs;
    const owedMs = amount * (endMs - start.wallMs) - (now.cpuMs - start.cpuMs) - forgivenMs;
    forgivenMs += Math.max(0, owedMs - MOST_OWED_MS);
    work(now.wallMs + Math.min(owedMs, periodMs));
    rest(hold, endMs);
  }
  const elapsedMs = performance.now() - start.wallMs;
  const cpuMs = clock.cpuMs() - start.cpuMs;
  clock.close();
  hold.report(0);
  return { cpuMs, elapsedMs };
});

/** Square roots of what the last one gave: nothing that an optimiser can leave out, and no memory. */
function work(untilMs: number): number {
  let value = 1.1;
  while (performance.now() < untilMs) {
    for (let step = 0; step < 200; step++) value = Math.sqrt(value * 1.3 + step);
  }
  return value;
}

function rest(hold: Hold, untilMs: number): void {
  const restMs = untilMs - performance.now();
  if (restMs > 0) hold.pause(restMs);
}

/**
 * This thread's time on a processor: the first number of schedstat, ns (sched-stats). It is brought up to date when the
 * thread sleeps, so it is exact where it is read here, right after waking. Where there is none the wall clock stands in,
 * which does not see preemption.
 */
function openThreadClock(): { cpuMs(): number; close(): void } {
  const buffer = Buffer.alloc(64);
  let fd: number;
  try {
    fd = openSync("/proc/thread-self/schedstat", "r");
  } catch {
    return { cpuMs: () => performance.now(), close() {} };
  }
  const cpuMs = () => {
    const length = readSync(fd, buffer, 0, buffer.length, 0);
    return Number(buffer.toString("latin1", 0, length).split(" ", 1)[0]) / 1e6;
  };
  return { cpuMs, close: () => closeSync(fd) };
}
