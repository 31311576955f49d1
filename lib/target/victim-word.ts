/** What a memory victim says: one JSON document a line. */
import { z } from "zod";

/** The memory of the whole process as proc(5) counts it. */
const wordSchema = z.object({
  said: z.enum(["ready", "took", "refused", "enough"]),
  takenBytes: z.number(),
  /** VmData: what RLIMIT_DATA limits. */
  dataBytes: z.number(),
  /** VmSize: what RLIMIT_AS limits. */
  virtualBytes: z.number(),
});
export type VictimWord = z.infer<typeof wordSchema>;

/** Throws where the line is no such word. */
export function readVictimWord(line: string): VictimWord {
  return wordSchema.parse(JSON.parse(line));
}
