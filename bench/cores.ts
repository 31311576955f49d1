/** How many processors there are to load: as many threads on either side. */
import { availableParallelism } from "node:os";

export const CORES = availableParallelism();
