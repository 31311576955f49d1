/** Options in a target file: whose they are, and that a misspelt one is told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { allOptions } from "./common-options.ts";
import { readFileOptions } from "./file-options.ts";
import { duration } from "./number-options.ts";

const ALL = allOptions({ options: { warmUp: duration({ default: "1s", help: "help" }) } });
const read = (groups: Parameters<typeof readFileOptions>[2]) => readFileOptions("idle-soak", ALL, groups);

test("readFileOptions() takes a scenario's own over those for all, and leaves what is another's", () => {
  const groups = {
    "idle-soak": { "warm-up": "30s", interval: "1s" },
    "*": { interval: "2s", "target-settle": "3s" },
    "rapid-restart": { cycles: "5", whatever: "x" },
  };
  const options = { "warm-up": "30s", interval: "1s", "target-settle": "3s" };
  assert.deepEqual(read(groups), { options, mistakes: [] });
});

test("readFileOptions() tells each that is none, is not for all, has a field, or comes too late in a file", () => {
  const groups = {
    "idle-soak": { "worm-up": "30s", "target-url": "ws://127.0.0.1:1/" },
    "*": { "warm-up": "30s", "allow-remote": "example.org", intervall: "1s" },
    "idle-soack": {},
  };
  const from = "from the target file";
  assert.deepEqual(read(groups), {
    options: {},
    mistakes: [
      `Cannot take option warm-up for "*" ${from}: it is none that every scenario has; --help lists them`,
      `Cannot take option allow-remote for "*" ${from}: expected --allow-remote with the command`,
      `Cannot take option intervall for "*" ${from}: it is none that every scenario has; did you mean --interval?`,
      `Cannot take option worm-up for "idle-soak" ${from}: there is no such option; did you mean --warm-up?`,
      `Cannot take option target-url for "idle-soak" ${from}: expected it as a field of the file`,
      `Cannot take options for "idle-soack" ${from}: expected a scenario's name, or "*" for all`,
    ],
  });
});
