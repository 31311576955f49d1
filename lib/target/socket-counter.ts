/** Counts the TCP connections on a target's listening ports by state, never for long at once: beside 30 000 sockets in TIME_WAIT one look takes 50 ms. */
import { openTcpSweep, type TcpRow, tcpStateNumber } from "./tcp-sweep.ts";

/** TCP sockets whose local port the target listens on, or has listened on. What it connected to others is not in it. */
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
  /** The last full count and how old it is. Throws when it cannot be told which ports are the target's. */
  read(): { readonly counts: SocketCounts; readonly ageMs: number };
  /** Other processes belong to the target now: looks again at who owns what listens. */
  reconsider(): void;
  close(): void;
}

/** What one reading may take; the rest is done at the next. */
const SLICE_MS = 5;
/** At most this share of one processor's time. */
const SHARE = 0.02;

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
export function openSocketCounter(pid: number, listInodes: () => ReadonlySet<string>): SocketCounter {
  const sweep = openTcpSweep(pid);
  const ports = createPorts(listInodes);
  let last: { counts: SocketCounts; atMs: number } | null = null;
  let tally = emptyTally();
  let spentMs = 0;
  let dueAtMs = 0;

  function startOver() {
    ports.settle();
    tally = emptyTally();
    spentMs = 0;
    sweep.restart();
  }

  function look(sliceMs: number) {
    const startedMs = performance.now();
    let done = false;
    try {
      done = sweep.advance((row) => {
        if (row.state === STATE.listen) ports.see(row);
        else if (ports.has(row.localPort)) add(tally, row);
      }, startedMs + sliceMs);
    } catch (error) {
      startOver();
      throw error;
    }
    const atMs = performance.now();
    spentMs += atMs - startedMs;
    if (!done) return;
    last = { counts: tally, atMs };
    dueAtMs = atMs + spentMs / SHARE - spentMs;
    startOver();
  }

  return {
    read() {
      // the first count is waited for
      if (last === null) look(Number.POSITIVE_INFINITY);
      else if (performance.now() >= dueAtMs) look(SLICE_MS);
      if (last === null) throw new Error("Cannot count sockets: expected a table that ends");
      return { counts: last.counts, ageMs: performance.now() - last.atMs };
    },
    reconsider: ports.reconsider,
    close: sweep.close,
  };
}

type Tally = { -readonly [name in keyof SocketCounts]: number };

function emptyTally(): Tally {
  return { held: 0, established: 0, closeWait: 0, closing: 0 };
}

function add(tally: Tally, row: TcpRow): void {
  if (row.state === STATE.timeWait || (CLOSING.has(row.state) && row.inode() === "0")) {
    tally.closing++;
    return;
  }
  tally.held++;
  if (row.state === STATE.established) tally.established++;
  if (row.state === STATE.closeWait) tally.closeWait++;
}

/**
 * Which ports are the target's. One that it listened on once stays its own: connections outlive the listening socket.
 * In each table the kernel gives what listens first, so whose a connection is, is known when its row comes.
 */
function createPorts(listInodes: () => ReadonlySet<string>) {
  const ours = new Set<number>();
  /** By inode, whether it is the target's: of the sweep before, and of this one. */
  let before = new Map<string, boolean>();
  let now = new Map<string, boolean>();
  let strangers = new Map<string, number>();

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
