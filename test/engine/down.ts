/** `make engine-down`: takes the engine of `make engine-up` away, with its containers and images. */
import { existsSync } from "node:fs";
import { stopEngine } from "./daemon.ts";
import { FOLDER } from "./place.ts";

if (existsSync(FOLDER)) await stopEngine(FOLDER);
else process.stdout.write("There is no engine of ours.\n");
