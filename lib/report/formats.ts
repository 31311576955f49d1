/** Every form that a report can be rendered in, from its JSON alone; the page draws the run's samples where they are at hand. */
import { join } from "node:path";
import type { Format } from "./format-names.ts";
import { annotate } from "./github.ts";
import { readEarlier } from "./history.ts";
import { renderMatrixPage } from "./html/matrix-page.ts";
import { renderReportPage } from "./html/report-page.ts";
import { renderSuitePage } from "./html/suite-page.ts";
import { renderJunit } from "./junit.ts";
import { renderMarkdown } from "./markdown.ts";
import { renderMatrixMarkdown, renderMatrixTable } from "./matrix.ts";
import { renderPrometheus } from "./prometheus.ts";
import { isMatrix, isRun, readReport, type StoredReport } from "./read-report.ts";
import type { Report } from "./report.ts";
import { toJson } from "./run-folder.ts";
import { readSamples } from "./samples.ts";
import { renderSuiteMarkdown, renderSuiteTable } from "./suite.ts";
import { renderSummary } from "./terminal.ts";

export function renderAs(format: Format, stored: StoredReport, width: number): string {
  const { report, run } = stored;
  switch (format) {
    case "terminal":
      return `${renderForTerminal(stored, width)}\n`;
    case "markdown":
      return renderAnyMarkdown(stored);
    case "html":
      return renderPage(stored);
    case "json":
      return toJson(report);
    case "junit":
      return renderJunit(report, (part) => readPart(run, part));
    case "prometheus":
      return renderPrometheus(report);
    case "github":
      return annotate(report)
        .map((line) => `${line}\n`)
        .join("");
  }
}

export function renderAnyMarkdown({ report, run }: StoredReport): string {
  if (isRun(report)) return renderMarkdown(report, readEarlier(run));
  return isMatrix(report) ? renderMatrixMarkdown(report) : renderSuiteMarkdown(report);
}

function renderForTerminal({ report, run }: StoredReport, width: number): string {
  const path = join(run, "report.md");
  if (isRun(report)) return renderSummary(report, path, width);
  return isMatrix(report) ? renderMatrixTable(report, path, width) : renderSuiteTable(report, path, width);
}

export function renderPage({ report, run }: StoredReport): string {
  if (isRun(report)) return renderReportPage(report, readSamples(run)?.samples ?? [], readEarlier(run));
  return isMatrix(report) ? renderMatrixPage(report) : renderSuitePage(report);
}

/** A scenario's own report, of a row of stress-all: `part` is its folder below the reports folder. */
export function readPart(suiteRun: string, part: string): Report | null {
  try {
    const { report } = readReport(join(suiteRun, "..", "..", part));
    return isRun(report) ? report : null;
  } catch {
    // it was removed since: the row says what is left
    return null;
  }
}
