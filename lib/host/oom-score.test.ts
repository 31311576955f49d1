/** Whom the kernel kills first: read back from the kernel. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { spareFromOom, volunteerAsVictim } from "./oom-score.ts";

const skip = process.platform === "linux" ? false : "needs /proc";
const read = (pid: number | "self") => readFileSync(`/proc/${pid}/oom_score_adj`, "utf8").trim();

test("spareFromOom() gives a child what this process had before volunteerAsVictim(), and nothing before that", {
  skip,
}, async (t) => {
  const before = read("self");
  const child = spawn("sleep", ["60"]);
  t.after(() => child.kill());
  await once(child, "spawn");
  spareFromOom(child.pid as number);
  assert.equal(read(child.pid as number), before);
  assert.equal(volunteerAsVictim(), 1000);
  t.after(() => spareFromOom(process.pid));
  assert.equal(volunteerAsVictim(), 1000);
  assert.equal(read("self"), "1000");
  const second = spawn("sleep", ["60"]);
  t.after(() => second.kill());
  await once(second, "spawn");
  assert.equal(read(second.pid as number), "1000", "it inherits it");
  spareFromOom(second.pid as number);
  assert.equal(read(second.pid as number), before);
  second.kill();
  await once(second, "exit");
  spareFromOom(second.pid as number);
});
