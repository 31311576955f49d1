/** What people write for durations, sizes and shares, and what they must not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  formatAmount,
  formatBytes,
  formatDuration,
  formatShare,
  GIB,
  KIB,
  MIB,
  parseBytes,
  parseDuration,
  parseShare,
} from "./units.ts";

const refused = ["", " ", "-1", "+1", "1e3", "0x10", "abc", "5 parsecs", "1,5", "NaN", "Infinity", "."];

test("parseDuration() reads units, their sums and a bare number of seconds", () => {
  const written = {
    "0": 0,
    "90": 90_000,
    "1.5": 1500,
    "250ms": 250,
    "90s": 90_000,
    "0.5m": 30_000,
    "1h30m": 5_400_000,
    "2d": 172_800_000,
    "1m500ms": 60_500,
  };
  for (const [text, ms] of Object.entries(written)) assert.equal(parseDuration(text), ms, text);
});

test("parseDuration() refuses a unit that it does not know", () => {
  for (const text of [...refused, "1w", "1S", "s", "1 s", "1h 30m", "1s-", "1constructor", "5MiB"]) {
    assert.equal(parseDuration(text), null, text);
  }
});

test("parseBytes() reads binary, decimal and one-letter units, in any case, and a bare number of bytes", () => {
  const written = {
    "0": 0,
    "4096": 4096,
    "1b": 1,
    "10MB": 10e6,
    "10mb": 10e6,
    "512MiB": 512 * MIB,
    "2 GiB": 2 * GIB,
    "4g": 4 * GIB,
    "1.5k": 1536,
    "0.3": 0,
    "1TB": 1e12,
  };
  for (const [text, bytes] of Object.entries(written)) assert.equal(parseBytes(text), bytes, text);
});

test("parseBytes() refuses a unit that it does not know", () => {
  for (const text of [...refused, "5s", "5 Mi", "5i", "5ib", "5%", "MiB", "10constructor"])
    assert.equal(parseBytes(text), null, text);
});

test("parseShare() reads percent and fractions", () => {
  const written = { "85%": 0.85, "0.85": 0.85, "100%": 1, "1": 1, "0": 0, "0%": 0, "12.5%": 0.125 };
  for (const [text, share] of Object.entries(written)) assert.equal(parseShare(text), share, text);
});

test("parseShare() refuses more than everything, and what is no share", () => {
  for (const text of [...refused, "101%", "100.1%", "1.01", "85", "85 %", "%"]) {
    assert.equal(parseShare(text), null, text);
  }
});

test("formatDuration() chooses the unit, and parseDuration() reads it back without its space", () => {
  const shown = {
    "0 ms": 0,
    "1.5 ms": 1.5,
    "250 ms": 250,
    "1.5 s": 1500,
    "30 s": 30_000,
    "1 min": 60_000,
    "1 min 30 s": 90_000,
    "1 h 30 min": 5_400_000,
    "2 h": 7_200_000,
  };
  for (const [text, ms] of Object.entries(shown)) {
    assert.equal(formatDuration(ms), text);
    assert.equal(parseDuration(text.replaceAll("min", "m").replaceAll(" ", "")), ms);
  }
});

test("formatBytes() chooses the unit, and parseBytes() reads it back", () => {
  const shown = {
    "0 B": 0,
    "1023 B": 1023,
    "1 KiB": KIB,
    "1.5 KiB": 1.5 * KIB,
    "512 MiB": 512 * MIB,
    "2 GiB": 2 * GIB,
  };
  for (const [text, bytes] of Object.entries(shown)) {
    assert.equal(formatBytes(bytes), text);
    assert.equal(parseBytes(text), bytes);
  }
});

test("formatBytes() keeps the sign of what shrank", () => {
  assert.equal(formatBytes(-3 * MIB), "-3 MiB");
});

test("formatShare() and formatAmount() write each unit in its own way", () => {
  assert.equal(formatShare(0.125), "12.5 %");
  assert.equal(formatAmount(0.5, "share"), "50 %");
  assert.equal(formatAmount(KIB, "bytes"), "1 KiB");
  assert.equal(formatAmount(1500, "ms"), "1.5 s");
  assert.equal(formatAmount(1_234_567.891, "count"), "1 234 567.89");
});
