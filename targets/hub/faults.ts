/** What can be planted in the hub: faults, which break one promise each, and healthy behaviours that only look like leaks. */

export interface Planted {
  /** The scenario that must catch it; for a behaviour, the one that must not. */
  readonly scenario: string;
  /** The promise that it breaks, as a fact about the broken hub; for a behaviour, what it does. */
  readonly breaks: string;
}

export interface Fault extends Planted {
  /** Words of the finding that has to tell it: a run that fails for another reason has not caught it. */
  readonly caughtBy: string;
}

const of =
  (scenario: string) =>
  (breaks: string, caughtBy: string): Fault => ({ scenario, breaks, caughtBy });
const soak = of("idle-soak");
const restart = of("rapid-restart");
const churn = of("websocket-churn");
const limit = of("connection-limit");
const heartbeat = of("websocket-heartbeat");
const auth = of("websocket-auth");
const stream = of("websocket-stream");
const leak = of("websocket-leak");
const broadcast = of("socketio-broadcast");
const reconnect = of("socketio-reconnect");
const daemon = of("daemon-lifecycle");
const healthy = (breaks: string): Planted => ({ scenario: "idle-soak", breaks });

export const FAULTS = {
  "ring-unbounded": soak("the ring buffer grows beyond its size", "events are kept, always"),
  "ttl-ignored": soak("events stay in the ring longer than their time to live", "every event was gone"),
  "log-on-heap": soak("every event's log line stays on the heap", "live bytes"),
  "buffers-outside-heap": soak("an ArrayBuffer for each batch stays, outside the heap", "live bytes"),
  "timers-never-cleared": soak("the timer that watches a batch is never cleared", "timers +"),
  "late-leak": soak("heap for each batch stays, from --late-after-ms of running on", "live bytes"),
  "slow-leak-under-sawtooth": soak("1.5 KiB for each batch stays, under much garbage", "live bytes"),
  "descriptor-per-n": soak("a file descriptor for every 50 batches stays open", "descriptors +"),

  "lock-left": restart("the lock file stays after a clean stop", "is left after any"),
  "lock-kept-on-crash": restart(
    "the lock is kept after an exception, and believed at the next start",
    "every start succeeds",
  ),
  "dead-pid-believed": restart(
    "the lock of a dead process is believed: already running",
    "every start succeeds",
  ),
  "reused-pid-believed": restart(
    "the lock is believed when another process has the pid: already running",
    "every start succeeds",
  ),
  "port-kept-by-child": restart(
    "a child inherits the listening socket and keeps the port after the stop",
    "is left after any",
  ),
  "sigterm-ignored": restart("SIGTERM does not stop it", "every stop is clean"),
  "non-zero-exit": restart("a clean stop exits with 1", "every stop is clean"),
  "state-not-idle": restart("the final state is not idle", "the final state is idle"),
  "slower-every-start": restart(
    "each start takes 150 ms longer for every start before it",
    "start times are level",
  ),
  "pid-file-left": restart("the pid file stays after a clean stop", "is left after any"),
  "child-left": restart("a child process outlives the stop", "is left after any"),

  "no-cap": churn("subscribers beyond the cap are taken", "never above the cap"),
  "cap-off-by-one": churn("one subscriber more than the cap is taken", "never above the cap"),
  "kept-after-destroy": churn("a subscriber that went without a close frame is kept", "after an abrupt end"),
  "kept-after-exception": churn(
    "a subscriber whose message made the handler throw is kept",
    "after an exception in its handler",
  ),
  "removed-twice": churn(
    "a subscriber that leaves is counted down twice: below zero",
    "never falls below zero",
  ),
  "half-open-kept": churn("a silent peer is never dropped: no heartbeat", "went silent, half-open"),
  "descriptor-per-connections": churn(
    "a file descriptor for every 10 connections stays open",
    "of its descriptors did not come back",
  ),
  "memory-per-connection": churn("4 KiB of heap for each connection stays", "live bytes"),
  "socket-kept": churn("a peer's FIN is not answered: the socket stays in CLOSE_WAIT", "after an abrupt end"),
  "wrong-close-code": churn(
    "a client above the cap is told 1000 (normal), not 1013 (try again later)",
    "above the cap are told so",
  ),

  "burst-over-cap": limit("the cap is looked at every 50 ms: a burst passes it", "never more than the limit"),
  "place-lost": limit("every refusal costs a place, for good", "the limit is reached"),
  "place-freed-late": limit("a place that is freed can be taken 3 s later", "a place that is freed"),
  "refused-left-waiting": limit("whoever finds it full gets no answer", "left without an answer"),
  "insider-dropped": limit(
    "whoever finds it full takes the place of the first",
    "those inside notice nothing",
  ),

  "beat-late": heartbeat("a heartbeat comes a third later than it is said to", "each comes on time"),
  "beat-skips": heartbeat("every third heartbeat is left out", "each comes on time"),
  "beat-some": heartbeat("one subscriber gets no heartbeat", "comes to every client"),
  "answering-dropped": heartbeat("a pong does not count as an answer", "nobody who answers is dropped"),
  "muted-kept": heartbeat("who answers no ping is never dropped", "is dropped within two intervals"),
  "dropped-late": heartbeat(
    "it takes three unanswered pings more to be dropped",
    "is dropped within two intervals",
  ),
  "subscription-kept": heartbeat("who is dropped for not answering stays subscribed", "is freed within"),

  "no-token-accepted": auth("who shows no token is let in", "whoever shows no good token is refused"),
  "expired-accepted": auth("a token that has ended opens", "whoever shows no good token is refused"),
  "wrong-place-accepted": auth("a token in a cookie opens", "whoever shows no good token is refused"),
  "event-before-auth": auth(
    "who is refused is let in first, told what there is, and then closed",
    "receives a message",
  ),
  "expiry-ignored": auth(
    "a token that ends while its client is connected closes nothing",
    "is closed within",
  ),
  "refusal-kept": auth("4 KiB of heap for each refusal stays", "costs for good at most"),
  "refusal-socket-kept": auth("the socket of who is refused is not closed", "no connection of"),

  "event-lost": stream("one event in a hundred reaches nobody", "none is lost"),
  "event-twice": stream("one event in a hundred comes twice", "none comes twice"),
  "event-swapped": stream("one event in a hundred comes after the next one", "in the order in which"),
  "level-leaks": stream(
    "one event in a hundred reaches also who asked for more than its level",
    "nobody gets what",
  ),
  "level-loses": stream("one event in a hundred is below every level", "none is lost"),
  "slow-buffered": stream(
    "what a slow subscriber does not read is kept for it, without bound",
    "is bounded: ",
  ),
  "slow-stalls": stream("nobody gets anything while one subscriber is slow", "do the others no harm"),

  "manager-per-connection": leak("every connection of a user makes a manager of its own", "never more than"),
  "lookup-race": leak(
    "a look-up does not see what another is just making: two managers",
    "are looked up at once",
  ),
  "users-mixed-up": leak("an event for one user reaches the others, too", "for another user"),
  "manager-kept": leak("one manager in ten is not forgotten by a clean-up", "is cleaned up within"),
  "cleanup-late": leak("a clean-up begins 3 s after it was asked for", "is cleaned up within"),
  "emergency-ignored": leak("an emergency clean-up does nothing", "in an emergency"),
  "messages-kept": leak("what was kept for a user outlives the manager", "no message is kept"),
  "history-per-lookup": leak("4 KiB of heap for each look-up of a user stays", "memory grows by at most"),

  "room-leaks": broadcast(
    "one event in a hundred for a room reaches all of its namespace",
    "nobody gets what",
  ),
  "namespace-leaks": broadcast("one event in a hundred reaches another namespace, too", "nobody gets what"),
  "leave-ignored": broadcast("who leaves a room goes on getting what is for it", "nobody gets what"),
  "room-loses": broadcast("one event in a hundred for a room reaches nobody", "none is lost"),
  "room-late": broadcast("one event in a hundred for a room comes 300 ms later", "in the order in which"),
  "polling-twice": broadcast("one event in a hundred comes twice to who polls", "none comes twice"),
  "upgrade-loses": broadcast("what is sent while a transport is upgraded is lost", "none is lost"),
  "objects-per-batch": broadcast("20 objects for each batch of events stay", "objects more"),

  "newest-dropped": reconnect(
    "when the offline buffer is full, the newest event is dropped",
    "the newest of what",
  ),
  "buffer-unbounded": reconnect("the offline buffer grows beyond its size", "the newest of what"),
  "offline-lost": reconnect("one of the events that were kept is not delivered", "the newest of what"),
  "offline-swapped": reconnect("the newest of what was kept comes first", "in the order in which"),
  "offline-twice": reconnect(
    "what was kept is delivered again at the next reconnect",
    "none of it comes twice",
  ),
  "dead-kept": reconnect("a client that has fallen silent is never found", "is found and removed"),

  "both-win": daemon("where another runs already, it starts all the same", "exactly one"),
  "pid-file-after-listening": daemon(
    "the pid file is written 300 ms after it listens",
    "the pid file is right",
  ),
  "pid-file-of-parent": daemon("the pid file names the process that started it", "the pid file is right"),
  "next-port-not-tried": daemon("of several ports only the first is tried", "the next free one is chosen"),
  "clients-not-told": daemon("clients are cut at the stop, without a word", "clients are told"),
  "sigint-ignored": daemon("SIGINT does not stop it", "stop it cleanly"),
  "sighup-ends-it": daemon("SIGHUP ends it, whatever is declared", "SIGHUP does"),
  "last-line-lost": daemon("the last line of its output is not written", "no output is lost"),
  "orphan-has-port": daemon("a child inherits the listening socket, and outlives it", "no orphan holds"),
  "zombie-left": daemon("a child that has ended is never waited for", "no zombie"),
} as const satisfies Record<string, Fault>;

export const BEHAVIOURS = {
  "jit-warm-up": healthy("compiles and optimizes 400 functions in its first 10 s"),
  "cache-to-bound": healthy("fills a cache of 16 MiB in its first 10 s of traffic, then replaces entries"),
  sawtooth: healthy("makes 512 KiB of garbage for each batch"),
  bursts: healthy("holds 8 to 24 MiB for 1 s, every 5 s"),
  "pool-to-maximum": healthy("opens 32 descriptors and timers in its first 10 s, then no more"),
  "memory-falls": healthy("starts with 32 MiB and lets go of 1 MiB every 500 ms"),
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
