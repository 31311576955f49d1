/** The line that tells most, of what runtimes print when they die. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { tellingLines } from "./last-words.ts";

test("tellingLines() finds the reason above a stack, and takes the last lines where there is none", () => {
  const node = [
    "node:fs:573",
    "  return binding.open(",
    "         ^",
    "",
    "Error: EMFILE: too many open files, open 'x'",
    "    at Object.openSync (node:fs:573:18)",
    "  errno: -24,",
    "}",
    "",
    "Node.js v20.20.2",
  ];
  assert.deepEqual(tellingLines(node, 2), [node[4], node[5]]);
  const python = [
    "Traceback (most recent call last):",
    '  File "x.py", line 1',
    "OSError: [Errno 24] Too many",
  ];
  assert.deepEqual(tellingLines(python, 3), [python[2]]);
  const go = ["starting", "panic: accept: too many open files", "", "goroutine 1 [running]:"];
  assert.deepEqual(tellingLines(go, 9), [go[1], go[3]]);
  assert.deepEqual(tellingLines(["one", "", "errors: 0", "three"], 2), ["errors: 0", "three"]);
  assert.deepEqual(tellingLines([], 2), []);
});
