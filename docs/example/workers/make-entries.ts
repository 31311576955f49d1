/** Makes entries in a folder until it has as many as asked, holds them, removes them. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stressor, type Task } from "proofload/worker";

export interface MakeEntries extends Task {
  readonly folder: string;
}

export default stressor(({ amount, folder }: MakeEntries, hold) => {
  const paths: string[] = [];
  while (paths.length < amount && !hold.over) {
    const path = join(folder, `entry-${paths.length}`);
    writeFileSync(path, "");
    paths.push(path);
    hold.report(paths.length);
  }
  hold.untilReleased();
  for (const path of paths) rmSync(path);
  hold.report(0);
  return { made: paths.length };
});
