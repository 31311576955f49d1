/** Where the engine of `make engine-up` has all that it has. */
import { tmpdir } from "node:os";
import { join } from "node:path";

export const FOLDER = join(tmpdir(), "proofload-engine");
