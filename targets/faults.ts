/** Everything that can be planted, in whatever is put under load. */
import { CONTAINER_FAULTS } from "./containers/faults.ts";
import { BEHAVIOURS, FAULTS } from "./hub/faults.ts";
import { PROJECT_BEHAVIOURS, PROJECT_FAULTS } from "./projects/faults.ts";

export const ALL_FAULTS = { ...FAULTS, ...PROJECT_FAULTS, ...CONTAINER_FAULTS };
export const ALL_BEHAVIOURS = { ...BEHAVIOURS, ...PROJECT_BEHAVIOURS };
