/** How the way to a report is told on a terminal. */
import { relative } from "node:path";

/** From here where it lies below, else from the root: what can be copied as it is. */
export function showReportPath(run: string): string {
  const shown = relative(process.cwd(), run);
  return `${shown.startsWith("..") ? run : shown}/report.md`;
}
