/** Waits until something holds, and goes on holding: what comes back only to go again has not come back. */
import { lookUntil } from "./abortable.ts";

export interface SteadySettings {
  /** Of performance.now(): from when on it counts. */
  readonly startMs: number;
  /** How soon it has to begin to hold. */
  readonly withinMs: number;
  /** How long it has to hold. */
  readonly steadyMs: number;
  /** Without: it is waited for also where the load was cut short. */
  readonly signal?: AbortSignal;
}

/** Answers when it began to hold for good, counted from the start, in ms; null: not within the time. */
export async function awaitSteady(
  holds: () => boolean,
  { startMs, withinMs, steadyMs, signal }: SteadySettings,
): Promise<number | null> {
  let sinceMs: number | null = null;
  const isSteady = () => {
    const nowMs = performance.now() - startMs;
    sinceMs = holds() ? (sinceMs ?? nowMs) : null;
    return sinceMs !== null && nowMs - sinceMs >= steadyMs;
  };
  await lookUntil(isSteady, withinMs + steadyMs, signal);
  return sinceMs !== null && sinceMs <= withinMs ? sinceMs : null;
}
