/** Whom clients left behind at a server: waited for when all of them have gone, and judged. */
import { maximum } from "../stats/summary.ts";
import { awaitGone } from "./churn.ts";
import { atMost, type Measure, skipped, unknown } from "./measure.ts";
import type { Options } from "./option.ts";
import type { Context } from "./scenario.ts";

/** Null where they cannot be counted. */
export interface LeftOver {
  readonly leftSubscribers: number | null;
  /** Connections more than there were without them. */
  readonly leftSockets: number | null;
  /** The run was ended before they had had their time. */
  readonly cutShort: boolean;
}

interface Leaving {
  readonly socketsBefore: number | null;
  /** How long those who went may still be counted. */
  readonly settleMs: number;
  /** Lets all of them go. */
  readonly leave: () => Promise<unknown>;
}

/** The recovery of a run: they go, and are looked for until nobody is left, or the time is over. */
export function seeOff(
  { target, phase, signal }: Pick<Context<Options>, "target" | "phase" | "signal">,
  { socketsBefore, settleMs, leave }: Leaving,
): Promise<LeftOver> {
  return phase("recovery", { lastsMs: settleMs }, async () => {
    await leave();
    return awaitGone({ target, socketsBefore, settleMs, signal });
  });
}

/** Holds when each time nobody was left. */
export function judgeLeftOver(times: readonly LeftOver[]): Measure {
  if (times.every(({ leftSubscribers, leftSockets }) => leftSubscribers === null && leftSockets === null))
    return skipped("neither subscribers nor connections can be counted: --gauge subscribers=SOURCE");
  const count = ({ leftSubscribers, leftSockets }: LeftOver) =>
    Math.max(leftSubscribers ?? 0, leftSockets ?? 0);
  const whole = times.filter((one) => !one.cutShort || count(one) <= 0);
  const most = maximum(whole.map(count)) ?? 0;
  if (most <= 0 && whole.length < times.length)
    return unknown("the run was ended before those who went had had their time");
  return atMost(times.length === 0 ? null : most, 0, "count");
}
