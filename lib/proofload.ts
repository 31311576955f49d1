/** The public interface, and all of it: what a scenario outside of this repository is written with. Its workers import proofload/worker. */
export { main } from "./scenario/main.ts";
export {
  atLeast,
  atMost,
  below,
  drawnOn,
  type Measure,
  none,
  skipped,
  so,
  unknown,
  within,
  worst,
} from "./scenario/measure.ts";
export { bytes, count, duration, list, share } from "./scenario/number-options.ts";
export { type Option, optional, repeatable, type Values } from "./scenario/option.ts";
export { type Context, defineScenario, type Facts, type Scenario } from "./scenario/scenario.ts";
export { choice, flag, folder, some, text } from "./scenario/text-options.ts";
export { elapsedMs, increase, namedReadings, readings, type Windows } from "./scenario/windows.ts";
export { formatAmount, formatBytes, formatDuration, formatShare, type Unit } from "./units.ts";
