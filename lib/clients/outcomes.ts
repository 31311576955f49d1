/** What became of a batch's connections so far: each ends in one of the tallies, by the stage that it had reached. */
import type { ClientSocket } from "./dial.ts";
import { add } from "./tally.ts";

/** In the order in which a connection passes them, though not through all. */
export const Stage = {
  ...{ connecting: 0, asked: 1, confirming: 2, open: 3, silent: 4 },
  /** Ours to end: by the server's fault, or by a close frame that is sent. */
  ...{ provoking: 5, ending: 6 },
  /** Close frames went both ways, or none will: only the server's FIN is missing. */
  ...{ closing: 7, over: 8 },
};

export function isOpen(socket: ClientSocket | null): socket is ClientSocket {
  return socket?.stage === Stage.open;
}

/** Stands for the end of a connection without a close frame (RFC 6455, 7.4.1). */
export const ABNORMAL = 1006;

/** A server makes up codes and reasons as it likes: no more than these are kept. */
const MAX_REASONS = 32;

export class Outcomes {
  opened = 0;
  interrupted = 0;
  /** Endings that the server did not finish in time. */
  late = 0;
  messages = 0;
  refusedBy: string | null = null;
  readonly refused: Record<string, number> = {};
  readonly failed: Record<string, number> = {};
  /** Closed by the server, unasked, after they were open. */
  readonly closed: Record<string, number> = {};
  /** What ended those that we ended. */
  readonly ended: Record<string, number> = {};
  /** The server's reason, as first given with each close code. */
  readonly reasons: Record<string, string> = {};
  /** From the first SYN to the verified upgrade; negative or NaN where there was none. */
  readonly latencyMs: Float64Array;

  constructor(count: number) {
    this.latencyMs = new Float64Array(count).fill(Number.NaN);
  }

  start(index: number): void {
    this.latencyMs[index] = -performance.now();
  }

  verify(index: number): void {
    this.latencyMs[index] = (this.latencyMs[index] ?? Number.NaN) + performance.now();
  }

  /** Counts one that is over, or as good as over. */
  count(stage: number, kind: string | number): void {
    if (stage < Stage.confirming) add(this.failed, kind);
    else if (stage === Stage.confirming) add(this.refused, kind);
    else if (stage < Stage.provoking) add(this.closed, kind);
    // what a closing one ended with has been counted
    else if (stage < Stage.closing) add(this.ended, kind);
  }

  note(code: number, reason: string): void {
    if (reason && Object.keys(this.reasons).length < MAX_REASONS) this.reasons[code] ??= reason;
  }
}
