/** What a person sees: the live line and the summary on the screen of a real terminal, which changes its size meanwhile. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import stringWidth from "string-width";
import { QUICKEST, ROOT, skipReason, temporaryFolder } from "./command.ts";

const skip = skipReason(spawnSync("tmux", ["-V"]).error ? "tmux is not installed" : null);
const { command } = QUICKEST;

/** Far more than a run takes to get there. */
const SHOWN_WITHIN_MS = 60_000;

/** A terminal of so many columns and rows that runs a script of ours; `wait()` resolves when that has ended. */
function openScreen(t: TestContext, columns: number, rows: number, words: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "tmux-test-"));
  const socket = join(folder, "tmux");
  const tmux = (...args: string[]) =>
    spawnSync("tmux", ["-S", socket, "-f", "/dev/null", ...args], { encoding: "utf8" }).stdout;
  // in this order: without its socket nobody can end it
  t.after(() => {
    tmux("kill-server");
    rmSync(folder, { recursive: true });
  });
  const script = [...command, join(ROOT, "scripts/descriptor-exhaustion.ts"), "--smoke", ...words];
  // after other output, at the foot of the screen, as people have it
  const line = `seq 100; env CI= TERM=screen ${script.map((word) => `'${word}'`).join(" ")}; tmux -S '${socket}' wait-for -S ended; exec cat`;
  tmux("new-session", "-d", "-x", String(columns), "-y", String(rows), line);
  return {
    tmux,
    screen: () => tmux("capture-pane", "-p").trimEnd().split("\n"),
    /** All that the run has left, also what has scrolled away. */
    history: () => {
      const lines = tmux("capture-pane", "-p", "-S", "-200").trimEnd().split("\n");
      return lines.slice(lines.indexOf("100") + 1);
    },
    /** Polled: a screen has no event for what is drawn on it. */
    async shows(pattern: RegExp) {
      const untilMs = performance.now() + SHOWN_WITHIN_MS;
      for (let shown = ""; !pattern.test(shown); shown = tmux("capture-pane", "-p")) {
        if (performance.now() > untilMs) throw new Error(`Waited in vain for ${pattern} on:\n${shown}`);
        await delay(50);
      }
    },
    wait: () => tmux("wait-for", "ended"),
  };
}

test("the live line stays one line on a screen that becomes narrow and wide again, and the summary stands alone", {
  skip,
}, async (t) => {
  // each phase is on the screen for long enough to be seen there, however busy the box
  const words = ["--hold", "5s", "--out", temporaryFolder(t)];
  const { tmux, shows, screen, history, wait } = openScreen(t, 120, 40, words);
  await shows(/descriptor-exhaustion {2}(baseline|load|hold)/);
  tmux("resize-window", "-x", "60", "-y", "20");
  await shows(/hold {2}.+ left/);
  assert.equal(screen().filter((line) => / left/.test(line)).length, 1, screen().join("\n"));
  tmux("resize-window", "-x", "80", "-y", "40");
  wait();
  const lines = history();
  assert.ok(!lines.some((line) => / left( |$)/.test(line)), lines.join("\n"));
  for (const line of lines) assert.ok(stringWidth(line) <= 80, line);
  assert.ok(lines.length <= 26, `${lines.length} lines:\n${lines.join("\n")}`);
  const places = [/[▁▂▃▄▅▆▇█]{3}/, /^✅ /, /(PASS|INCONCLUSIVE) descriptor-exhaustion/, /^Report: /].map(
    (pattern) => lines.findIndex((line) => pattern.test(line)),
  );
  assert.ok(!places.includes(-1), lines.join("\n"));
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
  );
});

test("Ctrl-C leaves a whole summary, nothing of the live line, and a cursor", { skip }, async (t) => {
  const { tmux, shows, history, wait } = openScreen(t, 60, 24, [
    "--hold",
    "60s",
    "--out",
    temporaryFolder(t),
  ]);
  await shows(/hold {2}.+ left/);
  tmux("send-keys", "C-c");
  wait();
  const text = history().join("\n");
  assert.match(text, /INTERRUPTED descriptor-exhaustion/);
  assert.match(text, /Interrupted by SIGINT during hold\./);
  assert.doesNotMatch(text, / left {2}/);
  assert.equal(tmux("display-message", "-p", "#{cursor_flag}").trim(), "1");
});
