/** How paths are told to people. */
import { relative } from "node:path";

/** From here where it lies below, else from the root: what can be copied as it is. */
export function showPath(path: string): string {
  const shown = relative(process.cwd(), path);
  return shown.startsWith("..") ? path : shown;
}

export function showReportPath(run: string): string {
  return `${showPath(run)}/report.md`;
}
