/** `make engine-up`: brings a container engine up for a look around, and says where it listens. */
import { existsSync, mkdirSync } from "node:fs";
import { engineMissing, hostOf, startEngine } from "./daemon.ts";
import { FOLDER } from "./place.ts";

const missing = engineMissing();
if (missing !== null) {
  process.stderr.write(`Cannot bring an engine up: ${missing}\n`);
  process.exit(77);
}
if (existsSync(FOLDER)) {
  process.stderr.write(`Cannot bring an engine up: ${FOLDER} is there already (make engine-down)\n`);
  process.exit(2);
}
mkdirSync(FOLDER, { mode: 0o700 });
await startEngine(FOLDER);
process.stdout.write(`export DOCKER_HOST=${hostOf(FOLDER)}\n`);
