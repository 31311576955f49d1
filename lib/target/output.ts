/**
 * A target's output, read so that it neither fills our memory nor takes our event loop: a few last lines are kept and the
 * rest is let go. In a flood, whole chunks are dropped without a look, and above 100 MB a second the reader makes the
 * writer wait, for at most 10 ms at a time: no log is that fast.
 */
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { plainText } from "./plain-text.ts";

const KEPT_LINES = 50;
const LINE_LENGTH = 400;
const WINDOW_MS = 10;
/** In one window, of each stream: read at all, and looked at line by line. */
const READ_BYTES = 2 ** 20;
const PARSED_BYTES = 2 ** 16;
/** The same while a pattern is awaited: nothing is dropped then, so less can be read. */
const AWAITED_BYTES = 2 ** 18;

/** Colours and cursor movements (ECMA-48), which cleaning alone would leave half of. */
const ESCAPES = new RegExp(
  `${String.fromCharCode(27)}(\\[[0-?]*[ -/]*[@-~]|\\][^\\p{Cc}]*|[@-Z\\\\^_])`,
  "gu",
);

export interface Output {
  readonly readBytes: number;
  readonly droppedBytes: number;
  lastLines(): string[];
  /** Whether a line has matched since the beginning. Nothing is dropped until one has, or until `stopAwaiting`. */
  readonly matched: boolean;
  stopAwaiting(): void;
  /** Resolves when every stream has ended, which takes all children that hold them. */
  readonly closed: Promise<void>;
  /** Stops reading: what a child that lives on writes fails from then on. */
  close(): void;
}

export function followOutput(streams: readonly Readable[], awaited: RegExp | null): Output {
  const lines: string[] = [];
  const counts = { readBytes: 0, droppedBytes: 0 };
  let matched = false;
  let awaiting = awaited;
  const look = (line: string) => {
    if (awaiting?.test(cleanLine(line))) {
      matched = true;
      awaiting = null;
    }
  };
  const readers = streams.map((stream) =>
    readLines(stream, {
      counts,
      isAwaited: () => awaiting !== null,
      add(line) {
        look(line);
        lines.push(line);
        if (lines.length > KEPT_LINES) lines.shift();
      },
      look,
    }),
  );
  return {
    get readBytes() {
      return counts.readBytes;
    },
    get droppedBytes() {
      return counts.droppedBytes;
    },
    get matched() {
      return matched;
    },
    lastLines() {
      // adds to the lines, too
      const unfinished = readers.flatMap((reader) => reader.rest());
      return [...lines, ...unfinished].slice(-KEPT_LINES).map(cleanLine);
    },
    stopAwaiting() {
      awaiting = null;
    },
    closed: Promise.all(readers.map((reader) => reader.closed)).then(() => {}),
    close() {
      for (const stream of streams) stream.destroy();
    },
  };
}

interface Sink {
  readonly counts: { readBytes: number; droppedBytes: number };
  isAwaited(): boolean;
  add(line: string): void;
  /** At a line that is not finished yet: a prompt, say. */
  look(part: string): void;
}

function readLines(stream: Readable, sink: Sink): { rest(): string[]; closed: Promise<void> } {
  let decoder = new StringDecoder("utf8");
  let line = "";
  let passed: Buffer[] = [];
  let passedBytes = 0;
  let gap = false;
  let windowSinceMs = performance.now();
  let spentBytes = 0;

  function parse(chunk: Buffer): void {
    let text = decoder.write(chunk);
    const cut = sink.isAwaited() ? -1 : findLastLines(text);
    if (cut !== -1) {
      line = "";
      text = text.slice(cut);
    }
    const parts = text.split("\n");
    const last = parts.pop() ?? "";
    for (const part of parts) {
      sink.add(line + part.slice(0, LINE_LENGTH * 2));
      line = "";
    }
    // a line without an end must not grow
    if (line.length < LINE_LENGTH * 2) line += last.slice(0, LINE_LENGTH * 2);
    if (line && sink.isAwaited()) sink.look(line);
  }

  /** Of what is passed over, the end is kept: a target's last words may stand behind a flood. */
  function passOver(chunk: Buffer): void {
    passed.push(chunk);
    passedBytes += chunk.length;
    for (let first = passed[0]; first && passedBytes - first.length >= PARSED_BYTES; first = passed[0]) {
      passed.shift();
      passedBytes -= first.length;
      sink.counts.droppedBytes += first.length;
      gap = true;
    }
  }

  /** Looks at it once there is time; behind a gap, from the first whole line on. */
  function catchUp(): void {
    if (passed.length === 0) return;
    const tail = Buffer.concat(passed);
    const start = gap ? tail.indexOf(10) + 1 : 0;
    if (gap) {
      decoder = new StringDecoder("utf8");
      line = "";
      sink.counts.droppedBytes += start;
    }
    passed = [];
    passedBytes = 0;
    gap = false;
    parse(tail.subarray(start));
  }

  function pauseUntilNextWindow(): void {
    stream.pause();
    setTimeout(() => stream.resume(), WINDOW_MS);
  }

  stream.on("data", (chunk: Buffer) => {
    const nowMs = performance.now();
    if (nowMs - windowSinceMs >= WINDOW_MS) {
      windowSinceMs = nowMs;
      spentBytes = 0;
      catchUp();
    }
    sink.counts.readBytes += chunk.length;
    spentBytes += chunk.length;
    const awaited = sink.isAwaited();
    if (awaited || spentBytes <= PARSED_BYTES) {
      catchUp();
      parse(chunk);
    } else passOver(chunk);
    if (spentBytes >= (awaited ? AWAITED_BYTES : READ_BYTES)) pauseUntilNextWindow();
  });
  // a reset of the pipe ends it, as its end does
  stream.on("error", () => {});
  return {
    closed: new Promise((resolve) => stream.once("close", () => resolve())),
    rest() {
      catchUp();
      return line ? [line] : [];
    },
  };
}

/** Where the last lines that are kept begin; -1 where there are no more than those. */
function findLastLines(text: string): number {
  let at = text.length;
  for (let found = 0; found <= KEPT_LINES; found++) {
    if (at <= 0) return -1;
    at = text.lastIndexOf("\n", at - 1);
    if (at === -1) return -1;
  }
  return at + 1;
}

/** What came from outside is data: nothing in it may move a cursor, ring a bell or turn the direction of writing. */
function cleanLine(text: string): string {
  return plainText(text.replace(ESCAPES, ""), LINE_LENGTH);
}
