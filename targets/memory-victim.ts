/**
 * Takes memory until something stops it: what memory-limit sends against a limit, as a process of its own, because a
 * thread that meets the OOM killer takes its whole process with it.
 *
 * It says how far it got on stdout, a line of JSON a step, since a killed process says nothing afterwards. It waits for
 * a line on stdin before it takes anything, and ends when stdin does: it does not outlive the one that started it.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setImmediate as breathe } from "node:timers/promises";
import type { VictimWord } from "../lib/target/victim-word.ts";

const [stepBytes, mostBytes] = process.argv.slice(2).map(Number);
if (!stepBytes || !mostBytes) {
  console.error("Cannot take memory: expected memory-victim.ts STEP_BYTES MOST_BYTES");
  process.exit(2);
}

const input = createInterface({ input: process.stdin });
input.once("line", () => take(stepBytes, mostBytes));
input.once("close", () => process.exit(0));
say("ready", 0);

/**
 * At a process's limit the engine either throws or, when it is its own next collection that gets no memory, aborts with
 * "out of memory". Shared buffers, which it collects less eagerly for, leave it more often the choice.
 */
async function take(step: number, most: number): Promise<void> {
  const taken: Uint8Array[] = [];
  const takenBytes = () => taken.length * step;
  while (takenBytes() < most) {
    try {
      taken.push(new Uint8Array(new SharedArrayBuffer(step)).fill(0xa5));
    } catch {
      say("refused", takenBytes());
      return;
    }
    say("took", takenBytes());
    // stdin may have ended
    await breathe();
  }
  say("enough", takenBytes());
}

function say(said: VictimWord["said"], takenBytes: number): void {
  const status = readFileSync("/proc/self/status", "utf8");
  const bytes = (row: string) => Number(new RegExp(`^${row}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024;
  const word: VictimWord = { said, takenBytes, dataBytes: bytes("VmData"), virtualBytes: bytes("VmSize") };
  process.stdout.write(`${JSON.stringify(word)}\n`);
}
