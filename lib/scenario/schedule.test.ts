/** What cron and systemd are told is what was meant, whatever stands in it; systemd itself finds no fault with it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { addToCrontab, removeFromCrontab, renderUnits } from "./schedule.ts";

const JOB = {
  folder: "/srv/it's 100%",
  command: "scripts/idle-soak.ts --max-kept 5% --quiet",
  path: "/opt/node/bin:/bin",
};
const OTHERS = "MAILTO=ops@example.org\n# mine\n0 4 * * * backup\n";

test("addToCrontab() adds a job once, and removeFromCrontab() leaves all else as it was", () => {
  const once = addToCrontab(OTHERS, "17 3 * * *", JOB);
  assert.equal(
    once,
    `${OTHERS}# proofload: ${JOB.command}\n17 3 * * * cd '/srv/it'\\''s 100\\%' && PATH=/opt/node/bin:/bin scripts/idle-soak.ts --max-kept 5\\% --quiet\n`,
  );
  const later = addToCrontab(once, "0 5 * * *", JOB);
  assert.deepEqual([later.split("# proofload").length, later.includes("17 3")], [2, false]);
  const two = addToCrontab(later, "0 6 * * *", { ...JOB, command: "scripts/stress-all.ts" });
  assert.equal(removeFromCrontab(two, { ...JOB, command: "scripts/stress-all.ts" }), later);
  assert.equal(removeFromCrontab(later, JOB), OTHERS);
  assert.equal(removeFromCrontab(addToCrontab("", "0 5 * * *", JOB), JOB), "");
});

test("renderUnits() bounds the memory, starts without a shell of its own, and keeps percent signs and dollars as they are", () => {
  const { service, timer } = renderUnits("Mon 03:17", "2G", {
    ...JOB,
    command: 'scripts/x.ts --gauge "a=$b" 5%',
  });
  assert.match(service, /^ExecStart=\/bin\/sh -c "exec scripts\/x\.ts --gauge \\"a=\$\$b\\" 5%%"$/m);
  assert.match(service, /^MemoryMax=2G$/m);
  assert.match(service, /^WorkingDirectory=\/srv\/it's 100%%$/m);
  assert.match(timer, /^OnCalendar=Mon 03:17$/m);
});

const noSystemd = spawnSync("systemd-analyze", ["--version"]).error ? "no systemd-analyze here" : false;
test("systemd-analyze finds no fault with the units of renderUnits(), and one in a unit with a misspelt key", {
  skip: noSystemd,
}, (t) => {
  const folder = mkdtempSync(join(tmpdir(), "schedule-test-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const verify = (service: string) => {
    const units = { "proofload.service": service, "proofload.timer": renderUnits("03:17", "50%", JOB).timer };
    for (const [name, text] of Object.entries(units)) writeFileSync(join(folder, name), text);
    const paths = Object.keys(units).map((name) => join(folder, name));
    const { status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", ...paths], {
      encoding: "utf8",
    });
    return { status, told: `${stdout}${stderr}` };
  };
  const { service } = renderUnits("03:17", "50%", { ...JOB, folder: "/" });
  assert.deepEqual(verify(service), { status: 0, told: "" });
  assert.match(verify(service.replace("MemoryMax", "MemoryMost")).told, /Unknown key.*'MemoryMost'/);
});
