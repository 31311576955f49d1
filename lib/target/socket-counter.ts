/** Counts the TCP connections on a target's listening ports by state, never for long at once: beside 30 000 sockets in TIME_WAIT one look takes 50 ms. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { openTcpSweep, type TcpRow, tcpStateNumber } from "./tcp-sweep.ts";

/**
 * TCP sockets whose local port the target listens on, or has listened on. What it connected to others is not in it. The
 * kernel walks a table that changes meanwhile: while thousands a second come and go, a few may be missed.
 */
interface SocketCounts {
  /** Held by the target, or waiting for it to accept them: all but LISTEN and `closing`. */
  readonly held: number;
  readonly established: number;
  /** The peer has closed, the target has not. */
  readonly closeWait: number;
  /** The kernel's alone: TIME_WAIT, and others that no process owns any more. They end by themselves. */
  readonly closing: number;
}

export interface SocketCounter {
  /** The last full count. Throws while there is none, and when it cannot be told whose ports they are. */
  read(): SocketCounts;
  /** Other processes belong to the target now: looks again at who owns what listens. */
  reconsider(): void;
  /** Counts anew, as fast as it goes without stopping the event loop: for quiet points, where the number must be new. */
  recount(): Promise<void>;
  close(): void;
}

/** What one reading may take; the rest is done at the next. */
const SLICE_MS = 5;
/** The first count is waited for, but not for seconds. */
const FIRST_SLICE_MS = 100;
/** At most this share of one processor's time, where readings come faster than four a second. */
const SHARE = 0.1;

const STATE = {
  established: tcpStateNumber("ESTABLISHED"),
  closeWait: tcpStateNumber("CLOSE_WAIT"),
  timeWait: tcpStateNumber("TIME_WAIT"),
  listen: tcpStateNumber("LISTEN"),
};
/** In these, a socket without an owner is on its way out; in others, it waits to be accepted. */
const CLOSING = new Set(
  (["FIN_WAIT1", "FIN_WAIT2", "LAST_ACK", "CLOSING", "CLOSE"] as const).map(tcpStateNumber),
);

/** `listInodes` lists the sockets that the target's processes hold: dear, asked for only when something new listens. */
export function openSocketCounter(pid: number, listInodes: () => ReadonlySet<number>): SocketCounter {
  const sweep = openTcpSweep(pid);
  const ports = createPorts(listInodes);
  let last: SocketCounts | null = null;
  let tally = openTally();
  let sweeps = 0;
  let spentMs = 0;
  let dueAtMs = 0;

  function startOver() {
    ports.settle();
    tally = openTally();
    spentMs = 0;
    sweep.restart();
  }

  function look(sliceMs: number) {
    const startedMs = performance.now();
    let done = false;
    try {
      done = sweep.advance((row) => {
        if (row.state === STATE.listen) ports.see(row);
        else if (ports.has(row.localPort)) tally.add(row);
      }, startedMs + sliceMs);
    } catch (error) {
      startOver();
      throw error;
    }
    const atMs = performance.now();
    spentMs += atMs - startedMs;
    if (!done) return;
    last = tally.counts;
    sweeps++;
    dueAtMs = atMs + spentMs / SHARE - spentMs;
    startOver();
  }

  return {
    read() {
      if (last === null) look(FIRST_SLICE_MS);
      else if (performance.now() >= dueAtMs) look(SLICE_MS);
      if (last === null)
        throw new Error("the first count of the box's sockets takes long, and is not done yet");
      return last;
    },
    reconsider: ports.reconsider,
    async recount() {
      startOver();
      for (const wanted = sweeps + 1; sweeps < wanted; await nextTurn()) look(SLICE_MS);
    },
    close: sweep.close,
  };
}

/** Each socket once: while others come and go, the kernel gives some rows more than once. */
function openTally() {
  const counts = { held: 0, established: 0, closeWait: 0, closing: 0 };
  const seen = new Set<number>();
  const add = (row: TcpRow) => {
    const inode = row.state === STATE.timeWait ? 0 : row.inode();
    if (inode === 0 && (row.state === STATE.timeWait || CLOSING.has(row.state))) {
      counts.closing++;
      return;
    }
    if (seen.has(inode)) return;
    // what waits to be accepted has none yet
    if (inode !== 0) seen.add(inode);
    counts.held++;
    if (row.state === STATE.established) counts.established++;
    if (row.state === STATE.closeWait) counts.closeWait++;
  };
  return { counts, add };
}

/**
 * Which ports are the target's. One that it listened on once stays its own: connections outlive the listening socket.
 * In each table the kernel gives what listens first, so whose a connection is, is known when its row comes.
 */
function createPorts(listInodes: () => ReadonlySet<number>) {
  const ours = new Set<number>();
  /** By inode, whether it is the target's: of the sweep before, and of this one. */
  let before = new Map<number, boolean>();
  let now = new Map<number, boolean>();
  let strangers = new Map<number, number>();

  function judgeStrangers() {
    const held = listInodes();
    for (const [inode, port] of strangers) {
      now.set(inode, held.has(inode));
      if (held.has(inode)) ours.add(port);
    }
    strangers = new Map();
  }
  return {
    see(row: TcpRow) {
      const inode = row.inode();
      const known = before.get(inode);
      if (known === undefined) strangers.set(inode, row.localPort);
      else now.set(inode, known);
    },
    has(port: number) {
      if (strangers.size > 0) judgeStrangers();
      return ours.has(port);
    },
    /** A sweep is over: what no longer listens is forgotten, what nobody asked about is left for the next. */
    settle() {
      before = now;
      now = new Map();
      strangers = new Map();
    },
    reconsider() {
      before = new Map([...before].filter(([, isOurs]) => isOurs));
    },
  };
}
