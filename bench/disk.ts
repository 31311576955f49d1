/** Writing and syncing 2 GiB beside dd and stress-ng --hdd, and filling a volume to its last block beside fallocate. */
import { rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { formatBytes, GIB, MIB } from "../lib/units.ts";
import type * as fillDisk from "../workers/fill-disk.ts";
import type { Contest, Contestant } from "./contest.ts";
import { runOwn } from "./own-load.ts";
import { type StressNg, stressNg } from "./stress-ng.ts";
import type { Workbench } from "./workbench.ts";

const AMOUNT = 2 * GIB;
/** As large as fill-disk's, for all. */
const BLOCK_BYTES = 4 * MIB;
const SPARE_BYTES = GIB;
const VOLUME_BYTES = 512 * MIB;
/** Others may free a little of the volume meanwhile. */
const TRUE_SHARE = 0.98;

export function contestWrite(bench: Workbench): Contest {
  const ng = stressNg(bench);
  const short =
    freeBytes(bench.folder) < AMOUNT + SPARE_BYTES
      ? `needs ${formatBytes(AMOUNT + SPARE_BYTES)} of free space`
      : null;
  const ours = "fill-disk direct";
  const direct = "dd oflag=direct";
  const buffered = "dd conv=fsync";
  const hdd = "stress-ng --hdd 1";
  return {
    name: "write",
    contestants: {
      [ours]: { missing: short, measure: () => writeOwn(bench) },
      [direct]: { missing: short, measure: () => writeDd(bench, "oflag=direct") },
      [buffered]: { missing: short, measure: () => writeDd(bench, "conv=fsync") },
      [hdd]: {
        missing: short ?? ng.missing,
        measure: () => writeStressNg(ng),
      },
    },
    rows: [
      {
        ...{ work: "write 2 GiB and sync", figure: "rate", unit: "MiB/s", ours, peers: [direct, buffered] },
        target: { of: "ratio", atLeast: 0.97 },
      },
      {
        ...{ work: "—", figure: "rate", unit: "MiB/s", ours, peers: [hdd] },
        target: { of: "ratio", atLeast: 1.3 },
      },
    ],
  };
}

export function contestEnospc(bench: Workbench): Contest {
  const missing = process.getuid?.() === 0 ? null : "needs root to mount a small volume";
  const ours = "fill-disk fallocate";
  const peer = "fallocate";
  return {
    name: "enospc",
    contestants: {
      [ours]: onVolume(bench, missing, fillOwn),
      [peer]: onVolume(bench, missing, async (volume) => {
        const words = ["--length", `${freeBytes(volume)}`, join(volume, "all")];
        return (await bench.run("fallocate", words)).wallMs;
      }),
    },
    rows: [
      {
        ...{
          work: `fill ${formatBytes(VOLUME_BYTES)} to ENOSPC`,
          figure: "ms",
          unit: "ms",
          ours,
          peers: [peer],
        },
        target: { of: "ratio", atMost: 2 },
      },
    ],
  };
}

async function writeOwn({ folder }: Workbench) {
  const before = freeBytes(folder);
  const { seen, tookMs } = await runOwn<typeof fillDisk, number>({
    worker: "fill-disk",
    demand: { unit: "bytes", tasks: [{ amount: AMOUNT, folder, method: "direct" }] },
    look: () => freeBytes(folder),
  });
  if (before - seen < AMOUNT * TRUE_SHARE) {
    throw new Error(
      `Cannot count fill-disk: expected ${formatBytes(AMOUNT)} to be gone, got ${formatBytes(before - seen)}`,
    );
  }
  return { rate: AMOUNT / MIB / (tookMs / 1000) };
}

/** The time of the whole process: dd starts in a few milliseconds.  */
async function writeDd(bench: Workbench, how: string) {
  const path = join(bench.folder, "written");
  const words = ["if=/dev/zero", `of=${path}`, "bs=4M", `count=${AMOUNT / BLOCK_BYTES}`, how];
  try {
    const { wallMs } = await bench.run("dd", words);
    return { rate: AMOUNT / MIB / (wallMs / 1000) };
  } finally {
    rmSync(path, { force: true });
  }
}

/**
 * By the time that it says the work took, as by dd's: its own "write rate" leaves out all but the calls. It never syncs, and
 * drops what is not written yet with its unlinked file: an advantage that it is left.
 */
async function writeStressNg(ng: StressNg) {
  const words = [
    "--hdd",
    "1",
    "--hdd-bytes",
    "2g",
    "--hdd-write-size",
    "4m",
    "--hdd-ops",
    `${AMOUNT / BLOCK_BYTES}`,
  ];
  return { rate: AMOUNT / MIB / (await ng.realSeconds(words)) };
}

/** A fresh volume each time. The time counts only when nothing is left on it. */
function onVolume(
  bench: Workbench,
  missing: string | null,
  fill: (folder: string) => Promise<number>,
): Contestant {
  return {
    missing,
    async measure() {
      const volume = bench.mountVolume(VOLUME_BYTES);
      try {
        return { ms: await fill(volume.folder) };
      } finally {
        volume.unmount();
      }
    },
  };
}

async function fillOwn(folder: string): Promise<number> {
  const { seen, tookMs } = await runOwn<typeof fillDisk, number>({
    worker: "fill-disk",
    // more than there is, as disk-exhaustion --to-enospc asks for
    demand: { unit: "bytes", tasks: [{ amount: 2 * VOLUME_BYTES, folder, method: "fallocate" }] },
    look: () => freeBytes(folder),
  });
  if (seen > 0) throw new Error(`Cannot count fill-disk: ${formatBytes(seen)} are still free`);
  return tookMs;
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}
