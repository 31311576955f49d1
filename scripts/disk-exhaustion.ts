#!/usr/bin/env -S sh -c 'd="$(dirname "$(readlink -f "$0")")/.."; exec node --import "$d/node_modules/tsx/dist/loader.mjs" "$0" "$@"'
/** Writes and syncs files up to a limit or to the last block, then gives the space back: all of it. */
import { readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "../lib/scenario/main.ts";
import { atLeast, atMost, type Measure, none, unknown } from "../lib/scenario/measure.ts";
import { bytes, count, duration, share } from "../lib/scenario/number-options.ts";
import { defineScenario } from "../lib/scenario/scenario.ts";
import { choice, flag, folder } from "../lib/scenario/text-options.ts";
import { formatBytes, MIB } from "../lib/units.ts";
import type * as fillDisk from "../workers/fill-disk.ts";

/** statfs(2). */
const TMPFS_MAGIC = 0x01021994;

/** What the slowest disk that one would test is planned to write, bytes a second. */
const PLANNED_BYTES_PER_SECOND = 100 * MIB;

export const scenario = defineScenario({
  summary: "Write and sync files up to a limit or to ENOSPC, then delete them: all space comes back.",
  group: "exhaustion",
  options: {
    dir: folder({ default: ".", help: "the volume to fill, by a folder on it" }),
    limit: bytes({ default: "1GiB", smoke: "256MiB", min: "1MiB", help: "how much to write" }),
    toEnospc: flag({ help: "write until the volume is full, whatever --limit says: for a small volume" }),
    maxFill: bytes({
      default: "8GiB",
      help: "with --to-enospc: the most that may be free, lest it be a large volume",
    }),
    method: choice(["direct", "buffered", "fallocate"], {
      default: "direct",
      help: "past the page cache, through it, or blocks without content",
    }),
    files: count({ default: "2", smoke: "2", min: "1", max: "64", help: "files written at once" }),
    hold: duration({ default: "5s", smoke: "500ms", help: "how long the space stays taken" }),
    settle: duration({ default: "10s", smoke: "5s", help: "how long the space may take to come back" }),
    maxKept: share({ default: "1%", help: "of the space taken that may not come back" }),
  },
  volume: ({ dir, toEnospc }) => ({ path: dir, guarded: !toEnospc }),
  contradictions: ({ dir, limit, toEnospc, maxFill }, _host, given) => {
    const free = freeBytes(dir);
    const wrong: string[] = [];
    if (toEnospc && given.has("limit")) {
      wrong.push("Cannot fill a volume both --to-enospc and to a --limit: expected one of them");
    }
    if (toEnospc && free > maxFill) {
      wrong.push(
        `Cannot fill the volume of ${dir}: expected at most ${formatBytes(maxFill)} free (--max-fill), got ${formatBytes(free)}`,
      );
    }
    if (!toEnospc && limit > free) {
      wrong.push(
        `Cannot write --limit ${formatBytes(limit)} to ${dir}: only ${formatBytes(free)} are free there`,
      );
    }
    return wrong;
  },
  plan: ({ dir, limit, toEnospc, hold, settle, method }) => {
    const amount = toEnospc ? freeBytes(dir) : limit;
    return {
      durationMs: 1000 + (amount / PLANNED_BYTES_PER_SECOND) * 1000 + hold + Math.min(settle, 1000),
      steps: [`write ${formatBytes(amount)} to ${dir} (${method}) and sync it`, "hold it, then delete it"],
      // what is written to a tmpfs is memory
      peak: statfsSync(dir).type === TMPFS_MAGIC ? { memoryBytes: amount } : { diskBytes: amount },
    };
  },

  async run({ options, phase, stress, read, until, temporaryFolder }) {
    const { dir, limit, toEnospc, method, files, hold, settle, maxKept } = options;
    const scratch = temporaryFolder(dir);
    await phase("baseline", { lastsMs: 1000 });
    const baseline = read().diskFreeBytes ?? null;
    // more than there is, so that it is the volume that says stop
    const amount = toEnospc ? freeBytes(dir) * 2 : limit;
    const load = await stress<typeof fillDisk>("fill-disk", {
      unit: "bytes",
      tasks: Array.from({ length: files }, () => ({
        amount: Math.ceil(amount / files),
        folder: scratch,
        method,
      })),
    });
    const lastsMs = (Math.min(amount, freeBytes(dir)) / PLANNED_BYTES_PER_SECOND) * 1000;
    await phase("load", { lastsMs }, () => load.acquire());
    const full = read().diskFreeBytes ?? null;
    const writtenBytes = load.held;
    await phase("hold", { lastsMs: hold });
    const outcomes = await phase("recovery", { lastsMs: settle }, async () => {
      const ended = await load.release();
      const enough = (baseline ?? 0) - maxKept * writtenBytes;
      await until(({ diskFreeBytes }) => (diskFreeBytes ?? 0) >= enough, settle);
      return ended;
    });
    const after = read().diskFreeBytes ?? null;
    const left = readdirSync(scratch);
    const cannotWrite = tryToWrite(scratch);
    rmSync(scratch, { recursive: true });
    return { toEnospc, free: { baseline, full, after }, writtenBytes, outcomes, cannotWrite, left };
  },

  invariants: {
    applied: {
      "the space asked for was taken, or the volume was full": ({ evidence, options }) => {
        const refused = evidence.outcomes.flatMap((outcome) =>
          outcome.ended === "released" && outcome.applied.refusedBy ? [outcome.applied.refusedBy] : [],
        );
        return judgeTaken(evidence, options.toEnospc ? null : options.limit, refused);
      },
    },
    held: {},
    recovered: {
      "all but {maxKept} of the space came back": ({ evidence: { free, writtenBytes }, options }) => {
        if (free.baseline === null || free.after === null) return unknown("free space could not be read");
        if (writtenBytes === 0) return unknown("nothing was written");
        return atMost(Math.max(0, (free.baseline - free.after) / writtenBytes), options.maxKept, "share", [
          `${formatBytes(free.baseline)} free before, ${formatBytes(free.after)} after`,
        ]);
      },
      "a file can be written afterwards": ({ evidence: { cannotWrite } }) =>
        none(cannotWrite ? [cannotWrite] : [], 1, "files"),
      "nothing is left behind": ({ evidence: { left } }) => none(left, 1, "folders"),
    },
  },
});

interface Taken {
  readonly writtenBytes: number;
  readonly free: { readonly baseline: number | null; readonly full: number | null };
}

/** By what the volume says is gone, not by what the stressor says it wrote. */
function judgeTaken({ free, writtenBytes }: Taken, limit: number | null, refused: string[]): Measure {
  if (free.baseline === null || free.full === null) return unknown("free space could not be read");
  const said = [`${formatBytes(writtenBytes)} written`, ...refused.map((code) => `refused by ${code}`)];
  // what else happens on the volume can free or take a little
  if (limit !== null) return atLeast(free.baseline - free.full, limit * 0.98, "bytes", said);
  return atMost(free.full, Math.max(MIB, free.baseline * 0.01), "bytes", said);
}

function freeBytes(dir: string): number {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize;
}

/** What refuses a new file, or null. */
function tryToWrite(dir: string): string | null {
  try {
    writeFileSync(join(dir, "afterwards"), "written after the load\n", { flush: true });
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

await main(import.meta, scenario);
