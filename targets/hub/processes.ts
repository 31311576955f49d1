/** Which process has a pid, so that it can be told from a later one with the same pid. */
import { readFileSync } from "node:fs";

/** Whether the process that had this pid and started then still runs; without a start time, whether any has the pid. */
export function isAlive(pid: number, startTicks: number | null): boolean {
  if (!hasPid(pid)) return false;
  const now = readProcess(pid);
  if (now?.ended) return false;
  return startTicks === null || now === null || now.startTicks === startTicks;
}

/** What /proc/<pid>/stat says (proc(5)), null where it says nothing: its start in clock ticks after boot is field 22. */
export function readProcess(pid: number): { readonly startTicks: number; readonly ended: boolean } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // the command's name stands in parentheses and may hold anything, so fields are counted after the last one
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // a zombie has ended, though its pid is still taken
    return { startTicks: Number(fields[19]), ended: fields[0] === "Z" || fields[0] === "X" };
  } catch {
    return null;
  }
}

/** Whether any process has this pid. */
export function hasPid(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
