/** Reads what some source files import, on a thread of its own: parsing is what takes the time. */
import { readFiles } from "../lib/source/read-files.ts";

export default readFiles;
