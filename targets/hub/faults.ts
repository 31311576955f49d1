/** What can be planted in the hub: faults, which break one promise each, and healthy behaviours that only look like leaks. */

interface Planted {
  /** The scenario that must catch it; for a behaviour, the one that must not. */
  readonly scenario: "idle-soak" | "rapid-restart" | "websocket-churn";
  /** The promise that it breaks, as a fact about the broken hub; for a behaviour, what it does. */
  readonly breaks: string;
}

const soak = (breaks: string): Planted => ({ scenario: "idle-soak", breaks });
const restart = (breaks: string): Planted => ({ scenario: "rapid-restart", breaks });
const churn = (breaks: string): Planted => ({ scenario: "websocket-churn", breaks });

export const FAULTS = {
  "ring-unbounded": soak("the ring buffer grows beyond its size"),
  "ttl-ignored": soak("events stay in the ring longer than their time to live"),
  "log-on-heap": soak("every event's log line stays on the heap"),
  "buffers-outside-heap": soak("an ArrayBuffer for each batch stays, outside the heap"),
  "timers-never-cleared": soak("the timer that watches a batch is never cleared"),
  "late-leak": soak("heap for each batch stays, from --late-after-ms of running on"),
  "slow-leak-under-sawtooth": soak("1.5 KiB for each batch stays, under much garbage"),
  "descriptor-per-n": soak("a file descriptor for every 50 batches stays open"),

  "lock-left": restart("the lock file stays after a clean stop"),
  "lock-kept-on-crash": restart("the lock is kept after an exception, and believed at the next start"),
  "dead-pid-believed": restart("the lock of a dead process is believed: already running"),
  "reused-pid-believed": restart("the lock is believed when another process has the pid: already running"),
  "port-kept-by-child": restart("a child inherits the listening socket and keeps the port after the stop"),
  "sigterm-ignored": restart("SIGTERM does not stop it"),
  "non-zero-exit": restart("a clean stop exits with 1"),
  "state-not-idle": restart("the final state is not idle"),
  "slower-every-start": restart("each start takes 20 ms longer for every start before it"),
  "pid-file-left": restart("the pid file stays after a clean stop"),
  "child-left": restart("a child process outlives the stop"),

  "no-cap": churn("subscribers beyond the cap are taken"),
  "cap-off-by-one": churn("one subscriber more than the cap is taken"),
  "kept-after-destroy": churn("a subscriber that went without a close frame is kept"),
  "kept-after-exception": churn("a subscriber whose message made the handler throw is kept"),
  "removed-twice": churn("a subscriber that leaves is counted down twice: below zero"),
  "half-open-kept": churn("a silent peer is never dropped: no heartbeat"),
  "descriptor-per-connections": churn("a file descriptor for every 10 connections stays open"),
  "memory-per-connection": churn("4 KiB of heap for each connection stays"),
  "socket-kept": churn("a peer's FIN is not answered: the socket stays in CLOSE_WAIT"),
  "wrong-close-code": churn("a client above the cap is told 1000 (normal), not 1013 (try again later)"),
} as const satisfies Record<string, Planted>;

export const BEHAVIOURS = {
  "jit-warm-up": soak("compiles and optimizes 400 functions in its first 10 s"),
  "cache-to-bound": soak("fills a cache of 16 MiB in its first 10 s of traffic, then replaces entries"),
  sawtooth: soak("makes 512 KiB of garbage for each batch"),
  bursts: soak("holds 8 to 24 MiB for 1 s, every 5 s"),
  "pool-to-maximum": soak("opens 32 descriptors and timers in its first 10 s, then no more"),
  "memory-falls": soak("starts with 32 MiB and lets go of 1 MiB every 500 ms"),
} as const satisfies Record<string, Planted>;

export type FaultName = keyof typeof FAULTS;
export type BehaviourName = keyof typeof BEHAVIOURS;

/** What --list-faults says, for people or, as one JSON document, for the fault matrix. */
export function listPlanted(json: boolean): string {
  const rows = (table: Record<string, Planted>) =>
    Object.entries(table).map(([name, planted]) => ({ name, ...planted }));
  if (json) return JSON.stringify({ faults: rows(FAULTS), behaviours: rows(BEHAVIOURS) });
  const lines = (table: Record<string, Planted>) =>
    rows(table).map(({ name, scenario, breaks }) => `  ${name.padEnd(28)} ${scenario.padEnd(16)} ${breaks}`);
  return ["Faults:", ...lines(FAULTS), "Healthy behaviours:", ...lines(BEHAVIOURS)].join("\n");
}
