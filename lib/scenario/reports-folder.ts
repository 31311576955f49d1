/** Whether reports can go where the user wants them: told before anything is made. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { refuseWriting } from "../host/writable.ts";

/** `out` is absolute. Looks at the nearest folder there is, since the rest will be made below it. */
export function refuseOut(out: string): string[] {
  let nearest = out;
  while (!existsSync(nearest)) nearest = dirname(nearest);
  const code = refuseWriting(nearest);
  if (!code) return [];
  return [
    `Cannot write reports to --out: expected a folder that can be made and written to, got "${out}" (${code})`,
  ];
}
