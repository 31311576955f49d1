/** Starts that contend: two at once, or one more beside one that runs. Exactly one may be there in the end. */
import { type Target, TargetError } from "../target/target.ts";
import type { TargetRun } from "./target-run.ts";

export interface ContestSettings {
  readonly target: TargetRun;
  readonly dir: string;
  readonly port: number;
  readonly stopWithinMs: number;
  /** How long one that has lost may take to say so and leave. */
  readonly loseWithinMs: number;
}

export interface Started {
  readonly winner: Target;
  readonly contestError: string | null;
}

/** Two at the same time: exactly one may be there in the end. Rejects when none is. */
export async function race({
  target,
  dir,
  port,
  stopWithinMs,
  loseWithinMs,
}: ContestSettings): Promise<Started> {
  const launch = () => target.launch({ dir, port, portMayBeTaken: true });
  const both = await Promise.allSettled([launch(), launch()]);
  const won = both.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = both.find((one) => one.status === "rejected");
  if (won.length === 2) await oneEnds(won, loseWithinMs);
  const [winner, other] = won.filter(({ alive }) => alive);
  if (!winner)
    throw failed?.reason ?? new TargetError("Cannot start: expected one of two at once to win, got none");
  await other?.stop(stopWithinMs);
  return { winner, contestError: other ? "of two starts at once both won" : null };
}

/** One more while one runs has to be refused. Answers what went wrong, or null. */
export async function startSecond(settings: ContestSettings): Promise<string | null> {
  const { target, dir, port, stopWithinMs, loseWithinMs } = settings;
  try {
    const second = await target.launch({ dir, port, portMayBeTaken: true });
    // the answer that made it ready may have been the first one's
    await oneEnds([second], loseWithinMs);
    if (second.alive) {
      await second.stop(stopWithinMs);
      return "a second start succeeded while the first one ran";
    }
    return refuseRefusal(second.end?.exitCode ?? null, second.lastLines(), target.isHub);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return refuseRefusal(error.end?.exitCode ?? null, error.lastLines, target.isHub);
  }
}

/** A refusal has to say so: an exit code that is none of success, and of the hub the right words. */
function refuseRefusal(exitCode: number | null, lines: readonly string[], isHub: boolean): string | null {
  if (exitCode === 0) return "a second start was refused, but ended with exit code 0";
  if (!isHub || lines.some((line) => line.includes("already running"))) return null;
  return `a second start did not say "already running", but: ${lines.at(-1) ?? "nothing"}`;
}

/** Resolves when one has ended, or has had time enough. */
export async function oneEnds(targets: readonly Target[], withinMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, withinMs);
  });
  await Promise.race([patience, ...targets.map(({ ended }) => ended)]);
  clearTimeout(timer);
}
