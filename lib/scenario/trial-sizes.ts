/** How large each trial of the fault matrix has to be, and what may run beside it. */

export interface Size {
  readonly small: readonly string[];
  readonly full: readonly string[];
}

/** One cycle is too many where there should be none. */
const MADE_UP = ["--corpus", "--max-cycles", "1"];
/** What each list shows at once. */
const FEW_FILES = ["--smoke", "--files", "20,40,80", "--repeats", "1", "--folders", "1"];
/** The collector in which something can be planted. */
const OURS = ["--collector", "node-test"];
/** The smallest that catches each of a scenario's faults, and the one for a claim: */
export const USUAL: Size = { small: ["--smoke"], full: [] };
/** and of those that need others. */
export const SIZES: Record<string, Size> = {
  "idle-soak": { small: ["--duration", "66s", "--ttl", "6s"], full: ["--duration", "120s"] },
  "rapid-restart": { small: ["--cycles", "10"], full: ["--cycles", "25"] },
  "websocket-churn": { small: ["--cycles", "24", "--period", "200ms"], full: ["--cycles", "50"] },
  "container-health": { small: ["--smoke", "--load", "memory"], full: ["--demo"] },
  "container-limits": { small: ["--smoke"], full: ["--demo"] },
  "container-pressure": {
    small: ["--smoke", "--places", "inside", "--settle", "5s"],
    full: ["--demo"],
  },
  "container-restart": { small: ["--smoke", "--within", "5s"], full: ["--demo"] },
  "service-dependencies": { small: ["--smoke"], full: ["--demo"] },
  "import-cycles": { small: [...MADE_UP, "--smoke"], full: MADE_UP },
  ...Object.fromEntries(
    ["collection-scale", "collection-parallel", "collection-interruption"].map((name) => [
      name,
      { small: [...OURS, "--smoke"], full: OURS },
    ]),
  ),
};
/** What is healthy: the hub, or */
export const HEALTHY: Readonly<Record<string, string>> = {
  "import-cycles": "a made-up project without cycles",
  "import-cost": "circles of plain modules",
  "import-reload": "modules that keep nothing",
  "import-deadlock": "locks that are taken in one order",
  "collection-scale": "a collector that lists what is there",
  "collection-parallel": "collectors that share nothing",
  "collection-interruption": "a collector that ends when it is told to",
  "container-health": "containers that stay well",
  "container-limits": "an engine that enforces limits",
  "container-pressure": "containers that live through it, or come back",
  "service-dependencies": "services that follow their database",
  "container-restart": "containers that come back as they were",
};
/** They wait for most of their time; the others take a processor for themselves. */
export const LIGHT = new Set([
  "idle-soak",
  "websocket-churn",
  "websocket-heartbeat",
  "websocket-auth",
  "websocket-leak",
  "container-limits",
  "container-restart",
  "service-dependencies",
  // a process that starts takes a processor for a moment
  "rapid-restart",
  "daemon-lifecycle",
]);
/** Likewise, in their small size. */
export const LIGHT_WHEN_SMALL = new Set(["container-health", "container-pressure"]);
/** It measures how late messages are: nothing may run beside it, unless it is shown by what comes. */
export const QUIET = new Set(["websocket-stream"]);
/** Several at a time are in each other's way: that says nothing of what they find. */
export const PATIENT = ["--min-samples", "80%"];
/** Shown by one cycle of each way to end. */
const AT_ONCE = [
  ...["lock-left", "lock-kept-on-crash", "dead-pid-believed", "reused-pid-believed", "port-kept-by-child"],
  ...["sigterm-ignored", "non-zero-exit", "state-not-idle", "pid-file-left", "child-left"],
] as const;
/** One crowd for each way to go. */
const BY_ONE_CROWD = [
  ...["no-cap", "cap-off-by-one", "kept-after-destroy", "kept-after-exception", "removed-twice"],
  ...["half-open-kept", "descriptor-per-connections", "socket-kept", "wrong-close-code"],
] as const;
/** Shown by a few hundred messages; what is kept for slow clients takes many. */
export const BY_A_SHORT_STREAM = ["event-lost", "event-twice", "event-swapped", "level-leaks", "level-loses"];
const BEATS = ["beat-late", "beat-skips", "beat-some"];
/** Shown by one life. */
const BY_ONE_LIFE = {
  ...{ "both-win": "second-start", "pid-file-after-listening": "alone", "pid-file-of-parent": "alone" },
  ...{ "next-port-not-tried": "port-taken", "clients-not-told": "alone", "sigint-ignored": "second-start" },
  ...{
    "sighup-ends-it": "sighup",
    "last-line-lost": "alone",
    "orphan-has-port": "killed",
    "zombie-left": "alone",
  },
};
/** A few hundred events, and as many as overload is. */
const BY_A_SHORT_BROADCAST = [
  ...["room-leaks", "namespace-leaks", "leave-ignored", "room-loses", "room-late", "polling-twice"],
];
/** What takes longer to show than its scenario's small size, or shows at once. */
export const SMALL: Record<string, readonly string[]> = {
  "ring-unbounded": ["--duration", "15s", "--ttl", "6s"],
  "ttl-ignored": ["--duration", "15s", "--ttl", "6s"],
  "slower-every-start": ["--cycles", "16"],
  ...Object.fromEntries(BY_ONE_CROWD.map((name) => [name, ["--cycles", "6", "--period", "200ms"]])),
  ...Object.fromEntries(AT_ONCE.map((name) => [name, ["--cycles", "6"]])),
  ...Object.fromEntries(BY_A_SHORT_STREAM.map((name) => [name, ["--smoke", "--lasts", "1s"]])),
  ...Object.fromEntries(
    Object.entries(BY_ONE_LIFE).map(([name, life]) => [name, ["--smoke", "--lives", life]]),
  ),
  ...Object.fromEntries(BY_A_SHORT_BROADCAST.map((name) => [name, ["--smoke", "--lasts", "1500ms"]])),
  // so far apart that they are told from what a busy box makes of them
  ...Object.fromEntries(BEATS.map((name) => [name, ["--smoke", "--every", "2s"]])),
  "refused-left-waiting": ["--smoke", "--timeout", "500ms", "--climbs", "1"],
  ...Object.fromEntries(
    ["esm", "cjs", "python"].map((system) => [`slow-${system}-circle`, ["--smoke", "--systems", system]]),
  ),
  ...Object.fromEntries(["cjs", "esm"].map((system) => [`${system}-kept`, ["--smoke", "--systems", system]])),
  ...Object.fromEntries(
    ["threads", "awaits", "python"].map((one) => [`${one}-deadlock`, ["--smoke", "--cases", one]]),
  ),
  ...Object.fromEntries(
    ["misses-files", "counts-twice", "leaves-process"].map((name) => [name, [...OURS, ...FEW_FILES]]),
  ),
  hangs: [...OURS, "--smoke", "--within", "5s"],
  "memory-per-connection": ["--cycles", "45", "--period", "1500ms"],
};
