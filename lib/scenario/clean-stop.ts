/** How a stop went: what was unclean about it, and whether somebody still answers. */
import { connect } from "node:net";
import { constants } from "node:os";
import { connectionOf, parseUrl } from "../target/address.ts";
import type { StopRecord, Target } from "../target/target.ts";
import type { TargetRun } from "./target-run.ts";

/** Null of a clean one, by this signal. A server that has no handler for the signal is ended by it, and that is clean enough. */
export function describeStop(
  { end, forced, tookMs }: Pick<StopRecord, "end" | "forced" | "tookMs">,
  { spec, isHub }: Pick<TargetRun, "spec" | "isHub">,
  stopSignal = spec?.stopSignal ?? "SIGTERM",
): string | null {
  if (forced) return `it had to be killed after ${Math.round(tookMs)} ms`;
  if (end?.exitCode === 0) return null;
  // 128 + its number is how a shell tells it, and how Python's and Java's runtimes end by it
  const bySignal = end?.signal === stopSignal || end?.exitCode === 128 + constants.signals[stopSignal];
  if (!isHub && bySignal) return null;
  return `it ended with ${end?.signal ?? `exit code ${end?.exitCode}`}`;
}

/** Whether somebody accepts connections where it did. */
export async function answers({ url }: Pick<Target, "url">): Promise<boolean> {
  const address = url === null ? null : parseUrl(url);
  if (address === null) return false;
  const socket = connect(connectionOf(address));
  const connected = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  });
  socket.destroy();
  return connected;
}
