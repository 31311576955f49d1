/** The free space of a volume as a gauge: one system call a reading, and no descriptor (statfs(2)). */
import { statfsSync } from "node:fs";
import type { Source } from "./gauges.ts";

export function openVolumeSource(directory: string): Source {
  return {
    gauges: ["diskFreeBytes"],
    read() {
      const { bavail, bsize } = statfsSync(directory);
      return { diskFreeBytes: bavail * bsize };
    },
    close: () => {},
  };
}
