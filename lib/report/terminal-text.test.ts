/** Columns are counted as a terminal counts them, and what came from outside cannot move its cursor. */
import assert from "node:assert/strict";
import { test } from "node:test";
import stringWidth from "string-width";
import { clean, clip, isScreen, padEnd, wrap } from "./terminal-text.ts";

const WIDE = "日本語のサーバー 👩‍👩‍👧 é ✅ ready";

test("clip(), padEnd() and wrap() keep to the columns of wide characters, emoji and combining marks, and cut none in two", () => {
  for (let width = 2; width < 40; width++) {
    assert.ok(stringWidth(clip(WIDE, width)) <= width, `${width}: ${clip(WIDE, width)}`);
    for (const line of wrap(WIDE, width)) assert.ok(stringWidth(line) <= width, `${width}: ${line}`);
    assert.ok(stringWidth(padEnd(clip(WIDE, width), width)) === width);
  }
  assert.equal(clip(WIDE, 100), WIDE);
  assert.equal(clip("日本語", 4), "日…");
});

test("clean() leaves nothing that a terminal would obey", () => {
  assert.equal(clean("a\u001b[2J\r\nb\tc\u0007"), "a [2J b c ");
});

test("isScreen() is no log, no screen reader's terminal and no CI", () => {
  assert.equal(isScreen({ isTTY: true }, { TERM: "xterm" }), true);
  for (const environment of [{ TERM: "dumb" }, { CI: "true" }])
    assert.equal(isScreen({ isTTY: true }, environment), false);
  assert.equal(isScreen({}, { TERM: "xterm" }), false);
});
