/** The options that every scenario has. */
import { afterOptions } from "./after-options.ts";
import { bytes, count, duration, share } from "./number-options.ts";
import { type Options, optional } from "./option.ts";
import { PROFILE_NAMES } from "./profile.ts";
import { type TargetOptions, targetOptions } from "./target-options.ts";
import { choice, flag, text } from "./text-options.ts";

export const commonOptions = {
  interval: duration({
    default: "250ms",
    smoke: "100ms",
    min: "10ms",
    max: "1m",
    help: "time between two samples",
  }),
  out: text({ default: "reports", placeholder: "DIR", help: "where reports go; made if it is not there" }),
  profile: optional(
    choice(PROFILE_NAMES, { default: "development", help: "settings for an environment" }),
    "told by the environment",
  ),
  seed: optional(count({ default: "1", help: "repeats the random choices of an earlier run" }), "random"),
  grace: duration({
    default: "10s",
    help: "how long a stressor may take to let go before its thread is destroyed",
  }),
  minMemoryAvailable: share({
    default: "4%",
    help: "guard: end the load when less of the box's memory is available",
  }),
  minDiskFree: bytes({
    default: "256MiB",
    help: "guard: end the load when less of the volume under load is free",
  }),
  maxMemoryPressure: share({
    default: "60%",
    help: "guard: end the load when every task waits for memory this much of the time (PSI full)",
  }),
  maxEventLoopDelay: duration({
    default: "200ms",
    help: "what 99 % of the event loop's delays may reach before it counts as not answering",
  }),
  minSamples: share({
    default: "99%",
    help: "of the samples that have to be taken for a run to be believed: fewer on a box that others keep busy",
  }),
  budget: optional(
    duration({
      default: "1m",
      min: "1s",
      help: "time for the whole run: what is not set shrinks towards its smoke size",
    }),
    "none",
  ),
  smoke: flag({ help: "every option's smallest honest value: a first look in seconds" }),
  dryRun: flag({ help: "print the plan and the most that it would take, and do nothing" }),
  baseline: optional(
    text({
      default: "last-pass",
      placeholder: "FILE|last-pass",
      help: "an earlier run: what is slower or bigger than there by more than 20 %, beyond noise, breaks this one",
    }),
    "none",
  ),
  json: flag({ help: "print the report as one JSON document on stdout, and nothing else" }),
  quiet: flag({ help: "print nothing on a pass" }),
  ...afterOptions,
  ui: flag({ help: "show the run while it lasts in a browser of this box; the page becomes the report" }),
  uiPort: count({
    default: "0",
    max: "65535",
    help: "where --ui listens on 127.0.0.1; 0: any port that is free",
  }),
} as const;

export type CommonOptions = typeof commonOptions & TargetOptions;

/** What a scenario takes beside its own options: a target too, where it has a use for one. */
function sharedOptions({ target }: { readonly target?: { readonly role: string } }): Options {
  return target?.role === "none" ? commonOptions : { ...commonOptions, ...targetOptions };
}

/** Every option of a scenario: the shared ones, and its own. */
export function allOptions(scenario: {
  readonly options: Options;
  readonly target?: { readonly role: string };
}): Options {
  return { ...sharedOptions(scenario), ...scenario.options };
}
