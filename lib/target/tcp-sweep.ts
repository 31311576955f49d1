/** Reads the kernel's TCP table row by row from held files, as much at a time as there is time for. */
import { closeSync, openSync, readSync } from "node:fs";
import { isAbsent } from "./process-files.ts";
import { TCP_STATES } from "./tcp-sockets.ts";

export interface TcpRow {
  readonly localPort: number;
  /** Its number: an index into TCP_STATES, plus 1. */
  readonly state: number;
  /** Asked for only where it matters: 0 where no process owns the socket. */
  inode(): number;
}

export interface TcpSweep {
  /** Goes on where it stopped, until `stopAtMs` or the end of the table: whether it came to the end. */
  advance(visit: (row: TcpRow) => void, stopAtMs: number): boolean;
  /** The next `advance` begins a new sweep. */
  restart(): void;
  close(): void;
}

/** "sl: address:port address:port st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode …": so much after the state. */
const FIELDS_BEFORE_INODE = 6;
const SPACE = 0x20;
const COLON = 0x3a;
const NEW_LINE = 0x0a;
/** The kernel gives about 4 KiB a read, whatever is asked for. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024);

/** Of the network namespace that the process has now. Throws where the table cannot be opened. */
export function openTcpSweep(pid: number): TcpSweep {
  const tables = [openTable(pid, "tcp", "sockstat", 8), openTable(pid, "tcp6", "sockstat6", 32)].filter(
    (table) => table !== null,
  );
  if (tables.length === 0) throw new Error(`Cannot count sockets: expected /proc/${pid}/net/tcp, got none`);
  let at = 0;
  return {
    advance(visit, stopAtMs) {
      for (; at < tables.length; at++) if (!tables[at]?.advance(visit, stopAtMs)) return false;
      return true;
    },
    restart() {
      at = 0;
      for (const table of tables) table.restart();
    },
    close() {
      for (const table of tables) table.close();
    },
  };
}

function openTable(pid: number, name: string, statistics: string, addressLength: number): TcpSweep | null {
  let table: number | null = null;
  let inUse: number | null = null;
  try {
    table = openSync(`/proc/${pid}/net/${name}`, "r");
    inUse = openSync(`/proc/${pid}/net/${statistics}`, "r");
  } catch (error) {
    if (table !== null) closeSync(table);
    // no IPv6 here
    if (isAbsent(error)) return null;
    throw error;
  }
  const files = { table, inUse };
  let position = 0;
  const advance = (visit: (row: TcpRow) => void, stopAtMs: number) => {
    // an empty table costs milliseconds all the same: all buckets of the hash are walked
    if (position === 0 && isUnused(files.inUse)) return true;
    while (true) {
      const length = readSync(files.table, scratch, 0, scratch.length, position);
      const end = scratch.lastIndexOf(NEW_LINE, length - 1) + 1;
      if (length === 0 || end === 0) return true;
      visitRows(end, position === 0, addressLength, visit);
      position += end;
      if (performance.now() >= stopAtMs) return false;
    }
  };
  return {
    advance,
    restart() {
      position = 0;
    },
    close() {
      closeSync(files.table);
      closeSync(files.inUse);
    },
  };
}

/** "TCP: inuse 5 orphan 0 tw 3 …" or "TCP6: inuse 0"; without any in use, what is in TIME_WAIT is nobody's. */
function isUnused(file: number): boolean {
  const length = readSync(file, scratch, 0, scratch.length, 0);
  return /^TCP6?: inuse 0(?: orphan 0)?\b/m.test(scratch.toString("latin1", 0, length));
}

function visitRows(end: number, withHeading: boolean, addressLength: number, visit: (row: TcpRow) => void) {
  for (let start = withHeading ? scratch.indexOf(NEW_LINE) + 1 : 0; start < end; ) {
    const next = scratch.indexOf(NEW_LINE, start) + 1;
    const address = scratch.indexOf(COLON, start) + 2;
    const port = address + addressLength + 1;
    const state = port + 4 + 1 + addressLength + 1 + 4 + 1;
    visit({
      localPort: readHex(port, 4),
      state: readHex(state, 2),
      inode: () => readInode(state),
    });
    start = next;
  }
}

function readHex(at: number, digits: number): number {
  let value = 0;
  for (let index = at; index < at + digits; index++) {
    const code = scratch[index] ?? 0;
    // "0".."9" and "A".."F"
    value = value * 16 + (code <= 0x39 ? code - 0x30 : code - 0x37);
  }
  return value;
}

function readInode(state: number): number {
  let at = state;
  for (let field = 0; field < FIELDS_BEFORE_INODE; field++) {
    while (at < scratch.length && scratch[at] !== SPACE) at++;
    while (scratch[at] === SPACE) at++;
  }
  return Number.parseInt(scratch.toString("latin1", at, at + 20), 10);
}

export function tcpStateNumber(name: (typeof TCP_STATES)[number]): number {
  return TCP_STATES.indexOf(name) + 1;
}
