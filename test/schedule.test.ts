/** make install-cron, with the real crontab(1), of a user who has none. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { run, skipReason } from "./command.ts";

const isRoot = process.getuid?.() === 0;
const hasCron = !spawnSync("crontab", ["-V"]).error;
const missing = !isRoot
  ? "only root may change the crontab of another"
  : hasCron
    ? null
    : "no crontab here: install cron";

/** Of nobody(5), who has no jobs. */
const crontab = (...words: string[]) =>
  spawnSync("crontab", ["-u", "nobody", ...words], { encoding: "utf8" }).stdout;
const schedule = (...words: string[]) => run("scripts/schedule.ts", ["--user", "nobody", ...words]);

test("schedule.ts puts a job into the crontab, changes it, and takes it away", {
  skip: skipReason(missing),
}, async (t) => {
  t.after(() => crontab("-r"));
  crontab("-r");
  assert.equal((await schedule()).code, 0);
  const listed = crontab("-l");
  assert.match(
    listed,
    /^# proofload: scripts\/stress-all\.ts --quiet\n17 3 \* \* \* cd .+ && PATH=.+ scripts\/stress-all\.ts --quiet\n$/,
  );
  assert.equal((await schedule("--at", "0 5 * * 1")).code, 0);
  assert.match(crontab("-l"), /^# proofload: [^\n]+\n0 5 \* \* 1 [^\n]+\n$/);
  // cron itself says what is wrong with a time, and keeps what it had
  const wrong = await schedule("--at", "soon");
  assert.deepEqual(
    [wrong.code, /^Cannot change the crontab: .*bad minute/s.test(wrong.stderr)],
    [2, true],
    wrong.stderr,
  );
  assert.equal((await schedule("--remove")).code, 0);
  assert.equal(crontab("-l"), "");
});
