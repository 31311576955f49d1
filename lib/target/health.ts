/**
 * Asks a target for its health all the time, on a new connection each time, and keeps count of answers, latencies and
 * outages in bounded memory. Latencies hold our own event loop's delays, too: the sampler tells those.
 */
import { createHistogram } from "node:perf_hooks";
import { chooseQuestion, type Question } from "./question.ts";

export interface HealthRecord {
  /** What it did when it was asked: "accept" may be the kernel's doing, of a process that is stopped. */
  readonly by: Question["by"];
  readonly asked: number;
  readonly failed: number;
  /** Could not be asked, as this very process was out of descriptors or ports: says nothing of the target. Not in `asked`. */
  readonly notAsked: number;
  readonly latencyMs: {
    readonly p50: number | null;
    readonly p95: number | null;
    readonly p99: number | null;
    readonly max: number | null;
  };
  /** "connect ECONNREFUSED × 3", most first, at most 5. */
  readonly failures: readonly string[];
  /** From the first question that failed to the answer that came again; 0 without a failure. */
  readonly longestOutageMs: number;
}

export interface HealthMonitor {
  /** The last answer's latency and the failures since the previous read; null: no answer since. */
  read(): { readonly latencyMs: number | null; readonly failures: number };
  /** What happened since the last mark, or the beginning. */
  record(): HealthRecord;
  mark(): void;
  /** Asks once more, and resolves when that question has been answered or has failed. */
  answered(): Promise<void>;
  /** Asks nothing while this goes on: what we do to the target ourselves is no outage of its. */
  spare<T>(work: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/** This process's own limits: without a descriptor no name is found either, as its file cannot be read. */
const OWN_LIMITS = /\b(EMFILE|ENFILE|EADDRNOTAVAIL|ENOBUFS|getaddrinfo)\b/;
/** Kinds of failure that are told apart; all others are one. */
const MOST_KINDS = 50;
const MOST_TOLD = 5;

/**
 * Asks at once, then every so often, one question at a time: the first of these that it answers at all. Any answer but an error
 * of the server's own is one.
 */
export function watchHealth(
  questions: readonly [Question, ...Question[]],
  everyMs: number,
  timeoutMs: number,
): HealthMonitor {
  const over = new AbortController();
  const tally = createTally();
  let latest: number | null = null;
  let failuresSinceRead = 0;
  let asking: Promise<void> | null = null;
  let spared = 0;
  let chosen = questions.length === 1 ? questions[0] : null;

  async function askOnce(): Promise<void> {
    chosen ??= await chooseQuestion(questions, timeoutMs, over.signal);
    const startedMs = performance.now();
    const failure = await (chosen ?? questions[0]).ask(timeoutMs, over.signal);
    if (over.signal.aborted) return;
    if (failure === null) {
      latest = performance.now() - startedMs;
      tally.succeed(startedMs, latest);
    } else if (OWN_LIMITS.test(failure)) tally.miss();
    else {
      failuresSinceRead++;
      tally.fail(startedMs, failure);
    }
  }

  function tick(): Promise<void> {
    asking ??= askOnce().finally(() => {
      asking = null;
    });
    return asking;
  }

  const timer = setInterval(() => void (spared === 0 && tick()), everyMs).unref();
  void tick();
  return {
    read() {
      const told = { latencyMs: latest, failures: failuresSinceRead };
      latest = null;
      failuresSinceRead = 0;
      return told;
    },
    record: () => ({ by: (chosen ?? questions[0]).by, ...tally.record() }),
    mark: tally.reset,
    async answered() {
      // what is on its way was asked before now
      await asking;
      if (!over.signal.aborted) await tick();
    },
    async spare(work) {
      spared++;
      try {
        await asking;
        tally.pause();
        return await work();
      } finally {
        spared--;
      }
    },
    async stop() {
      clearInterval(timer);
      over.abort();
      await asking;
    },
  };
}

function createTally() {
  // microseconds, up to an hour
  const latencies = createHistogram({ lowest: 1, highest: 3.6e9, figures: 3 });
  const kinds = new Map<string, number>();
  let counts = { asked: 0, failed: 0, notAsked: 0 };
  let outageSinceMs: number | null = null;
  let longestOutageMs = 0;
  const noteOutage = (untilMs: number) => {
    if (outageSinceMs !== null) longestOutageMs = Math.max(longestOutageMs, untilMs - outageSinceMs);
  };
  const endOutage = (atMs: number) => {
    noteOutage(atMs);
    outageSinceMs = null;
  };

  return {
    succeed(startedMs: number, latencyMs: number): void {
      counts.asked++;
      latencies.record(Math.max(1, Math.round(latencyMs * 1000)));
      endOutage(startedMs + latencyMs);
    },
    fail(startedMs: number, failure: string): void {
      counts.asked++;
      counts.failed++;
      const kind = kinds.has(failure) || kinds.size < MOST_KINDS ? failure : "something else";
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      outageSinceMs ??= startedMs;
    },
    miss(): void {
      counts.notAsked++;
      endOutage(performance.now());
    },
    /** From here on nobody asks for a while: what it does then is not known. */
    pause(): void {
      endOutage(performance.now());
    },
    reset(): void {
      latencies.reset();
      kinds.clear();
      counts = { asked: 0, failed: 0, notAsked: 0 };
      longestOutageMs = 0;
      // one that goes on belongs to what follows from here on only
      if (outageSinceMs !== null) outageSinceMs = performance.now();
    },
    record(): Omit<HealthRecord, "by"> {
      noteOutage(performance.now());
      const answered = counts.asked > counts.failed;
      const percentile = (share: number) => (answered ? latencies.percentile(share) / 1000 : null);
      return {
        ...counts,
        latencyMs: {
          p50: percentile(50),
          p95: percentile(95),
          p99: percentile(99),
          max: answered ? latencies.max / 1000 : null,
        },
        failures: [...kinds]
          .sort(([, a], [, b]) => b - a)
          .slice(0, MOST_TOLD)
          .map(([kind, count]) => `${kind} × ${count}`),
        longestOutageMs,
      };
    },
  };
}
