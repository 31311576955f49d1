/** A victim that nothing stops is stopped by us. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB } from "../units.ts";
import { startVictim } from "./victim.ts";

const skip = process.platform === "linux" ? false : "needs /proc";

test("strike() kills a victim that is paused past the deadline, and says so", { skip }, async (t) => {
  const victim = await startVictim(MIB, 2 * MIB, t.signal, 50);
  t.after(victim.end);
  process.kill(victim.pid, "SIGSTOP");
  const { overdue, signal, last } = await victim.strike();
  assert.deepEqual([overdue, signal, last.said, victim.alive], [true, "SIGKILL", "ready", false]);
});

test("strike() does not call a victim overdue that has enough", { skip }, async (t) => {
  const victim = await startVictim(MIB, 2 * MIB, t.signal);
  t.after(victim.end);
  const { overdue, signal, last } = await victim.strike();
  assert.deepEqual([overdue, signal, last.said, victim.alive], [false, null, "enough", true]);
});
