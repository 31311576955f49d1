/** Everything that can be planted, in whatever is put under load. */
import { BEHAVIOURS, FAULTS } from "./hub/faults.ts";
import { PROJECT_BEHAVIOURS, PROJECT_FAULTS } from "./projects/faults.ts";

export const ALL_FAULTS = { ...FAULTS, ...PROJECT_FAULTS };
export const ALL_BEHAVIOURS = { ...BEHAVIOURS, ...PROJECT_BEHAVIOURS };
