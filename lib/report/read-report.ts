/** Reads any report that a run has left, of this version or of an older one. */
import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { type Matrix, matrixSchema } from "./matrix.ts";
import { type Report, reportSchema, SCHEMA_VERSION } from "./report.ts";
import { type Suite, suiteSchema } from "./suite.ts";

export type AnyReport = Report | Suite | Matrix;

export interface StoredReport {
  readonly report: AnyReport;
  /** The run's folder, where its samples are. */
  readonly run: string;
}

/** `path`: of a report.json, or of the folder that it is in. Throws an Error in words for the user. */
export function readReport(path: string): StoredReport {
  const file = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? join(path, "report.json") : path;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new Error(`Cannot read ${file}: expected a report.json, or the folder of a run (${code})`);
  }
  try {
    return { report: parseReport(JSON.parse(text)), run: dirname(file) };
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new Error(`Cannot read ${file}: expected a report, got ${why}`);
  }
}

const head = z.object({ schemaVersion: z.int(), scenario: z.string() });

/** Throws on what is no report, and on one of a version that is not known here. */
export function parseReport(json: unknown): AnyReport {
  const { schemaVersion, scenario } = head.parse(json);
  const known = VERSIONS[scenario] ?? { newest: SCHEMA_VERSION, schema: reportSchema };
  if (schemaVersion < 1 || schemaVersion > known.newest)
    throw new Error(`one of version ${schemaVersion}: this Proofload knows 1 to ${known.newest}`);
  // what version 2 has beyond 1 may be left out
  return known.schema.parse({ ...(json as object), schemaVersion: known.newest });
}

/** Those that are no single scenario's. */
const VERSIONS: Readonly<Record<string, { newest: number; schema: z.ZodType<AnyReport> }>> = {
  "stress-all": { newest: 1, schema: suiteSchema },
  "fault-matrix": { newest: 1, schema: matrixSchema },
};

function isSuite(report: AnyReport): report is Suite {
  return report.scenario === "stress-all";
}

export function isMatrix(report: AnyReport): report is Matrix {
  return report.scenario === "fault-matrix";
}

/** Of one scenario. */
export function isRun(report: AnyReport): report is Report {
  return !isSuite(report) && !isMatrix(report);
}
