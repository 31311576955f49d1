/** Reads what some source files of one project import, on a thread of its own: parsing is what takes the time. */
import { createReader, type ReadBatch } from "../lib/source/read-files.ts";

let reader: ReturnType<typeof createReader> | null = null;

/** The thread lives for one project: what it found out for one batch it knows for the next. */
const readImports: ReadBatch = ({ root, files }) => {
  reader ??= createReader(root);
  return reader(files);
};

export default readImports;
